"""How long casework may take: dated numbers with their sources, and the days and moments that follow from them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, Final

from rules.calendar import ONE_DAY, WorkingCalendar
from rules.casework.codes import Urgency
from rules.conditions import Layer
from rules.documents import Path, Reader
from rules.parameters import Check, Parameter, parse_parameter

_ANY_AMOUNT: Final = (0, 1_000_000)


class LimitName(StrEnum):
    """Every number of casework: the parameter's name, and after a dot which part of it."""

    URGENT_NEED = "urgent_need_working_days"
    NEED = "need_working_days"
    PLAN = "plan_working_days"
    PLAN_REVIEW = "plan_review_days"
    PLAN_GOALS = "plan_goals_at_most"
    FOLLOW_UP_URGENT = "follow_up_days.urgent"
    FOLLOW_UP_RISK = "follow_up_days.risk"
    FOLLOW_UP_LEAST = "follow_up_least_working_days"
    FOLLOW_UP_AFTER_END = "follow_up_after_end_days"
    REFERRAL_ANSWER = "referral_answer_working_days"
    REFERRAL_REOPEN = "referral_reopen_days"
    PARTNER_ACCESS = "partner_access_days"
    FIRST_ANSWER_URGENT = "call_first_answer_working_minutes.urgent"
    FIRST_ANSWER = "call_first_answer_working_minutes.normal"
    LEAD_URGENT = "lead_working_days.urgent"
    LEAD = "lead_working_days.normal"
    HAND_OVER = "hand_over_working_days"
    WATCH_CLOSES = "watch_closes_after_ok"
    SMALL_NUMBER = "small_number_below"
    REPORT_CASES = "report_cases_at_most"


# What a street may set for itself, and only shorter than the district.
SHORTENED_BY_STREETS: Final = frozenset(
    (
        LimitName.URGENT_NEED,
        LimitName.NEED,
        LimitName.PLAN,
        LimitName.PLAN_REVIEW,
        LimitName.FOLLOW_UP_URGENT,
        LimitName.FOLLOW_UP_RISK,
        LimitName.REFERRAL_ANSWER,
        LimitName.FIRST_ANSWER_URGENT,
        LimitName.FIRST_ANSWER,
        LimitName.LEAD_URGENT,
        LimitName.LEAD,
    )
)
NEED_LIMITS: Final[Mapping[Urgency, LimitName]] = {
    Urgency.URGENT: LimitName.URGENT_NEED,
    Urgency.NORMAL: LimitName.NEED,
}
LEAD_LIMITS: Final[Mapping[Urgency, LimitName]] = {
    Urgency.URGENT: LimitName.LEAD_URGENT,
    Urgency.NORMAL: LimitName.LEAD,
}
FIRST_ANSWER_LIMITS: Final[Mapping[Urgency, LimitName]] = {
    Urgency.URGENT: LimitName.FIRST_ANSWER_URGENT,
    Urgency.NORMAL: LimitName.FIRST_ANSWER,
}


class Unit(StrEnum):
    """What a number counts. Only the first three make a day or a moment."""

    DAYS = "days"
    WORKING_DAYS = "working_days"
    WORKING_MINUTES = "working_minutes"
    TIMES = "times"
    GOALS = "goals"
    PEOPLE = "people"
    CASES = "cases"


@dataclass(frozen=True, slots=True)
class Limit:
    """One number in force: all of them are local, for the guidance sets none."""

    name: LimitName
    amount: int
    unit: Unit
    reference: str
    layer: Layer

    def as_dict(self) -> dict[str, object]:
        return {
            "name": self.name.value,
            "amount": self.amount,
            "unit": self.unit.value,
            "limit": "local",
            "clause": self.reference,
            "layer": self.layer.value,
        }


def _parts() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name in LimitName:
        parameter, _, part = name.partition(".")
        found[parameter] = (*found.get(parameter, ()), *((part,) if part else ()))
    return found


# By parameter: the parts of its value, none for a plain number.
PARTS: Final = _parts()


