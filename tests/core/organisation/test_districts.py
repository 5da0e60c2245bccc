"""Many districts in one installation: what is a district's is that district's alone, in law and in the database."""

import copy
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from core import seeds
from core.alerts import source_keys
from core.alerts.source_keys import Caller
from core.duties import reports
from core.errors import Conflict, Invalid
from core.events import id_numbers
from core.organisation import streets, users
from core.organisation.users import SHELL
from core.policy import coverage, policies, rulebooks
from core.store import crypto, scopes
from core.store.database import Database
from core.store.scopes import Scope
from tests import districts
from tests.world import DISTRICT, PASSWORD, PASSWORD_HASH, SOURCE, STREET, World

DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
CHANGE = {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-18"}


@pytest.fixture
def store(database_url: str) -> Iterator[Database]:
    """An installation of two districts."""
    with districts.with_it(database_url) as found:
        yield found


def caller(district: str) -> Caller:
    return Caller(uuid4(), district, SOURCE, frozenset({"alerts:write"}), frozenset(), frozenset())


def told(serial: int, committee: str | None = None) -> dict[str, Any]:
    person = {"id_number": id_numbers.make(date(1960, 1, 1), serial), "name": "测试"}
    return person if committee is None else {**person, "street": committee[:9], "committee": committee}


# What divisions may be


def test_a_district_is_read_with_the_streets_and_committees_that_lie_in_it() -> None:
    area = seeds.read(districts.DOCUMENT)
    assert (area.code, len(area.streets), len(area.committees)) == (districts.DISTRICT, 2, 4)
    songjiang = seeds.read(seeds.divisions())
    # The three NBS zones are no governments.
    assert (songjiang.code, len(songjiang.streets), len(songjiang.committees)) == (DISTRICT, 17, 383)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda it: it["district"].update(code="31019"),
        lambda it: it["district"].update(code=310199),
        lambda it: it["district"].pop("city"),
        lambda it: it["streets"][0].update(code="310117001"),
        lambda it: it["streets"][1].update(code=districts.STREET),
        lambda it: it["streets"][0]["committees"][0].update(code="310199002001"),
        lambda it: it["streets"][0]["committees"][0].update(code="31019900100A"),
        lambda it: it["streets"][0].pop("committees"),
        lambda it: it.update(streets=[]),
        lambda it: it.pop("streets"),
    ],
)
def test_divisions_whose_codes_do_not_fit_are_refused(spoil: Any) -> None:
    document = copy.deepcopy(districts.DOCUMENT)
    spoil(document)
    with pytest.raises(Invalid):
        seeds.read(document)


def test_adding_a_district_again_changes_nothing_and_adds_what_is_new(store: Database, database_url: str) -> None:
    before = streets.known(store)
    districts.add(database_url)
    with store.transaction(Scope()) as session:
        assert streets.load(session) == before
    assert before.of(districts.DISTRICT).codes == (districts.STREET, districts.OTHER_STREET)
    assert set(before.districts) == {DISTRICT, districts.DISTRICT}


def test_which_district_is_meant_is_said_where_there_are_several(store: Database) -> None:
    known = streets.known(store)
    with pytest.raises(Invalid, match=DISTRICT):
        known.chosen(None)
    with pytest.raises(Invalid, match="6 位"):
        known.chosen("310118")
    assert known.chosen(districts.DISTRICT) == districts.DISTRICT
    assert known.of(DISTRICT).chosen(None) == DISTRICT


# Who works where


def test_an_account_belongs_to_the_district_of_its_street_or_to_the_one_that_is_named(world: World) -> None:
    advisor = world.user(street=districts.STREET, committees=[districts.COMMITTEE])
    assert (advisor.district, advisor.street) == (districts.DISTRICT, districts.STREET)
    officer = world.user("district_officer", district=districts.DISTRICT)
    assert officer.streets == (districts.STREET, districts.OTHER_STREET, districts.DISTRICT)
    city = world.user("city_officer")
    assert (city.district, len(city.streets)) == (None, 19)
    for wrong in (
        {"role": "admin"},
        {"role": "district_officer", "district": "310118"},
        {"role": "street_manager", "district": DISTRICT, "street": districts.STREET},
        {"role": "city_officer", "district": DISTRICT},
    ):
        with pytest.raises(Invalid), world.database.transaction(world.scope) as session:
            users.add_user(session, username="x", password=PASSWORD, password_hash=PASSWORD_HASH, **wrong)


