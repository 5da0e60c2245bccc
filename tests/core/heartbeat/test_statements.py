"""What happens by itself takes as many statements, however many residents, alerts, sources or people it is about.

It happens street by street, each with transactions of its own; within a street nothing grows.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import count

import pytest

from core import clock
from core.alerts import feed_watch
from core.events import id_numbers
from core.heartbeat import waking
from core.inbox import inbox
from core.notifications import channels, digests
from core.notifications.channels import Wanted
from core.notifications.senders import Egress
from core.organisation import streets
from core.organisation.streets import Divisions
from core.organisation.users import User
from core.policy.calendar import Day
from core.store.words import ChannelKind
from core.tasks import deadlines
from tests.core.alerts.feeds import expect, hear
from tests.statements import Statements, growth
from tests.world import COMMITTEE, DISTRICT, STREET, Person, World

DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
CHANGE = {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-18"}
THERE = "310117002003"
EGRESS = Egress(sandbox=True, smtp_url=None)
START = clock.at(date(2026, 3, 20), 10)
SERIALS = count(500)

# Does something to many rows, and returns how many they were.
Work = Callable[[], int | None]
# Prepares as many rows as it is told.
Story = Callable[[World, int], Work]


def people(world: World, number: int, *facts: dict[str, str], settle: bool = True) -> list[Person]:
    found = [world.register(*(facts or (DIBAO,)), settle=False) for _ in range(number)]
    if settle:
        world.settle()
    return found


def tell(world: World, kind: str, id_number: str, **data: str) -> None:
    result = world.accept(world.event(kind, {"person": {"id_number": id_number}, **data}))
    assert not result.rejected


def drained(world: World) -> Work:
    def drain() -> int:
        found = inbox.drain(world.database, STREET, world.keys, world.business.now)
        return found.settled if found else 0

    return drain


def registrations(world: World, number: int) -> Work:
    people(world, number, DIBAO, CHANGE, settle=False)
    return drained(world)


def news_of_the_known(world: World, number: int) -> Work:
    for person in people(world, number):
        tell(world, "change.accident", person.id_number, happened_on="2026-03-19")
        tell(world, "warning.illness_poverty", person.id_number, pushed_on="2026-03-20")
        tell(world, "lead.reported", person.id_number, channel="hotline")
    return drained(world)


def deaths(world: World, number: int) -> Work:
    for person in people(world, number, DIBAO, CHANGE):
        tell(world, "resident.died", person.id_number, on="2026-03-20")
    return drained(world)


def moves(world: World, number: int) -> Work:
    """To one other street, of people with visits, duties and leads."""
    advisor = world.user(capacity=100)
    leaving = people(world, number, DIBAO, CHANGE)
    for person in leaving:
        person.visit(advisor)
        tell(world, "lead.reported", person.id_number, channel="hotline")
    world.settle()
    for person in leaving:
        tell(world, "resident.moved", person.id_number, on="2026-03-20", to_street=THERE[:9], to_committee=THERE)
    return drained(world)


def news_of_those_who_moved(world: World, number: int) -> Work:
    """It was accepted before they went, and not processed before."""
    leaving = people(world, number)
    for person in leaving:
        tell(world, "lead.reported", person.id_number, channel="hotline")
    waiting = "status = 'accepted' AND type = 'lead.reported'"
    put_off = f"UPDATE alert SET retry_at = :until WHERE {waiting} RETURNING alert_id"
    assert len(world.rows(put_off, until=clock.real_now() + timedelta(hours=1))) == number
    for person in leaving:
        tell(world, "resident.moved", person.id_number, on="2026-03-20", to_street=THERE[:9], to_committee=THERE)
    drained(world)()
    world.rows(f"UPDATE alert SET retry_at = NULL WHERE {waiting} RETURNING alert_id")

    def go_on() -> int:
        inbox.drain(world.database, STREET, world.keys, world.business.now)
        there = "SELECT 1 FROM alert WHERE street_code = :street AND status = 'accepted'"
        return len(world.rows(there, street=THERE[:9]))

    return go_on


def releases(world: World, number: int) -> Work:
    """Of what was quarantined before its people were registered, in as many streets."""
    homes = {code[:9]: code for code in reversed(streets.known(world.database).committees)}
    told = [
        (id_numbers.make(date(1960, 1, 1), next(SERIALS)), home)
        for _, home in zip(range(number), sorted(homes.values()), strict=False)
    ]
    for id_number, _ in told:
        tell(world, "lead.reported", id_number, channel="hotline")
    for id_number, home in told:
        who = {"id_number": id_number, "name": "测试", "street": home[:9], "committee": home}
        world.accept(world.event("resident.registered", {"person": who, "facts": [DIBAO]}))

    def release() -> int:
        with world.database.transaction(world.scope) as session:
            return len(inbox.release(session, [DISTRICT], now=world.now))

    return release


def a_new_month(world: World, number: int) -> Work:
    people(world, number, DIBAO, CHANGE)
    world.go_to(date(2026, 3, 31))
    world.business.at = clock.at(date(2026, 4, 1))
    return lambda: waking.wake(world.database, STREET, world.business.now)


def silent_feeds(world: World, number: int) -> Work:
    admin = world.user("admin")
    for serial in range(number):
        source = f"/songjiang/source-{number}-{serial}"
        hear(world, source=source)
        expect(world, admin, 60, source=source)
    world.business.at += timedelta(hours=3)
    return lambda: watched(world)


def feeds_heard_again(world: World, number: int) -> Work:
    silent_feeds(world, number)()
    for serial in range(number):
        hear(world, source=f"/songjiang/source-{number}-{serial}")
    return lambda: watched(world)


def watched(world: World) -> int:
    with world.database.transaction(world.scope) as session:
        return feed_watch.watch(session, now=world.now)


def wants_a_summary(world: World, user: User) -> None:
    hook = Wanted(None, ChannelKind.WEBHOOK, "http://127.0.0.1:1/hook", None)
    with world.database.transaction(user.scope) as session:
        channels.replace(session, world.keys, [hook], digest=True, kinds=None, egress=EGRESS, by=user, now=world.now)


def summed_up(world: World, street: str, divisions: Divisions | None = None) -> Work:
    world.business.at += timedelta(days=7)

    def make() -> int:
        with world.database.transaction(world.scope) as session:
            return digests.make(session, street, divisions or streets.known(world.database), now=world.now)

    return make


def summaries(world: World, number: int) -> Work:
    for _ in range(number):
        wants_a_summary(world, world.user(capacity=100))
    people(world, 2 * number, DIBAO, CHANGE)
    return summed_up(world, STREET)


def summaries_of_the_district(world: World, number: int) -> Work:
    """Of a district that has as many streets."""
    known = streets.known(world.database)
    district = replace(known, streets=dict(list(known.streets.items())[:number]))
    for _ in range(number):
        wants_a_summary(world, world.user("district_officer"))
    people(world, number, DIBAO, CHANGE)
    return summed_up(world, DISTRICT, district)


def a_calendar(world: World, number: int) -> Work:
    """Whose deadlines are counted again: of as many residents, by as many days."""
    people(world, number, DIBAO, CHANGE)
    days = [Day(date(2026, 4, day), working=False) for day in range(1, number + 1)]
    officer = world.user("district_officer")

    def put() -> int:
        with world.database.transaction(world.scope) as session:
            deadlines.put(session, 2026, days, "国务院办公厅通知", replace=True, by=officer, now=world.now)
        return number

    return put


@pytest.mark.parametrize(
    "story",
    [
        registrations,
        news_of_the_known,
        deaths,
        moves,
        news_of_those_who_moved,
        releases,
        a_new_month,
        silent_feeds,
        feeds_heard_again,
        summaries,
        summaries_of_the_district,
        a_calendar,
    ],
)
def test_more_rows_take_no_more_statements(world: World, statements: Statements, story: Story) -> None:
    world.user("street_advisor")
    world.user(committees=[COMMITTEE], capacity=1000)
    sent, done = [], []
    # First once, for what a process reads once; then some, then three times as many.
    for number in (1, 2, 6):
        work = story(world, number)
        with statements.counted() as found:
            done.append(work() or 0)
        sent.append(found)
        world.settle()
        world.business.at = START
    assert done[1] < done[2], "nothing was done to the others"
    assert growth(sent[1], sent[2]) == {}
