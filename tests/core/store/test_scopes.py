"""Scopes: what each kind opens, for whom, and how long."""

from dataclasses import dataclass
from datetime import date
from itertools import cycle, islice
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core import clock
from core.alerts import source_keys
from core.errors import Conflict
from core.organisation import users
from core.organisation.users import AccountClosed, User
from core.store import crypto, scopes
from core.store.database import Database, admit, listed, widened
from core.store.ids import uuid7
from core.store.scopes import MOST_PEOPLE, Scope
from core.tasks import actions
from tests import entrance, foreign
from tests.behind import behind
from tests.world import COMMITTEE, DISTRICT, SOURCE, STREET, Person, World

DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
CHANGE = {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-18"}
NEIGHBOUR = "310117001002"
ELSEWHERE = "310117002003"
PEOPLE_TABLES = ("alert", "decision", "duty", "fact_entry", "resident", "task", "task_event")


@dataclass(frozen=True)
class Place:
    """Three people: of a committee, of the one beside it, of another street; all with news, decisions, tasks."""

    world: World
    own: Person
    neighbour: Person
    elsewhere: Person

    def seen(self, scope: Scope, table: str = "resident") -> set[UUID]:
        """Whose rows of a table a scope opens."""
        with self.world.database.transaction(scope) as session:
            return set(
                session.execute(text(f"SELECT resident_id FROM {table} WHERE resident_id IS NOT NULL")).scalars()
            )


@pytest.fixture
def place(world: World) -> Place:
    # Whoever serves the committees is away, so that every task is in a pool.
    return Place(
        world,
        world.register(DIBAO, CHANGE),
        world.register(DIBAO, CHANGE, committee=NEIGHBOUR),
        world.register(DIBAO, CHANGE, committee=ELSEWHERE),
    )


# What each kind of scope opens


def test_a_range_of_codes_holds_a_street_a_district_or_everything(place: Place) -> None:
    own, neighbour, elsewhere = place.own.id, place.neighbour.id, place.elsewhere.id
    for table in PEOPLE_TABLES:
        assert place.seen(scopes.everywhere(), table) == {own, neighbour, elsewhere}, table
        assert place.seen(scopes.under(DISTRICT), table) == {own, neighbour, elsewhere}, table
        assert place.seen(scopes.under("31"), table) == {own, neighbour, elsewhere}, table
        assert place.seen(scopes.under(STREET), table) == {own, neighbour}, table
        assert place.seen(scopes.under("310118"), table) == set(), table
        assert place.seen(Scope(), table) == set(), table


def test_a_street_beside_another_in_the_order_of_codes_is_not_seen(place: Place) -> None:
    assert place.seen(scopes.under("310117002")) == {place.elsewhere.id}
    for nearly in ("310117000", "310117003", "310117999", "310116999"):
        assert place.seen(scopes.under(nearly)) == set()


def test_committees_open_their_own_people_on_every_table(place: Place) -> None:
    advisor = place.world.user()
    for table in PEOPLE_TABLES:
        assert place.seen(advisor.scope, table) == {place.own.id}, table
    both = place.world.user(committees=[COMMITTEE, NEIGHBOUR])
    for table in PEOPLE_TABLES:
        assert place.seen(both.scope, table) == {place.own.id, place.neighbour.id}, table


def test_whoever_serves_all_committees_of_a_street_is_not_listed_its_people(place: Place) -> None:
    committees = [row.code for row in place.world.rows("SELECT code FROM committee WHERE street_code = :s", s=STREET)]
    advisor = place.world.user(committees=committees)
    assert not advisor.scope.is_listed
    assert place.seen(advisor.scope) == {place.own.id, place.neighbour.id}


def test_a_visitor_sees_the_people_assigned_or_paired_and_of_the_pool_the_task_alone(place: Place) -> None:
    world = place.world
    visitor = world.user("visitor", capacity=0)
    for table in PEOPLE_TABLES:
        pool = {place.own.id} if table == "task" else set()
        assert place.seen(visitor.scope, table) == pool, table
    with world.database.transaction(visitor.scope) as session:
        actions.claim(session, place.own.task.task_id, by=visitor, now=world.now)
    for table in PEOPLE_TABLES:
        assert place.seen(visitor.scope, table) == {place.own.id}, table
    # Paired, though in a committee that is not theirs.
    with behind(world.database.url) as connection:
        pairing = text("UPDATE resident SET paired_user_id = :user WHERE resident_id = :resident")
        connection.execute(pairing, {"user": visitor.user_id, "resident": place.neighbour.id})
    for table in PEOPLE_TABLES:
        assert place.seen(visitor.scope, table) == {place.own.id, place.neighbour.id}, table


def test_a_visitor_keeps_people_between_two_tasks_and_loses_them_to_whoever_is_given_the_task(place: Place) -> None:
    world = place.world
    visitor, colleague, manager = world.user("visitor"), world.user("visitor"), world.user("street_manager")
    with world.database.transaction(visitor.scope) as session:
        actions.claim(session, place.own.task.task_id, by=visitor, now=world.now)
    place.own.visit(visitor)
    assert {row.state for row in place.own.tasks()} == {"done"}
    for table in (*PEOPLE_TABLES, "visit_resident"):
        assert place.seen(visitor.scope, table) == {place.own.id}, table
    with world.database.transaction(manager.scope) as session:
        actions.assign(session, place.neighbour.task.task_id, visitor.user_id, "x", by=manager, now=world.now)
    assert place.seen(visitor.scope) == {place.own.id, place.neighbour.id}
    with world.database.transaction(manager.scope) as session:
        actions.assign(session, place.neighbour.task.task_id, colleague.user_id, "x", by=manager, now=world.now)
    assert place.seen(visitor.scope) == {place.own.id}
    assert place.seen(colleague.scope) == {place.neighbour.id}


def test_the_end_of_access_ends_the_session_too(world: World) -> None:
    today = clock.today(clock.real_now())
    with world.database.transaction(world.scope) as session:
        users.add_user(
            session,
            username="until-today",
            password="synthetic-people-only",
            role="visitor",
            street=STREET,
            committees=[COMMITTEE],
            valid_until=today,
        )
    started = entrance.sign_in(world.database, world.keys, "until-today")
    with behind(world.database.url) as connection:
        connection.execute(text("UPDATE user_account SET valid_until = :day"), {"day": date(2026, 1, 1)})
    with pytest.raises(AccountClosed):
        entrance.signed_in(world.database, started.token)
    assert started.user.role == "visitor"


def test_administrators_and_the_city_see_nobody(place: Place) -> None:
    for role in ("admin", "city_officer"):
        for table in PEOPLE_TABLES:
            assert place.seen(place.world.user(role).scope, table) == set(), (role, table)


def test_a_key_limited_to_streets_sees_those_and_nothing_between_them(place: Place) -> None:
    between = place.world.register(DIBAO, committee="310117003001")
    keyed = Scope(within=DISTRICT, streets=(STREET, "310117003"), everybody=True)
    for table in PEOPLE_TABLES:
        assert place.seen(keyed, table) == {place.own.id, place.neighbour.id, between.id}, table
    with place.world.database.transaction(keyed) as session:
        streets = session.execute(text("SELECT DISTINCT street_code FROM alert ORDER BY 1")).scalars().all()
    assert streets == [STREET, "310117003"]


def test_what_somebody_was_told_is_read_by_them_alone(place: Place) -> None:
    world = place.world
    told, other = world.user("street_advisor"), world.user("street_advisor")
    world.go_to(date(2026, 4, 2))
    read = text("SELECT DISTINCT user_id FROM notification")
    for user in (told, other):
        with world.database.transaction(user.scope) as session:
            assert session.execute(read).scalars().all() == [user.user_id]
    with world.database.transaction(world.user("street_manager").scope) as session:
        assert session.execute(read).all() == []


def test_accounts_are_seen_by_ones_own_street_and_district_and_by_nobody_elsewhere(world: World) -> None:
    here, there = world.user("street_manager"), world.user("street_manager", street="310117002")
    officer, city = world.user("district_officer"), world.user("city_officer")
    names = text("SELECT user_id FROM user_account")
    seen = {}
    for user in (here, there, officer, city):
        with world.database.transaction(user.scope) as session:
            seen[user.user_id] = set(session.execute(names).scalars())
    assert seen == {
        here.user_id: {here.user_id, officer.user_id},
        there.user_id: {there.user_id, officer.user_id},
        officer.user_id: {here.user_id, there.user_id, officer.user_id},
        city.user_id: {city.user_id},
    }
    # Nor do they change whom they merely see.
    changed = text("UPDATE user_account SET name = 'x' WHERE user_id = :user RETURNING 1")
    with world.database.transaction(here.scope) as session:
        assert session.execute(changed, {"user": officer.user_id}).all() == []
        assert session.execute(changed, {"user": there.user_id}).all() == []


def test_a_stranger_who_shows_a_name_a_token_or_a_key_is_shown_that_one_row(world: World) -> None:
    first, second = world.user("street_manager"), world.user("street_manager")
    for each in (first, second):
        entrance.sign_in(world.database, world.keys, each.username)
    with world.database.transaction(world.scope) as session:
        secrets = [source_keys.add_key(session, source=SOURCE, scopes=["classify"], by=users.SHELL) for _ in range(2)]
    with world.database.transaction(Scope(username=first.username)) as session:
        assert session.execute(text("SELECT user_id FROM user_account")).scalars().all() == [first.user_id]
        assert session.execute(text("SELECT count(*) FROM login")).scalar_one() == 0
    with world.database.transaction(Scope(key=crypto.digest(secrets[1]))) as session:
        assert session.execute(text("SELECT key_digest FROM upstream_key")).scalars().all() == [
            crypto.digest(secrets[1])
        ]
    with behind(world.database.url) as connection:
        tokens = connection.execute(text("SELECT token_digest, user_id FROM login")).all()
    [digest] = [bytes(row.token_digest) for row in tokens if row.user_id == second.user_id]
    with world.database.transaction(Scope(token=digest)) as session:
        assert session.execute(text("SELECT user_id FROM login")).scalars().all() == [second.user_id]
        assert session.execute(text("SELECT count(*) FROM user_account")).scalar_one() == 0


def test_a_name_may_hold_anything_and_says_nothing_to_the_database(world: World) -> None:
    for name in ("'; RESET ROLE; --", "%s", "\\", "张三", "a" * 64):
        with world.database.transaction(Scope(username=name)) as session:
            assert session.execute(text("SELECT count(*) FROM user_account")).scalar_one() == 0


# What a scope cannot be, and what it cannot do


@pytest.mark.parametrize(
    "wrong",
    [
        {"within": "310117001'; RESET ROLE; --"},
        {"within": "3101170010"},
        {"within": "3"},
        {"within": DISTRICT, "streets": ("31011700",)},
        {"within": STREET, "committees": ("310117001001,310117001002",)},
        {"within": DISTRICT, "committees": (COMMITTEE,)},
        {"within": DISTRICT, "given_to": uuid4()},
    ],
)
def test_a_scope_takes_codes_only(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"code|street"):
        Scope(**wrong)


def test_a_setting_that_is_no_literal_of_ours_never_reaches_the_database() -> None:
    with pytest.raises(ValueError, match="holds codes"):
        scopes.statement({"lo": "1'; RESET ROLE; --"}, {})


def test_a_street_cannot_write_into_another(world: World) -> None:
    row = "INSERT INTO escalation_chain (street_code, version, steps, created_at) VALUES (:street, 1, '[]', now())"
    with (
        pytest.raises(DBAPIError, match="row-level security"),
        world.database.transaction(scopes.under("310117002")) as session,
    ):
        session.execute(text(row), {"street": STREET})


def test_an_advisor_cannot_write_about_somebody_who_is_not_theirs(place: Place) -> None:
    advisor = place.world.user()
    entry = text(
        "INSERT INTO fact_entry (street_code, entry_id, resident_id, event_at, source, event_id, type, entry,"
        " recorded_at) VALUES (:street, :id, :resident, now(), 'x', 'x', 'x', '{}', now())"
    )
    with place.world.database.transaction(advisor.scope) as session:
        session.execute(entry, {"street": STREET, "id": uuid7(), "resident": place.own.id})
    with (
        pytest.raises(DBAPIError, match="row-level security"),
        place.world.database.transaction(advisor.scope) as session,
    ):
        session.execute(entry, {"street": STREET, "id": uuid7(), "resident": place.neighbour.id})


def test_a_stretch_that_sees_more_ends_where_it_ends(place: Place) -> None:
    advisor = place.world.user()
    count = text("SELECT count(*) FROM resident")
    with place.world.database.transaction(advisor.scope) as session:
        assert session.execute(count).scalar_one() == 1
        with widened(session, scopes.under(STREET)):
            assert session.execute(count).scalar_one() == 2
            with widened(session, scopes.everywhere()):
                assert session.execute(count).scalar_one() == 3
            assert session.execute(count).scalar_one() == 2
        assert session.execute(count).scalar_one() == 1
        with pytest.raises(RuntimeError), session.begin_nested(), widened(session, scopes.everywhere()):
            raise RuntimeError
        assert session.execute(count).scalar_one() == 1
        assert listed(session) == {place.own.id}


def test_whoever_is_given_a_task_knows_from_then_on_whose_it_is(place: Place) -> None:
    visitor = place.world.user("visitor", capacity=0)
    with place.world.database.transaction(visitor.scope) as session:
        assert listed(session) == frozenset()
        admit(session, [place.own.id])
        admit(session, [place.own.id])
        assert session.execute(text("SELECT resident_id FROM resident")).scalars().all() == [place.own.id]
        with widened(session, scopes.under(STREET)):
            assert listed(session) is None
        assert listed(session) == {place.own.id}


def test_one_account_serves_so_many_people_and_no_more(world: World) -> None:
    advisor = world.user()
    with behind(world.database.url) as connection:
        connection.exec_driver_sql("SET session_replication_role = replica")
        connection.execute(
            text(
                "INSERT INTO resident (street_code, resident_id, committee_code, name, person_key, tier, rules,"
                " opened_on, failures, created_at) SELECT :street, gen_random_uuid(), :committee, '测试', '', 'none',"
                " '{}', '2026-01-01', 0, now() FROM generate_series(1, :people)"
            ),
            {"street": STREET, "committee": COMMITTEE, "people": MOST_PEOPLE + 1},
        )
    with pytest.raises(Conflict, match=str(MOST_PEOPLE)), world.database.transaction(advisor.scope) as session:
        session.execute(text("SELECT 1"))


def test_a_thousand_scopes_by_turns_on_one_connection_never_see_each_other(place: Place) -> None:
    world = place.world
    visitor, advisor = world.user("visitor", capacity=0), world.user()
    expected: list[tuple[Scope, set[UUID]]] = [
        (scopes.under(STREET), {place.own.id, place.neighbour.id}),
        (Scope(), set()),
        (advisor.scope, {place.own.id}),
        (scopes.under("310117002"), {place.elsewhere.id}),
        (visitor.scope, set()),
        (scopes.everywhere(), {place.own.id, place.neighbour.id, place.elsewhere.id}),
        (world.user(committees=[NEIGHBOUR]).scope, {place.neighbour.id}),
        (world.user("admin").scope, set()),
    ]
    turns = list(islice(cycle(expected), 1000))
    Random(7).shuffle(turns)
    narrow = Database(world.database.url, pool_size=1)
    pids = set()
    for scope, people in turns:
        with narrow.transaction(scope) as session:
            pids.add(session.execute(text("SELECT pg_backend_pid()")).scalar_one())
            assert set(session.execute(text("SELECT resident_id FROM resident")).scalars()) == people
    narrow.dispose()
    assert len(pids) == 1


# The reading beside row-level security that the suite of the API is held to


def test_the_plain_reading_of_the_roles_agrees_and_finds_what_row_level_security_lets_through(place: Place) -> None:
    world = place.world
    world.go_to(date(2026, 4, 2))
    roles = (
        *("admin", "district_officer", "street_manager", "street_advisor", "committee_advisor", "visitor", "auditor"),
        "city_officer",
    )
    people: dict[str, User] = {role: world.user(role) for role in roles}
    for role, user in people.items():
        assert list(foreign.rows(world.database, user.user_id, user.scope)) == [], role
    # Whoever may see something sees all of it.
    with world.database.transaction(people["committee_advisor"].scope) as session:
        rows = session.execute(text("SELECT street_code, resident_id FROM resident")).all()
    reader = foreign.reader(world.database.url, people["committee_advisor"].user_id)
    assert {(row.street_code, row.resident_id) for row in rows} == reader.people
    with behind(world.database.url) as connection:
        connection.exec_driver_sql("DROP POLICY scope ON duty")
        connection.exec_driver_sql("CREATE POLICY scope ON duty USING (street_code >= current_setting('tanfang.lo'))")
    found = {table for table, _ in foreign.rows(world.database, people["visitor"].user_id, people["visitor"].scope)}
    assert found == {"duty"}
