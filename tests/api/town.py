"""A town in which there is as much of everything as a test asks for, and what it asks of an address about it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import count
from typing import Any

from core import clock
from core.organisation import streets
from tests.api.door import Door
from tests.world import STREET, Person

DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
CHANGE = {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-18"}
FIRST = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; `shown` says how many rows its answer speaks of, so that an empty one proves nothing."""

    method: str
    path: str
    headers: dict[str, str]
    shown: Callable[[Any], int]
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None

    def send(self, door: Door) -> int:
        """Send it; returns the rows of its answer, which is a good one."""
        answer = door.client.request(self.method, self.path, headers=self.headers, params=self.query, json=self.body)
        assert answer.status_code < 300, answer.text
        is_json = answer.headers["content-type"].startswith("application/json")
        return self.shown(answer.json() if is_json else answer.text)


Recipe = Callable[["Town", int], Asked]


class Recipes(dict[str, Recipe]):
    """For every address that lists rows or takes many, by the name of its route: so many more, and what to ask."""

    def enter(self, recipe: Recipe) -> Recipe:
        """Enter a recipe under its name."""
        self[recipe.__name__] = recipe
        return recipe


def rows(name: str) -> Callable[[Any], int]:
    """The rows of a list by its name in the answer."""
    return lambda answer: len(answer[name])


@dataclass
class Town:
    """A district whose rows come from as many streets, committees, sources and people as there are rows."""

    door: Door
    numbers: "count[int]" = field(default_factory=count)
    _street_numbers: "count[int]" = field(default_factory=count)
    _committee_numbers: "count[int]" = field(default_factory=count)

    @cached_property
    def officer(self) -> dict[str, str]:
        return self.door.person("district_officer")

    @cached_property
    def manager(self) -> dict[str, str]:
        return self.door.person("street_manager")

    @cached_property
    def admin(self) -> dict[str, str]:
        return self.door.person("admin")

    @cached_property
    def street_advisor(self) -> dict[str, str]:
        return self.door.person("street_advisor")

    @cached_property
    def somebody(self) -> Person:
        """One resident whom everything happens to."""
        self.door.person("committee_advisor", capacity=100)
        return self.door.world.register(DIBAO)

    @cached_property
    def _divisions(self) -> streets.Divisions:
        return streets.known(self.door.world.database)

    def committees_of(self, street: str) -> list[str]:
        return [code for code, within in self._divisions.committees.items() if within == street]

    def new_committee(self) -> str:
        """One of the usual street, in which nobody has been yet."""
        return self.committees_of(STREET)[next(self._committee_numbers)]

    def far_committee(self) -> str:
        """One of the next street."""
        codes = self._divisions.codes
        return self.committees_of(codes[next(self._street_numbers) % len(codes)])[0]

    def advisor_of(self, committee: str) -> dict[str, str]:
        """Somebody more who works there."""
        return self.door.person("committee_advisor", committees=[committee], street=committee[:9], capacity=100)

    def far_residents(self, number: int, *facts: dict[str, Any]) -> list[Person]:
        """Residents in as many streets, each with somebody who goes there."""
        homes = [self.far_committee() for _ in range(number)]
        for home in homes:
            self.advisor_of(home)
        found = [self.door.world.register(*(facts or (DIBAO,)), committee=home, settle=False) for home in homes]
        self.door.world.settle()
        return found

    def near_residents(self, number: int, *facts: dict[str, Any], committee: str | None = None) -> list[Person]:
        """Residents of one committee."""
        home = committee or self.committees_of(STREET)[0]
        found = [self.door.world.register(*(facts or (DIBAO,)), committee=home, settle=False) for _ in range(number)]
        self.door.world.settle()
        return found

    def accidents(self, number: int) -> Person:
        """Somebody to whom so much more happens, each a duty of the one visit task."""
        world, who = self.door.world, {"person": {"id_number": self.somebody.id_number}}
        for _ in range(number):
            happened = (FIRST + timedelta(days=next(self.numbers))).isoformat()
            world.accept(world.event("change.accident", {**who, "happened_on": happened}))
        world.settle()
        return self.somebody

    def leads(self, resident: Person, number: int) -> None:
        """So many leads about one resident, each a task."""
        world, who = self.door.world, {"person": {"id_number": resident.id_number}}
        world.accept(*(world.event("lead.reported", {**who, "channel": "hotline"}) for _ in range(number)))
        world.settle()

    def a_week_later(self) -> None:
        """What is due within a week is remembered by then."""
        self.door.world.jump_to(clock.today(self.door.world.now) + timedelta(days=7))

    def sources(self, number: int) -> list[str]:
        """As many sources of news, each with a key and a gap in its numbers."""
        found = [f"/songjiang/source-{next(self.numbers)}" for _ in range(number)]
        for source in found:
            self.push(source, 1, 3)
        self.door.world.business.at += timedelta(minutes=6)
        return found

    def push(self, source: str, *sequence: int) -> None:
        """News with these numbers, about nobody who is known."""
        events = [
            self.door.world.event("lead.reported", {"person": {"external_id": "x"}, "channel": "hotline"})
            | {"source": source, "sequence": str(number)}
            for number in sequence
        ]
        answer = self.door.client.post("/v1/alerts", headers=self.door.key(source=source), json=events)
        assert answer.status_code == 202, answer.text

    def be_quiet(self) -> None:
        """What the door does by itself now and then does not fall into what is counted."""
        door = self.door.context.door
        door.overload._look_at = math.inf
        door.feeds.flush()
