"""What tests of feeds do: let sources be heard, expect them, look at them, let hours pass."""

from datetime import datetime, timedelta
from typing import Any

from core import clock
from core.alerts import feed_rhythm, feeds
from core.alerts.feeds import Heard
from core.organisation import streets
from core.organisation.users import User
from core.policy import rulebooks
from tests.world import DISTRICT, SOURCE, World


def hear(world: World, *, source: str = SOURCE, at: datetime | None = None, accepted: int = 1) -> None:
    """A push, as an API process writes it down."""
    instant = at or world.now
    with world.database.transaction(world.scope) as session:
        key = (DISTRICT, source, feed_rhythm.hour_of(instant))
        feeds.record(session, {key: Heard(instant, instant, 1, accepted)})


def expect(world: World, by: User, minutes: int | None, *, source: str = SOURCE, **details: Any) -> None:
    wanted = {"days": "all", "paused": False, "count_anew": False, **details}
    with world.database.transaction(world.scope) as session:
        feeds.configure(session, source, every_minutes=minutes, by=by, now=world.now, **wanted)


def shown(world: World, source: str = SOURCE) -> dict[str, Any]:
    with world.database.transaction(world.scope) as session:
        divisions = streets.known(world.database)
        return feeds._page(session, DISTRICT, divisions.codes_and_districts, source=source, limit=1, now=world.now)[0]


def told(world: World, user: User) -> list[tuple[str, str]]:
    rows = world.rows(
        "SELECT kind, text FROM notification WHERE street_code = '310117' AND user_id = :user"
        " ORDER BY created_at, notification_id",
        user=user.user_id,
    )
    return [(row.kind, row.text) for row in rows]


def later(world: World, span: timedelta) -> None:
    world.business.at += span
    world.settle()


def watch_of(world: World) -> Any:
    with world.database.transaction(world.scope) as session:
        return rulebooks.of_district(session, DISTRICT).parameter("feed_watch", clock.today(world.now)).value