def _amounts(parts: tuple[str, ...]) -> Check:
    def read(reader: Reader, raw: Any, path: Path) -> object:
        if not parts:
            return reader.integer(raw, path, *_ANY_AMOUNT)
        entries = reader.mapping(raw, path, parts)
        for part in parts:
            if part not in entries:
                reader.problem((*path, part), "missing", "这一项必须填写。")
        return {part: reader.integer(value, (*path, part), *_ANY_AMOUNT) for part, value in entries.items()}

    return read


_SHAPES: Final[Mapping[str, Check]] = {parameter: _amounts(parts) for parameter, parts in PARTS.items()}


@cache
def bundled() -> Mapping[LimitName, Parameter]:
    """The numbers that come with the product, the parts of a divided one each for itself."""
    folder = resources.files("rules") / "policies" / "parameters" / "casework"
    found: dict[LimitName, Parameter] = {}
    for file in folder.iterdir():
        name, _, kind = file.name.partition(".")
        if kind == "yaml":
            reader = Reader(file.read_text("utf-8"))
            parameter = parse_parameter(reader, name, reader.root, (), shapes=_SHAPES)
            reader.raise_problems()
            if parameter is not None:
                found |= _divided(parameter)
    return found


def _divided(parameter: Parameter) -> dict[LimitName, Parameter]:
    parts = PARTS[parameter.name]
    if not parts:
        return {LimitName(parameter.name): parameter}
    return {
        LimitName(f"{parameter.name}.{part}"): replace(
            parameter, values=tuple((day, replace(value, value=value.value[part])) for day, value in parameter.values)
        )
        for part in parts
    }


def read_limits(reader: Reader, raw: object, path: Path, layer: Layer) -> dict[LimitName, int]:
    """The `limits` of a document: plain numbers by name, of a divided one any of its parts.

    The district keeps within the bundled parameter's range. For a street only its lower end is read here: above it the
    question is whether the number is longer than the district's.
    """
    found: dict[LimitName, int] = {}
    for name, value in reader.mapping(raw, path, PARTS).items():
        here = (*path, name)
        stated = reader.mapping(value, here, PARTS[name]) if PARTS[name] else {"": value}
        for part, each in stated.items():
            limit = LimitName(f"{name}.{part}" if part else name)
            low, high = bundled()[limit].limits or _ANY_AMOUNT
            highest = _ANY_AMOUNT[1] if layer is Layer.STREET else high
            number = reader.integer(each, (*here, part) if part else here, low, highest)
            if number is not None:
                found[limit] = number
    return found


def due_on(limit: Limit, since: date, calendar: WorkingCalendar) -> date:
    """The last day of a limit that counts from a day, which itself does not count."""
    match limit.unit:
        case Unit.WORKING_DAYS:
            return calendar.shift(since, limit.amount)
        case Unit.DAYS:
            return since + timedelta(days=limit.amount)
        case _:
            raise ValueError(f"{limit.name} does not end on a day.")


def follow_up_due_on(
    limit: Limit, least: Limit, service_date: date, recorded_on: date, calendar: WorkingCalendar
) -> date:
    """The due day of a follow-up: from the day of service, but never sooner after its recording than the least (B5)."""
    return max(due_on(limit, service_date, calendar), due_on(least, recorded_on, calendar))


def answer_by(limit: Limit, at: datetime, calendar: WorkingCalendar, *, opens: time, closes: time) -> datetime:
    """The moment by which a call has its first answer, in minutes of the hotline's hours (B15).

    `at` by the clock of the place; a call outside the hours counts from the next opening.
    """
    if limit.unit is not Unit.WORKING_MINUTES:
        raise ValueError(f"{limit.name} does not count minutes.")
    if opens >= closes:
        raise ValueError("A hotline opens before it closes.")
    left = timedelta(minutes=limit.amount)
    day = at.date()
    while True:
        if calendar.is_working(day):
            begins = max(at, datetime.combine(day, opens, at.tzinfo))
            room = datetime.combine(day, closes, at.tzinfo) - begins
            if room >= left:
                return begins + left
            left -= max(room, timedelta())
        day += ONE_DAY
