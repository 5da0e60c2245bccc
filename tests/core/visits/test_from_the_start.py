"""Whoever is visited by mistaken records that are corrected stands as if these had been right from the start (A27).

Two people live the same year. What is written about one of them is right at once; about the other it is wrong, and
corrected, merged or voided later. In the end nothing tells them apart.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from core import clock
from core.organisation.users import User
from core.tasks import actions
from tests.core.visits.acts import ALL_WELL, CHANGE, EDGE, RISK, correct, void
from tests.world import Person, World

_MODES = ("home_visit", "home_visit", "phone", "wechat", "reception")


@dataclass
class Pair:
    """Somebody about whom everything is written down rightly, and somebody about whom it is corrected later."""

    world: World
    right: Person
    wrong: Person
    dice: random.Random
    li: User
    advisor: User
    mistakes: list[Callable[[], object]] = field(default_factory=list)

    def visit(self) -> None:
        """Both are visited; of the second one something else is written down first."""
        by = self.dice.choice([self.li, self.li, self.advisor])
        on = clock.today(self.world.now) - timedelta(days=self.dice.choice([0, 0, 0, 3, 20]))
        truth: dict[str, Any] = {
            "mode": self.dice.choice(_MODES),
            "met": self.dice.random() < 0.75,
            "dimensions": self.dice.choice([None, ALL_WELL, RISK]),
            "initiated_by": self.dice.choice(["advisor", "advisor", "resident"]),
        }
        if self._is_near_another(on):
            return
        self.right.visit(by, on=on, **truth)
        match self.dice.choice(["right", "mode", "met", "found", "day"]):
            case "mode":
                self._write_wrongly(by, on, truth, {"mode": self.dice.choice(_MODES)}, {"mode": truth["mode"]})
            case "met":
                said = {str(self.wrong.id): truth["met"]}
                self._write_wrongly(by, on, truth, {"met": not truth["met"]}, {"met": said})
            case "found":
                told = self.dice.choice([ALL_WELL, RISK])
                self._write_wrongly(by, on, truth, {"dimensions": told}, {"dimensions": truth["dimensions"]})
            case "day":
                other = on - timedelta(days=self.dice.choice([1, 9]))
                self._write_wrongly(by, other, truth, {}, {"service_date": on.isoformat()})
            case _:
                self.wrong.visit(by, on=on, **truth)

    def never(self) -> None:
        """Somebody writes down a visit that never was."""
        on = clock.today(self.world.now)
        if not self._is_near_another(on):
            visit = self.wrong.visit(self.li, on=on, met=self.dice.random() < 0.5, dimensions=RISK)
            self.mistakes.append(lambda: void(self.world, visit, self.li))

    def mend(self) -> None:
        """The mistakes of these weeks come out, in whatever order."""
        self.dice.shuffle(self.mistakes)
        while self.mistakes:
            self.mistakes.pop()()

    def _write_wrongly(
        self, by: User, on: date, truth: dict[str, Any], instead: dict[str, Any], correction: dict[str, Any]
    ) -> None:
        visit = self.wrong.visit(by, on=on, **{**truth, **instead})
        self.mistakes.append(lambda: correct(self.world, visit, self.dice.choice([by, self.advisor]), **correction))

    def _is_near_another(self, on: date) -> bool:
        """Whether a visit is recorded of either about that day: mended, two would be the same one."""
        return bool(
            self.world.rows(
                "SELECT 1 FROM visit_resident WHERE service_date BETWEEN :first AND :last AND resident_id = ANY(:ids)",
                first=on - timedelta(days=10),
                last=on + timedelta(days=10),
                ids=[self.right.id, self.wrong.id],
            )
        )

    def approve(self) -> None:
        """The street advisor lets every late entry and late correction count."""
        for person in (self.right, self.wrong):
            for task in person.tasks("confirm"):
                if task.state == "open":
                    with self.world.database.transaction(self.advisor.scope) as session:
                        actions.decide(
                            session,
                            task.task_id,
                            "confirm",
                            None,
                            "属实",
                            self.world.keys,
                            by=self.advisor,
                            now=self.world.now,
                        )


def standing(person: Person) -> dict[str, Any]:
    """Everything about somebody's duties and open tasks that does not name them."""
    world = person.world
    visits = {
        row.visit_id: row.service_date
        for row in world.rows("SELECT visit_id, service_date FROM visit_resident WHERE resident_id = :id", id=person.id)
    }
    duties = []
    for kind in ("periodic", "response", "follow_up"):
        for occasion, duty in person.duties(kind).items():
            # That it was owed for a while stays on record; of what was never owed there is no row at all.
            if duty.state == "cancelled" and duty.reason in ("retracted", "joined"):
                continue
            if kind == "follow_up":
                occasion = str(visits[UUID(occasion.partition(":")[2])])
            credited = visits.get(duty.credited_visit_id)
            told = (duty.starts_on, duty.due_on, duty.state, duty.reason, credited, duty.made_up_on, duty.late_entry)
            duties.append((kind, duty.tier, occasion.partition("@")[0], *told))
    tasks = sorted(
        (task.kind, task.due_on)
        for kind in ("visit", "follow_up")
        for task in person.tasks(kind)
        if task.state == "open"
    )
    return {"duties": sorted(map(str, duties)), "tasks": tasks}


@pytest.mark.parametrize("seed", range(4))
def test_a27_corrected_records_leave_what_right_ones_had_left(world: World, seed: int) -> None:
    dice = random.Random(seed)
    facts = dice.choice([[EDGE], [EDGE, CHANGE]])
    pair = Pair(world, world.register(*facts), world.register(*facts), dice, world.user(), world.user("street_advisor"))
    for _ in range(14):
        world.jump_to(clock.today(world.now) + timedelta(days=dice.choice([5, 11, 17])))
        pair.never() if dice.random() < 0.3 else pair.visit()
        if dice.random() < 0.15:
            # Days are gone through again, not hours: a visit and news of one day are told apart only as they come.
            world.jump_to(clock.today(world.now) + timedelta(days=1))
            for person in (pair.right, pair.wrong):
                world.send("warning.illness_poverty", person, pushed_on=clock.today(world.now).isoformat())
        world.business.at += timedelta(minutes=5)
        if dice.random() < 0.4:
            pair.mend()
            pair.approve()
    pair.mend()
    pair.approve()
    assert standing(pair.wrong) == standing(pair.right), f"seed {seed}"
