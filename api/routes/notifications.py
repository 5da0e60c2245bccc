"""What the caller was told, and how they want to hear of it."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter

from api.dependencies import ContextDep, NowDep, SessionDep, UserDep
from api.http.bodies import StrictRoute
from api.http.paging import Cursor, LimitDep, after, page
from api.schemas.common import Page
from api.schemas.notifications import (
    MarkedNotifications,
    Notification,
    NotificationSettings,
    NotificationSettingsChange,
    ReadNotifications,
    WantedChannel,
)
from core.notifications import channels, outbox
from core.notifications.channels import Wanted
from core.notifications.senders import Egress
from core.store.words import ChannelKind

router = APIRouter(prefix="/v1", tags=["notifications"], route_class=StrictRoute)


@router.get("/notifications", response_model=Page[Notification])
def list_notifications(
    session: SessionDep, user: UserDep, limit: LimitDep, unread: bool = False, cursor: Cursor = None
) -> dict[str, object]:
    """What the caller was told, the newest first."""
    last = after(cursor, datetime, UUID)
    rows = outbox.page(session, by=user, unread=unread, after=last, limit=limit)
    return page(rows, limit, lambda row: (row["created_at"], row["notification_id"]))


@router.post("/notifications/read", response_model=MarkedNotifications)
def mark_notifications_read(body: ReadNotifications, session: SessionDep, user: UserDep, now: NowDep) -> dict[str, int]:
    """Mark messages of the caller as read; ids of others' messages change nothing."""
    return {"marked": outbox.mark_read(session, body.ids, by=user, now=now)}


@router.get("/me/notifications", response_model=NotificationSettings, response_model_exclude_unset=True)
def get_notification_settings(session: SessionDep, user: UserDep, context: ContextDep) -> channels.SettingsShown:
    """The caller's channels and wishes; secrets and tokens are not shown again."""
    return channels.shown(session, context.keys, by=user)


@router.put("/me/notifications", response_model=NotificationSettings, response_model_exclude_unset=True)
def put_notification_settings(
    body: NotificationSettingsChange, session: SessionDep, user: UserDep, now: NowDep, context: ContextDep
) -> channels.SettingsShown:
    """Replace the caller's channels and wishes; a new webhook without a secret gets one, shown here alone."""
    wanted = [_wanted(channel) for channel in body.channels]
    return channels.replace(
        session,
        context.keys,
        wanted,
        digest=body.digest,
        kinds=body.kinds,
        egress=Egress.of(context.settings),
        by=user,
        now=now,
    )


def _wanted(channel: WantedChannel) -> Wanted:
    kind = ChannelKind(channel.kind)
    given = {name: getattr(channel, name) for name in set(channels.FIELDS.values()) & channel.model_fields_set}
    address = given.pop(channels.FIELDS[kind], None)
    return Wanted(channel.channel_id, kind, address, channel.secret, strange=tuple(sorted(given)))
