"""The sources that send news, and how they are watched."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from api.schemas.common import Body, Flag, Shown, Whole, example
from core.events.fields import holds_control

Days = Literal["all", "working"]
MOST_MINUTES = 90 * 24 * 60


def _source(value: str) -> str:
    if holds_control(value):
        raise ValueError("不能含有控制字符。")
    return value


Source = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=255), AfterValidator(_source)]


class FeedChange(
    Body, json_schema_extra=example(source="/songjiang/medical-insurance", expected_every_minutes=60, days="working")
):
    """How a feed is watched from now on; all of it, as what is left out is as if nobody had set it.

    Without `expected_every_minutes` its rhythm is learnt. `days`: whether only working days count. `count_anew`: what
    was missing of its sequence is settled, and numbers count from the next event on.
    """

    source: Source
    expected_every_minutes: Annotated[Whole, Field(ge=1, le=MOST_MINUTES)] | None = None
    days: Days = "all"
    paused: Flag = False
    count_anew: Flag = False


class FeedCounts(Shown):
    """The last 24 hours, in whole hours; `quarantined` are those of their alerts that still wait for somebody."""

    requests: int
    accepted: int
    duplicates: int
    rejected: int
    quarantined: int


class SequenceGap(Shown):
    """Numbers that never came, both included; `since` the one after them did."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    first: Annotated[int, Field(alias="from")]
    last: Annotated[int, Field(alias="to")]
    since: datetime | None


class FeedSequence(Shown):
    """The numbers after `complete_to`, as far as the source counts its events; `gaps` are the first 50."""

    complete_to: int | None
    highest: int | None
    missing_total: int
    gaps: list[SequenceGap]


class FeedVolume(Shown):
    """Events accepted today up to the last full hour; `expected` is the median of like days, null until known."""

    expected: int | None
    seen: int
    anomaly: Literal["low", "high"] | None


class Feed(Shown):
    """A source that has a key or has sent something.

    `since`: from when it should have been heard, or has been paused. `closed`: all its keys were revoked.
    """

    source: str
    last_heard_at: datetime | None
    last_event_time: datetime | None
    expected_every_minutes: int | None
    days: Days | None
    rhythm: Literal["configured", "learnt", "unknown"]
    state: Literal["ok", "silent", "paused", "unknown", "never_heard", "closed"]
    since: datetime | None
    last_24_hours: FeedCounts
    sequence: FeedSequence
    volume: FeedVolume
