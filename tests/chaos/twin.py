"""The calm twin: the same people work, the same news comes in, in order and once, and nothing goes wrong."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import NAMESPACE_OID, UUID, uuid5

import orjson
from sqlmodel import Session

from core import clock
from core.events.cloudevents import Event as Told
from core.events.cloudevents import parse_request
from core.organisation import users
from core.organisation.users import User
from core.store.crypto import Keys
from core.store.database import Database
from tests.chaos import account
from tests.chaos.account import Standing
from tests.chaos.news import HOMES, Event, News
from tests.core.inbox.stories import ELSEWHERE
from tests.world import PASSWORD, PASSWORD_HASH, Person, StoppedClock, World

AT_ONCE = 500
VISITED = 60


def employ(session: Session) -> None:
    """Who works in the streets of these people; one advisor a committee, so that who is assigned is no accident."""
    committees = sorted({*HOMES, *ELSEWHERE})
    _employ(session, "district", "district_officer")
    for street in sorted({committee[:9] for committee in committees}):
        _employ(session, f"manager-{street}", "street_manager", street=street)
        _employ(session, f"advisor-{street}", "street_advisor", street=street)
    for committee in committees:
        _employ(session, f"visitor-{committee}", "committee_advisor", committees=[committee], capacity=10_000)


def _employ(session: Session, name: str, role: str, **details: object) -> None:
    users.add_user(
        session,
        username=name,
        password=PASSWORD,
        password_hash=PASSWORD_HASH,
        role=role,
        **details,
    )


def visit_id_of(id_number: str) -> UUID:
    """The client's own id of the one visit to a person."""
    return uuid5(NAMESPACE_OID, id_number)


def parsed(events: Sequence[Event], now: datetime) -> list[Told]:
    """The events as the door reads them."""
    found = list(parse_request("application/json", {}, orjson.dumps(events), now=now))
    assert all(isinstance(one, Told) for one in found), found
    return [one for one in found if isinstance(one, Told)]


def live(database: Database, keys: Keys, news: News, now: datetime, until: date) -> tuple[dict[str, str], Standing]:
    """The whole story in one calm process; returns who was visited (ID number → street) and what it all came to."""
    world = World(database, keys, StoppedClock(now))
    with database.transaction(world.scope) as session:
        employ(session)
    wholesome = sorted(news.wholesome, key=lambda event: (event["time"], event["source"], event["id"]))
    for start in range(0, len(wholesome), AT_ONCE):
        assert not world.accept(*wholesome[start : start + AT_ONCE]).rejected
    world.settle()
    visited = _visit(world, news)
    world.settle()
    world.go_to(until, clock_hour(now))
    return visited, account.of(database)


def clock_hour(now: datetime) -> int:
    """The hour of the business day."""
    return now.astimezone(clock.SHANGHAI).hour


def _visit(world: World, news: News) -> dict[str, str]:
    """Somebody goes to some of the people who wait for a visit."""
    waiting = {
        bytes(row.person_key): row.street_code
        for row in account.query(
            world.database,
            "SELECT r.person_key, r.street_code FROM task t JOIN resident r ON r.street_code = t.street_code"
            " AND r.resident_id = t.resident_id WHERE t.kind = 'visit' AND t.state = 'open'",
        )
    }
    visited: dict[str, str] = {}
    for id_number in sorted(news.people):
        street = waiting.get(world.keys.person_key("id_number", id_number))
        if street is not None and len(visited) < VISITED:
            visited[id_number] = street
            Person(world, id_number).visit(_signed_in(world, f"advisor-{street}"), visit_id=visit_id_of(id_number))
    return visited


def _signed_in(world: World, name: str) -> User:
    with world.database.transaction(world.scope) as session:
        return users.named(session, name, today=clock.today(world.now))
