"""Kinds of fields that every schema shares."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Final, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.json_schema import SkipJsonSchema

from core.events.fields import LATEST_DAY, holds_control
from rules.facts import EARLIEST

Item = TypeVar("Item")
TierName = Literal["high", "key", "general", "none"]
ModeName = Literal["home_visit", "reception", "phone", "wechat", "building_video", "other"]

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


class Body(BaseModel):
    """Something sent to us: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def example(**fields: Any) -> dict[str, Any]:
    """An example of a body, for the OpenAPI document; `from_` stands for `from`."""
    return {"examples": [{name.removesuffix("_"): value for name, value in fields.items()}]}


class Shown(BaseModel):
    """Something we answer."""

    model_config = ConfigDict(extra="forbid")


class Page(Shown, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next_cursor: str | None


class FieldError(Shown):
    """One thing wrong; `msg` never repeats what was sent."""

    loc: str
    code: str
    msg: str


class DayDifference(Shown):
    """A day of a year that another notice says otherwise."""

    day: date
    was: bool
    now: bool


class Draft(Shown):
    """A form that is not sent yet; whoever saves it next names `seen`."""

    key: str
    seen: int
    saved_at: datetime
    form: dict[str, Any]


class Problem(Shown):
    """An error (RFC 9457).

    `difference` comes with the code `confirmed` alone, `into` with `merged`, `stored` with `draft_old`.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldError]
    difference: list[DayDifference] | SkipJsonSchema[None] = None
    into: UUID | SkipJsonSchema[None] = None
    stored: Draft | SkipJsonSchema[None] = None


def _one_line(value: str) -> str:
    return _clean(value, lines=False)


def _lines(value: str) -> str:
    return _clean(value, lines=True)


def _clean(value: str, *, lines: bool) -> str:
    if value.isspace():
        raise ValueError("不能为空白。")
    if holds_control(value, lines=lines):
        raise ValueError("不能含有控制字符。")
    return value


def _written_day(value: Any) -> Any:
    # pydantic would also take a number of seconds, or an instant at midnight.
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise ValueError("须是 `YYYY-MM-DD` 格式的日期。")
    if not isinstance(value, str | date) or isinstance(value, datetime):
        raise ValueError("须是 `YYYY-MM-DD` 格式的日期。")
    return value


def _sensible_day(value: date) -> date:
    if not EARLIEST <= value <= date.fromisoformat(LATEST_DAY):
        raise ValueError(f"须在 {EARLIEST} 至 {LATEST_DAY} 之间。")
    return value


def _written_instant(value: Any) -> Any:
    if not isinstance(value, str | datetime) or (isinstance(value, str) and not _INSTANT.fullmatch(value)):
        raise ValueError("须是带时区的时刻（RFC 3339）。")
    return value


def _sensible_instant(value: datetime) -> datetime:
    _sensible_day(value.date())
    return value


def _written_uuid(value: Any) -> Any:
    if not isinstance(value, str | UUID):
        raise ValueError("须是 UUID。")
    return value


Line = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200), AfterValidator(_one_line)]
Name = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=100), AfterValidator(_one_line)]
Text = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=4000), AfterValidator(_lines)]
Narrative = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=10_000), AfterValidator(_lines)]
StreetCode = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9]{9}$")]
CommitteeCode = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9]{12}$")]
Day = Annotated[date, BeforeValidator(_written_day), AfterValidator(_sensible_day)]
Instant = Annotated[AwareDatetime, BeforeValidator(_written_instant), AfterValidator(_sensible_instant)]
Id = Annotated[UUID, BeforeValidator(_written_uuid)]
Flag = Annotated[bool, Field(strict=True)]
Whole = Annotated[int, Field(strict=True)]


class Person(Shown):
    """Somebody who works here."""

    user_id: UUID
    name: str
