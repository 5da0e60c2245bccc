"""What people are told, and how they want to hear of it."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints
from pydantic.json_schema import SkipJsonSchema

from api.schemas.common import Body, Flag, Id, Shown, example

ChannelKind = Literal["email", "webhook", "wecom", "feishu", "dingtalk", "sms"]
MessageKind = Literal[
    "assigned", "escalation", "joined", "ended", "alive", "refused", "feed_silent", "feed_heard", "person_in_doubt"
]
Address = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=2000)]
Secret = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200)]


class Notification(Shown):
    """Something the caller was told."""

    notification_id: UUID
    kind: str
    task_id: UUID | None
    text: str
    created_at: datetime
    read_at: datetime | None


class ReadNotifications(Body, json_schema_extra=example(ids=["0195b0c1-7d3e-7000-8000-000000000001"])):
    """Messages the caller has read."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=500)]


class MarkedNotifications(Shown):
    """How many of them were unread until now."""

    marked: int


class WantedChannel(Body):
    """A way to the caller, with the field of its kind: `address` of email, `url` of webhook, `key` of wecom and feishu,
    `access_token` of dingtalk, `number` of sms. `secret` have webhook and dingtalk alone.

    One that names its `channel_id` stays; what is left out stays as it was.
    """

    channel_id: Id | None = None
    kind: ChannelKind
    address: Address | None = None
    url: Address | None = None
    key: Address | None = None
    access_token: Address | None = None
    number: Address | None = None
    secret: Secret | None = None


class NotificationSettingsChange(
    Body,
    json_schema_extra=example(
        channels=[{"kind": "email", "address": "wang.fang@example.cn"}], digest=True, kinds=["escalation"]
    ),
):
    """All the caller's channels: those left out end. `digest`: one summary each working morning."""

    channels: Annotated[list[WantedChannel], Field(max_length=10)]
    digest: Flag = True
    kinds: Annotated[list[MessageKind], Field(max_length=10)] | None = None


class Channel(Shown):
    """A channel as it works, with the field of its kind; `secret` only in the answer to the request that made it.

    Of kind `apprise` are those that earlier programs took; nothing goes through them any more.
    """

    channel_id: UUID
    kind: str
    has_secret: bool
    failing_since: datetime | None
    last_error: str | None
    address: str | SkipJsonSchema[None] = None
    url: str | SkipJsonSchema[None] = None
    key: str | SkipJsonSchema[None] = None
    access_token: str | SkipJsonSchema[None] = None
    number: str | SkipJsonSchema[None] = None
    secret: str | SkipJsonSchema[None] = None


class NotificationSettings(Shown):
    """The caller's channels and wishes."""

    channels: list[Channel]
    digest: bool
    kinds: list[str]