def test_a_user_name_is_taken_for_the_whole_installation(world: World) -> None:
    taken = world.user("district_officer", district=DISTRICT).username
    admin = world.user("admin", district=districts.DISTRICT)
    with pytest.raises(Conflict), world.database.transaction(admin.scope) as session:
        users.add_user(session, username=taken, password=PASSWORD, role="district_officer", district=districts.DISTRICT)


# News


def test_a_key_speaks_of_the_people_of_its_own_district(world: World) -> None:
    def refused(event: dict[str, Any], by: str) -> list[str]:
        return [one.errors[0].code for one in world.accept(event, by=caller(by)).rejected]

    here = world.event("resident.registered", {"person": told(1, "310117001001"), "facts": [DIBAO]})
    assert refused(here, districts.DISTRICT) == ["unknown_committee"]
    there = world.event("resident.registered", {"person": told(2, districts.COMMITTEE), "facts": [DIBAO]})
    assert refused(there, DISTRICT) == ["unknown_committee"]
    assert refused({**here, "id": "a"}, DISTRICT) == []
    assert refused({**there, "id": "b"}, districts.DISTRICT) == []
    world.settle()
    # Of somebody of another district it learns nothing and changes nothing.
    warning = world.event("warning.illness_poverty", {"person": told(1), "pushed_on": "2026-03-20"})
    assert refused(warning, districts.DISTRICT) == ["street_not_allowed"]
    assert refused({**warning, "id": "c"}, DISTRICT) == []


def test_who_can_be_placed_nowhere_waits_in_the_district_of_the_key(world: World) -> None:
    for by in (DISTRICT, districts.DISTRICT):
        event = world.event("warning.illness_poverty", {"person": told(5), "pushed_on": "2026-03-20"})
        assert world.accept({**event, "id": f"of {by}"}, by=caller(by)).accepted == 1
    world.settle()
    waiting = {row.event_id: row.street_code for row in world.rows("SELECT event_id, street_code FROM alert")}
    assert waiting == {f"of {DISTRICT}": DISTRICT, f"of {districts.DISTRICT}": districts.DISTRICT}
    officers = {code: world.user("district_officer", district=code) for code in (DISTRICT, districts.DISTRICT)}
    for code, officer in officers.items():
        with world.database.transaction(officer.scope) as session:
            assert session.execute(text("SELECT event_id FROM alert")).scalars().all() == [f"of {code}"]
    # Released by themselves once the person is opened, each within its own district alone.
    opening = world.event("resident.registered", {"person": told(5, districts.COMMITTEE), "facts": [DIBAO]})
    world.accept(opening, by=caller(districts.DISTRICT))
    world.settle()
    states = {row.event_id: row.status for row in world.rows("SELECT event_id, status FROM alert")}
    assert states[f"of {districts.DISTRICT}"] == "processed"
    assert states[f"of {DISTRICT}"] == "quarantined"


def test_somebody_who_moves_to_another_district_goes_on_there(world: World) -> None:
    resident = world.register(DIBAO, CHANGE)
    resident_id, officer = resident.id, world.user("district_officer", district=districts.DISTRICT)
    world.send(
        "resident.moved",
        resident,
        on="2026-03-20",
        to_street=districts.STREET,
        to_committee=districts.COMMITTEE,
    )
    assert resident.row.street_code == districts.STREET
    assert resident.task.street_code == districts.STREET
    with world.database.transaction(officer.scope) as session:
        assert session.execute(text("SELECT resident_id FROM resident")).scalars().all() == [resident_id]
        assert session.execute(text("SELECT count(*) FROM fact_entry")).scalar_one() > 1


