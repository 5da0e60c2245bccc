"""The numbers and lists of the policy: each value with its first day, its unit and its source."""

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, assert_never

from rules.calendar import Frequency
from rules.documents import Path, Reader
from rules.facts import BASES, CAUSES, COVERED_TAGS, TIERS, Tier, parse_date

TEXT_CHARACTERS: Final = 500
FEED_WATCH: Final = (
    "history_days",
    "least_days",
    "least_intervals",
    "interval_percent",
    "rest_day_percent",
    "silent_after_intervals",
    "gap_grace_minutes",
    "sequence_window",
    "restart_below",
    "volume_least_days",
    "volume_deviations",
    "volume_least_percent",
    "volume_least_events",
)
_ANY_INTEGER: Final = (0, 1_000_000)
_STEP_DAYS: Final = (-3, 60)
_MONTH_DAY: Final = re.compile(r"\d{2}-\d{2}", re.ASCII)
_MOMENT: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


class Mode(StrEnum):
    """How a contact took place (domain §6)."""

    HOME_VISIT = "home_visit"
    RECEPTION = "reception"
    PHONE = "phone"
    WECHAT = "wechat"
    BUILDING_VIDEO = "building_video"
    OTHER = "other"


class Initiator(StrEnum):
    """Who began a contact (A19)."""

    RESIDENT = "resident"
    ADVISOR = "advisor"


class VisitorRole(StrEnum):
    """As what somebody visited. Whose visits may discharge a duty is a parameter; what others tell is a lead (A20)."""

    STREET_ADVISOR = "street_advisor"
    COMMITTEE_ADVISOR = "committee_advisor"
    GRID_WORKER = "grid_worker"
    VOLUNTEER = "volunteer"
    SOCIAL_WORKER = "social_worker"
    RELATIVE = "relative"
    NEIGHBOUR = "neighbour"
    FAMILY_DOCTOR = "family_doctor"


# The five who can discharge a duty (A20).
CREDITABLE: Final = (
    VisitorRole.STREET_ADVISOR,
    VisitorRole.COMMITTEE_ADVISOR,
    VisitorRole.GRID_WORKER,
    VisitorRole.VOLUNTEER,
    VisitorRole.SOCIAL_WORKER,
)


class StepTarget(StrEnum):
    """Whom a step of an escalation chain reaches (A36)."""

    ASSIGNEE = "assignee"
    COMMITTEE = "committee"
    STREET_ADVISOR = "street_advisor"
    STREET_MANAGER = "street_manager"
    DISTRICT_OFFICER = "district_officer"

    @property
    def label(self) -> str:
        """What people call it."""
        match self:
            case StepTarget.ASSIGNEE:
                return "办理人"
            case StepTarget.COMMITTEE:
                return "居村"
            case StepTarget.STREET_ADVISOR:
                return "街镇救助顾问"
            case StepTarget.STREET_MANAGER:
                return "街镇负责人"
            case StepTarget.DISTRICT_OFFICER:
                return "区级经办人"
            case _:
                assert_never(self)


class StepAction(StrEnum):
    """What a step of an escalation chain does."""

    REMIND = "remind"
    REASSIGN = "reassign"
    RAISE = "raise"

    @property
    def label(self) -> str:
        """What people call it."""
        match self:
            case StepAction.REMIND:
                return "提醒"
            case StepAction.REASSIGN:
                return "改派"
            case StepAction.RAISE:
                return "上报"
            case _:
                assert_never(self)


@dataclass(frozen=True, slots=True)
class Value:
    """What a parameter is from a day on, where that stands, and which settled question it answers."""

    value: Any
    reference: str
    settled: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A number or list of the policy over time, each value with its source."""

    name: str
    description: str
    unit: str
    # Oldest first, one value a day.
    values: tuple[tuple[date, Value], ...]
    # What the district may set, where the policy says so.
    limits: tuple[int, int] | None = None

    def on(self, day: date) -> Value | None:
        """The value in force on a day, or None before the first: what held then is not known."""
        index = bisect_right(self.values, day, key=lambda item: item[0])
        return self.values[index - 1][1] if index else None

    def overlaid(self, own: "Parameter") -> "Parameter":
        """These values with another's laid over them, day by day."""
        merged = dict(self.values) | dict(own.values)
        return replace(self, values=tuple(sorted(merged.items(), key=lambda item: item[0])))


