"""The planner knows how much a scope opens, at the size of a district."""

import json
from collections.abc import Callable
from random import Random
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from cli.embedded.postgres import SUPERUSER, as_role
from core.store import scopes
from core.store.database import Database, admit, libpq_url, widened
from core.store.ids import uuid7
from core.store.scopes import Scope
from tests.world import DISTRICT

STREETS = [f"3101170{number:02d}" for number in range(1, 18)]
MIDDLE = STREETS[5]
PEOPLE, ROWS = 30_000, 50_000
RESIDENT = "street_code, resident_id, committee_code, name, person_key, tier, rules, opened_on, failures, created_at"
DUTY = (
    "street_code, duty_id, resident_id, committee_code, kind, tier, occasion, starts_on, due_on, modes,"
    ' "limit", clause, state, late_entry, face_to_face, carried, policy_id, policy_version, created_at, version,'
    " changed_at"
)


@pytest.fixture(scope="module")
def crowded(make_database: Callable[[], str]) -> str:
    """50,000 duties of 30,000 people in 17 streets, as many as a district has in a year and a half."""
    url, chance = make_database(), Random(1)
    streets = [chance.choice(STREETS) for _ in range(PEOPLE)]
    people = [(street, UUID(int=chance.getrandbits(128)), f"{street}{chance.randint(1, 23):03d}") for street in streets]
    day = "2026-01-01"
    with psycopg.connect(libpq_url(as_role(url, SUPERUSER)), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        with connection.cursor().copy(f"COPY resident ({RESIDENT}) FROM STDIN") as copy:  # type: ignore[call-overload]
            for street, resident, committee in people:
                copy.write_row((street, resident, committee, "测试", b"", "none", [], day, 0, day))
        with connection.cursor().copy(f"COPY duty ({DUTY}) FROM STDIN") as copy:  # type: ignore[call-overload]
            for number in range(ROWS):
                street, resident, committee = chance.choice(people)
                owed = (street, UUID(int=number), resident, committee, "periodic", "high", str(number))
                copy.write_row(
                    (*owed, day, "2026-03-31", [], "policy", "x", "open", False, False, False, "x", 1, day, 1, day)
                )
        connection.execute("ANALYZE")
    return url


def look(database: Database, scope: Scope, people: int | None) -> tuple[float, int]:
    """(rows expected, rows found) by a look at all duties of a scope; of so many people of a street."""
    with database.transaction(scope) as session:
        if people is not None:
            some = text("SELECT resident_id FROM resident WHERE street_code = :street LIMIT :people")
            with widened(session, scopes.under(MIDDLE)):
                drawn = session.execute(some, {"street": MIDDLE, "people": people}).scalars().all()
            admit(session, drawn)
        [plan] = session.execute(text("EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) SELECT * FROM duty")).scalar_one()
    found = plan if isinstance(plan, dict) else json.loads(plan)
    return found["Plan"]["Plan Rows"], found["Plan"]["Actual Rows"]


VISITOR = Scope(within=MIDDLE, given_to=uuid7())


@pytest.mark.parametrize(
    ("scope", "people"),
    [
        (scopes.everywhere(), None),
        (scopes.under(DISTRICT), None),
        *((scopes.under(street), None) for street in (STREETS[0], MIDDLE, STREETS[16])),
        (Scope(within=DISTRICT, streets=(STREETS[2], STREETS[7], STREETS[11]), everybody=True), None),
        # A visitor's, one committee's, several committees', nearly everybody's in the street.
        *((VISITOR, people) for people in (25, 80, 240, 600, 1500)),
    ],
)
def test_what_a_scope_opens_is_estimated_within_ten_times(crowded: str, scope: Scope, people: int | None) -> None:
    database = Database(crowded, pool_size=1)
    expected, found = look(database, scope, people)
    database.dispose()
    assert found > 0
    assert 0.1 <= expected / found <= 10, (expected, found)


def test_a_street_is_found_by_its_key_whatever_the_query_forgot(crowded: str) -> None:
    database = Database(crowded, pool_size=1)
    with database.transaction(scopes.under(MIDDLE)) as session:
        plan = "\n".join(session.execute(text("EXPLAIN SELECT * FROM duty")).scalars())
    database.dispose()
    assert "Seq Scan" not in plan
    assert "Index Cond: (((street_code)::text >= current_setting('tanfang.lo'" in plan