def test_the_same_source_may_speak_in_two_districts_and_each_hears_its_own(world: World) -> None:
    keys = {}
    with world.database.transaction(world.scope) as session:
        for code in (DISTRICT, districts.DISTRICT):
            keys[code] = source_keys.add_key(session, source=SOURCE, scopes=["alerts:read"], district=code, by=SHELL)
    for code, secret in keys.items():
        with world.database.transaction(Scope(key=crypto.digest(secret))) as session:
            found = source_keys.caller(session, secret)
        assert (found.district, found.source) == (code, SOURCE)
        with world.database.transaction(world.user("admin", district=code).scope) as session:
            listed = source_keys.page(session, source=None, after=None, limit=None, by=SHELL)
        assert [row["district"] for row in listed] == [code]


# Rules


def test_a_policy_is_a_districts_own(world: World) -> None:
    officer = world.user("district_officer", district=districts.DISTRICT)
    with world.database.transaction(officer.scope) as session:
        [document] = rulebooks.policies(session, districts.STREET)
        changed = document.replace("version: 1", "version: 2").replace("2024-07-23", "2026-04-01")
        policies.put(session, changed, "ours", by=officer, now=world.now)
    with world.database.transaction(world.scope) as session:
        assert len(rulebooks.policies(session, districts.STREET)) == 2
        assert len(rulebooks.policies(session, STREET)) == 1
    with world.database.transaction(world.user("street_manager").scope) as session:
        assert session.execute(text("SELECT DISTINCT district_code FROM policy")).scalars().all() == [DISTRICT]
    # Nor do the people of one district set what holds in a street of the other.
    with world.database.transaction(officer.scope) as session, pytest.raises(Exception, match="没有这个街镇"):
        coverage.put(
            session, STREET, {"frequency": {"general": "quarter"}}, date(2026, 4, 1), "x", by=officer, now=world.now
        )


# What is told and counted


def test_nobody_hears_of_another_districts_trouble(world: World) -> None:
    ours, theirs = (world.user("district_officer", district=code) for code in (DISTRICT, districts.DISTRICT))
    world.register(DIBAO, CHANGE)
    world.go_to(date(2026, 5, 20))
    heard = {row.user_id for row in world.rows("SELECT DISTINCT user_id FROM notification")}
    assert ours.user_id in heard
    assert theirs.user_id not in heard


def test_a_district_reads_its_own_report_and_the_city_that_of_all_without_anybody_in_it(world: World) -> None:
    world.register(DIBAO)
    opening = world.event("resident.registered", {"person": told(7, districts.COMMITTEE), "facts": [DIBAO]})
    world.accept(opening, by=caller(districts.DISTRICT))
    world.settle()
    today = world.now.date()

    def streets_of(user: users.User) -> set[str]:
        with world.database.transaction(user.scope) as session:
            rows = reports.coverage(session, "2026-H1", "street", by=user, today=today)
            assert session.execute(text("SELECT count(*) FROM resident")).scalar_one() == (
                0 if user.district is None else 1
            )
        return {row["key"] for row in rows}

    assert streets_of(world.user("district_officer", district=DISTRICT)) == {STREET}
    assert streets_of(world.user("district_officer", district=districts.DISTRICT)) == {districts.STREET}
    assert streets_of(world.user("city_officer")) == {STREET, districts.STREET}


def test_every_district_sees_only_what_lies_under_its_code(world: World) -> None:
    world.register(DIBAO, CHANGE)
    opening = world.event("resident.registered", {"person": told(7, districts.COMMITTEE), "facts": [DIBAO, CHANGE]})
    world.accept(opening, by=caller(districts.DISTRICT))
    world.settle()
    tables = ("alert", "decision", "duty", "fact_entry", "resident", "task", "task_event")
    for code in (DISTRICT, districts.DISTRICT):
        with world.database.transaction(scopes.under(code)) as session:
            for table in tables:
                seen = session.execute(text(f"SELECT DISTINCT left(street_code, 6) FROM {table}")).scalars().all()
                assert seen == [code], table