Check = Callable[[Reader, Any, Path], Any]


def _words(known: tuple[str, ...]) -> Check:
    return lambda reader, raw, path: reader.choices(raw, path, known)


def _for_each(names: tuple[str, ...], check: Check) -> Check:
    """A mapping that says something for every one of these names."""

    def read(reader: Reader, raw: Any, path: Path) -> dict[str, Any]:
        entries = reader.mapping(raw, path, names)
        for name in names:
            if name not in entries:
                reader.problem((*path, name), "missing", "这一项必须填写。")
        return {name: check(reader, value, (*path, name)) for name, value in entries.items()}

    return read


def _number(low: int, high: int) -> Check:
    return lambda reader, raw, path: reader.integer(raw, path, low, high)


def _frequency(reader: Reader, raw: Any, path: Path) -> str | None:
    return reader.choice(raw, path, tuple(Frequency))


def _grades(reader: Reader, raw: Any, path: Path) -> tuple[tuple[int, int], ...]:
    """Pairs of grade and category that count, from a list of grades with their categories."""
    pairs: list[tuple[int, int]] = []
    for index, item in enumerate(reader.sequence(raw, path)):
        here = (*path, index)
        entry = reader.mapping(item, here, ("grade", "categories"))
        grade = reader.integer(entry.get("grade"), (*here, "grade"), 1, 4)
        for n, category in enumerate(reader.sequence(entry.get("categories"), (*here, "categories"))):
            found = reader.integer(category, (*here, "categories", n), 1, 7)
            if grade is not None and found is not None:
                pairs.append((grade, found))
    return tuple(pairs)


def _steps(reader: Reader, raw: Any, path: Path) -> tuple[dict[str, int | str], ...]:
    steps: list[dict[str, int | str]] = []
    for index, item in enumerate(reader.sequence(raw, path)):
        here = (*path, index)
        entry = reader.mapping(item, here, ("after_working_days", "to", "action"))
        days = reader.integer(entry.get("after_working_days"), (*here, "after_working_days"), *_STEP_DAYS)
        to = reader.choice(entry.get("to"), (*here, "to"), tuple(StepTarget))
        action = reader.choice(entry.get("action"), (*here, "action"), tuple(StepAction))
        if days is not None and to and action:
            steps.append({"after_working_days": days, "to": to, "action": action})
    return tuple(steps)


def _moment(reader: Reader, raw: Any, path: Path) -> str:
    text = reader.text(raw, path, 5)
    if text and not _MOMENT.fullmatch(text):
        reader.problem(path, "time", "应当是带引号的 `HH:MM` 时刻。")
    return text


def _hours(reader: Reader, raw: Any, path: Path) -> dict[str, Any]:
    found: dict[str, Any] = _for_each(("from", "to"), _moment)(reader, raw, path)
    if len(found) == 2 and found["from"] >= found["to"]:
        reader.problem(path, "order", "`from` 必须早于 `to`。")
    return found


def _month_days(reader: Reader, raw: Any, path: Path) -> tuple[str, ...]:
    found: list[str] = []
    for index, item in enumerate(reader.sequence(raw, path)):
        text = reader.text(item, (*path, index), 5)
        # In a leap year, so that the 29th of February is a day.
        if _MONTH_DAY.fullmatch(text) and parse_date(f"2024-{text}"):
            found.append(text)
        elif text:
            reader.problem((*path, index), "date", "应当是带引号的 `MM-DD`。")
    return tuple(found)


