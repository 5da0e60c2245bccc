"""The escalation chain of a street: its own, or the district's (A36); never later than the district's."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from core import clock
from core.errors import Invalid, Narrowing
from core.organisation.roles import May
from core.organisation.users import User
from core.policy import rulebooks, working_hours
from core.policy.street_pass import StreetPass
from core.store import bulk
from core.store.database import take_turn
from core.store.models import EscalationChain
from rules.calendar import WorkingCalendar
from rules.facts import Problem
from rules.parameters import StepAction, StepTarget, Value
from rules.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Step:
    """Whom to reach how many working days after a task's due day (before it, if negative), and what for."""

    after_working_days: int
    to: StepTarget
    action: StepAction

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Step":
        """A step as JSON has it."""
        return cls(said["after_working_days"], StepTarget(said["to"]), StepAction(said["action"]))

    def due_at(self, due_on: date, calendar: WorkingCalendar) -> datetime:
        """The instant at which it is due: the opening of its working day; a due day's own is no later than it (A14)."""
        if self.after_working_days == 0:
            return working_hours.opening(calendar.last_working_day(due_on), calendar)
        return working_hours.opening(calendar.shift(due_on, self.after_working_days), calendar)


def next_step_at(
    due_on: date, steps: Sequence[Step], level: int, calendar: WorkingCalendar, *, now: datetime
) -> datetime | None:
    """When the step after `level` fires: a step already past fires in the next working hour."""
    if level >= len(steps):
        return None
    return max(steps[level].due_at(due_on, calendar), working_hours.next_open(now, calendar))


class OwnChain(NamedTuple):
    """The chain a street set for itself."""

    version: int
    steps: tuple[Step, ...]


def of_street(pass_: StreetPass) -> tuple[Step, ...]:
    """The steps of a street, its own or the district's, as a task takes them along."""
    own = own_of(pass_.session, pass_.street)
    return own.steps if own else district(pass_.rulebook, pass_.today)


def shown(session: Session, street: str, *, by: User, now: datetime) -> dict[str, object]:
    """The chain that a street's new tasks take along; `version` counts the street's own."""
    by.require_within(street, May.READ_ESCALATIONS)
    own = own_of(session, street)
    steps = own.steps if own else district(rulebooks.of_street(session, street), clock.today(now))
    version = own.version if own else None
    return {"steps": [asdict(step) for step in steps], "inherited": own is None, "version": version}


def own_of(session: Session, street: str) -> OwnChain | None:
    """The latest chain that a street set for itself, if any."""
    found = session.exec(
        select(EscalationChain)
        .where(EscalationChain.street_code == street)
        .order_by(col(EscalationChain.version).desc())
        .limit(1)
    ).first()
    return OwnChain(found.version, tuple(map(Step.of, found.steps))) if found else None


def district(rulebook: Rulebook, today: date) -> tuple[Step, ...]:
    """The district's chain, policy data like every number."""
    return steps_of(rulebook.parameter("escalation_chain", today))


def steps_of(said: Value) -> tuple[Step, ...]:
    """A chain out of the policy."""
    return tuple(map(Step.of, said.value))


def put(session: Session, street: str, said: Sequence[Mapping[str, Any]], *, by: User, now: datetime) -> int:
    """Store a street's chain for the tasks made from now on; returns its version."""
    by.require_within(street, May.SET_CHAIN)
    steps = tuple(map(Step.of, said))
    _refuse_disorder(steps)
    rulebook, today = rulebooks.of_street(session, street), clock.today(now)
    scheduled = [steps_of(value) for day, value in rulebook.values("escalation_chain") if day > today]
    for wanted in (district(rulebook, today), *scheduled):
        if problems := later_than(steps, wanted):
            raise Narrowing("有人会比全区规定更晚得到提醒。", problems=problems)
    # One writer a street at a time, so that versions have no gaps and no race.
    take_turn(session, street)
    own = own_of(session, street)
    version = own.version + 1 if own else 1
    row = {"street_code": street, "version": version, "steps": steps}
    bulk.insert(session, "escalation_chain", [{**row, "created_at": now, "by_user_id": by.user_id}])
    return version


def _refuse_disorder(steps: Sequence[Step]) -> None:
    days = [step.after_working_days for step in steps]
    if days != sorted(days):
        raise Invalid(
            "各步须按先后次序排列。",
            problems=[Problem("steps", "order", "`after_working_days` 不能越来越小。")],
        )


def later_than(steps: Sequence[Step], district_steps: Sequence[Step]) -> list[Problem]:
    """The steps of the district that have none of the street, to the same people and no later (A36)."""
    left = list(steps)
    problems = []
    for index, wanted in enumerate(district_steps):
        found = next((step for step in left if _stands_for(step, wanted)), None)
        if found is None:
            problems.append(
                Problem(
                    f"steps.{wanted.to}",
                    "narrows",
                    f"全区第 {index + 1} 步在 {wanted.after_working_days} 个工作日时提醒 `{wanted.to}`，"
                    "街镇的规定没有这样早的一步。",
                )
            )
        else:
            left.remove(found)
    return problems


def _stands_for(step: Step, wanted: Step) -> bool:
    if step.to is not wanted.to or step.after_working_days > wanted.after_working_days:
        return False
    return step.action is wanted.action or wanted.action is StepAction.REMIND
