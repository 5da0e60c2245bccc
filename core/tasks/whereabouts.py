"""In hospital, or moved, when somebody came: the street advisor says what it comes to (A18)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar, assert_never
from uuid import UUID

from core.errors import Invalid
from core.events.types import EventType
from core.organisation import streets
from core.policy.street_pass import StreetPass
from core.residents.standing import Standing
from core.store.words import AttemptOutcome, DecisionOutcome, TaskKind
from core.tasks import rows as task_rows
from core.tasks.desk import Desk
from rules.facts import FactKind, Problem

_Value = TypeVar("_Value")

# What an attempt finds out about somebody, and how it is put to the street advisor.
_FOUND: Final[Mapping[str, str]] = {
    AttemptOutcome.HOSPITAL: "走访得知住院",
    AttemptOutcome.MOVED: "走访得知已搬离",
}
ABOUT: Final = tuple(_FOUND)
DECISIONS: Final = (DecisionOutcome.PAUSE, DecisionOutcome.MOVED, DecisionOutcome.LEFT, DecisionOutcome.REJECT)


@dataclass(frozen=True, slots=True)
class Particulars:
    """What a decision says beside its outcome: the days of a pause, or the day of a move and where to."""

    from_on: date | None = None
    until: date | None = None
    on: date | None = None
    to_street: str | None = None
    to_committee: str | None = None


def ask(pass_: StreetPass, resident: Standing, outcome: str, on: date) -> UUID | None:
    """Ask the street advisor what it comes to, unless they are asked already; returns the new task."""
    open_tasks = task_rows.open_of(pass_.session, pass_.street, [resident.resident_id])
    if any(task.kind is TaskKind.CONFIRM and task.subject.startswith(f"{outcome}:") for task in open_tasks):
        return None
    desk = Desk(pass_, [resident.resident_id])
    task = desk.open(
        resident,
        TaskKind.CONFIRM,
        due_on=pass_.calendar.shift(pass_.today, pass_.terms.confirm_working_days),
        why=f"{on}{question_of(outcome)}",
        subject=f"{outcome}:{on}",
    )
    desk.write()
    return task.task_id


def question_of(outcome: str) -> str:
    """What the street advisor is asked about somebody."""
    return f"{_FOUND[outcome]}，请核实并登记暂停、迁移或退出"


def event_of(
    pass_: StreetPass, outcome: DecisionOutcome, said: Particulars, result: str | None
) -> tuple[EventType, dict[str, object]] | None:
    """The event that a decision amounts to; None where nothing of it was true. Raises `Invalid`."""
    match outcome:
        case DecisionOutcome.PAUSE:
            began, until = _required("from", said.from_on), said.until
            if until is not None and until < began:
                raise Invalid("暂停的结束日期早于开始日期。", problems=[Problem("until", "order", "不能早于 `from`。")])
            fact: dict[str, object] = {
                "kind": FactKind.PAUSE,
                "valid_from": began.isoformat(),
                "valid_to": until.isoformat() if until else None,
                "reason": result or "走访得知暂不在家",
            }
            return EventType.FACT_RECORDED, {"facts": [fact]}
        case DecisionOutcome.MOVED:
            on, street = _required("on", said.on), _required("to_street", said.to_street)
            committee = _required("to_committee", said.to_committee)
            if streets.load(pass_.session).committees.get(committee) != street:
                raise Invalid(
                    "没有这个居村，或它不在这个街镇。",
                    problems=[Problem("to_committee", "unknown_committee", "请核对街镇和居村的代码。")],
                )
            return EventType.RESIDENT_MOVED, {
                "moved": {"on": on.isoformat(), "to_street": street, "to_committee": committee}
            }
        case DecisionOutcome.LEFT:
            return EventType.RESIDENT_LEFT, {"left_on": _required("on", said.on).isoformat()}
        case DecisionOutcome.REJECT:
            return None
        case DecisionOutcome.CLOSE | DecisionOutcome.EXTEND | DecisionOutcome.CONFIRM | DecisionOutcome.RESTORE:
            raise AssertionError(f"Nobody's whereabouts are decided by {outcome}.")
        case _:
            assert_never(outcome)


def _required(name: str, value: _Value | None) -> _Value:
    if value is None:
        raise Invalid("这样决定还缺少内容。", problems=[Problem(name, "missing", "这样决定须填写这一项。")])
    return value