_INTEGER: Final = _number(*_ANY_INTEGER)
# Every parameter the product knows, and the shape of its value. The values are data: policies/parameters/.
SHAPES: Final[Mapping[str, Check]] = {
    "batch_working_day": _INTEGER,
    "confirm_working_days": _INTEGER,
    "crediting_roles": _words(CREDITABLE),
    "due_soon": _for_each(("month_days", "share_of_period"), _number(1, 100)),
    "entry_days": _for_each(tuple(Frequency), _number(0, 184)),
    "escalation_chain": _steps,
    "escalation_hours": _hours,
    "excuse_days_after_close": _INTEGER,
    "extension_days": _INTEGER,
    "feed_watch": _for_each(FEED_WATCH, _number(1, 1_000_000)),
    "fixed_holidays": _month_days,
    "follow_up_days": _INTEGER,
    "frequency": _for_each(TIERS, _frequency),
    "illness_bases": _words(BASES),
    "illness_bases_to_confirm": _words(BASES),
    "illness_causes": _words(CAUSES),
    "late_entry_approval_days": _INTEGER,
    "modes": _for_each(tuple(Tier), _words(tuple(Mode))),
    "months_after_leaving": _INTEGER,
    "not_home_before_welfare_check": _INTEGER,
    "pause_days_after_close": _INTEGER,
    "recent_days": _INTEGER,
    "refusals_before_excuse": _INTEGER,
    "register_tags": _words(COVERED_TAGS),
    "resident_initiated_tiers": _words(TIERS),
    "response_major_change_working_days": _INTEGER,
    "response_warning_working_days": _INTEGER,
    "severe_disability_grades": _grades,
    "severe_disability_tags": _words(COVERED_TAGS),
    "warning_years": _INTEGER,
    "wip_most_overdue": _INTEGER,
    "wip_overdue_working_days": _INTEGER,
}


def parse_parameter(
    reader: Reader,
    name: str,
    raw: object,
    path: Path,
    bundled: Parameter | None = None,
    shapes: Mapping[str, Check] = SHAPES,
) -> Parameter | None:
    """Read one parameter; None when it is wrong, with the problems noted in the reader.

    A draft's own values keep within the limits of the bundled parameter.
    """
    check = shapes.get(name)
    if check is None:
        reader.problem(path, "unknown_parameter", "没有这个参数。")
        return None
    before = len(reader.problems)
    allowed = ("description", "unit", "values") if bundled else ("description", "unit", "range", "values")
    entry = reader.mapping(raw, path, allowed)
    within = bundled.limits if bundled else _limits(reader, entry.get("range"), (*path, "range"))
    dated = entry.get("values")
    if not isinstance(dated, Mapping) or not dated:
        reader.problem((*path, "values"), "missing", "参数至少要有一个带起始日期的值。")
        return None
    values: dict[date, Value] = {}
    for key, item in dated.items():
        start = key if isinstance(key, date) and not isinstance(key, datetime) else parse_date(key)
        here = (*path, "values", str(key))
        if start is None:
            reader.problem((*path, "values"), "date", "值的起始日期应当是 `YYYY-MM-DD`。")
            continue
        stated = reader.mapping(item, here, ("value", "reference", "settled"))
        value = check(reader, stated.get("value"), (*here, "value"))
        if isinstance(value, int) and within is not None:
            reader.integer(value, (*here, "value"), *within)
        settled = stated.get("settled")
        values[start] = Value(
            value=value,
            reference=reader.text(stated.get("reference"), (*here, "reference"), TEXT_CHARACTERS),
            settled=settled if isinstance(settled, str) else None,
        )
    if len(reader.problems) > before:
        return None
    return Parameter(
        name=name,
        description=str(entry.get("description") or ""),
        unit=str(entry.get("unit") or ""),
        values=tuple(sorted(values.items(), key=lambda item: item[0])),
        limits=within,
    )


def _limits(reader: Reader, raw: object, path: Path) -> tuple[int, int] | None:
    bounds = [reader.integer(each, (*path, n), *_ANY_INTEGER) for n, each in enumerate(reader.sequence(raw, path))]
    return (bounds[0] or 0, bounds[1] or 0) if len(bounds) == 2 else None


def require_all(reader: Reader, parameters: Mapping[str, Parameter], on: date) -> None:
    """Note every parameter that has no value on the first day of a policy."""
    for name in SHAPES:
        if name not in parameters or parameters[name].on(on) is None:
            reader.problem(("parameters", name), "missing", "这项政策生效之日，该参数还没有值。")
