"""What a heartbeat costs when there is nothing to do: a look an index, for 17 streets as for 2,000."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import event, text

from cli.embedded.postgres import SUPERUSER, as_role
from core import clock
from core.heartbeat import sweep
from core.store import scopes
from core.store.crypto import Keys
from core.store.database import Database, libpq_url
from tests.world import StoppedClock

PEOPLE = 20_000
LATER = date(2026, 12, 1)
NOW = clock.at(date(2026, 3, 20), 10)
# Some pages down an index, whoever lives there.
PAGES = 6


@pytest.fixture(scope="module", params=[17, 2_000])
def waiting(make_database: Callable[[], str], request: pytest.FixtureRequest) -> str:
    """People in so many streets for whom nothing is due yet, each with an open task."""
    url, streets = make_database(), int(request.param)
    with psycopg.connect(libpq_url(as_role(url, SUPERUSER)), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        residents = "street_code, resident_id, committee_code, name, person_key, tier, rules, opened_on, failures"
        with connection.cursor().copy(f"COPY resident ({residents}, created_at, wake_on) FROM STDIN") as copy:  # type: ignore[call-overload]
            for number in range(PEOPLE):
                street = f"31{number % streets:07d}"
                committee = f"{street}001"
                copy.write_row((street, UUID(int=number), committee, "测试", b"", "none", [], LATER, 0, LATER, LATER))
        connection.execute(
            "INSERT INTO task (street_code, task_id, resident_id, committee_code, kind, subject, state, tier, why,"
            " due_on, assigned_because, chain, escalation_level, created_at, updated_at, next_step_at)"
            " SELECT street_code, resident_id, resident_id, committee_code, 'visit', '', 'open', tier, '', wake_on,"
            " '{}', '[]', 0, created_at, created_at, wake_on FROM resident"
        )
        connection.execute("VACUUM ANALYZE")
    return url


def test_a_look_for_work_costs_the_same_however_many_streets_there_are(waiting: str, keys: Keys) -> None:
    database = Database(waiting, pool_size=2)
    seen: list[tuple[str, Any]] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: seen.append((args[2], args[3])))
    assert sweep.once(database, keys, StoppedClock(NOW)) == 0
    looks = [one for one in seen if one[0].startswith("SELECT DISTINCT street_code")]
    assert len(looks) == len({statement for statement, _ in looks}) == 3
    assert len(seen) < 30
    for statement, values in looks:
        assert _pages(database, statement, values) <= PAGES, statement
    database.dispose()


def _pages(database: Database, statement: str, values: Any) -> int:
    """How many pages are looked into for a statement, as the product asks it."""
    with database.transaction(scopes.everywhere()) as session:
        said = session.connection().exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", values)
        [plan] = said.scalar_one()
        assert session.execute(text("SELECT count(*) FROM resident")).scalar_one() == PEOPLE
    read = (plan if isinstance(plan, dict) else json.loads(plan))["Plan"]
    return int(read["Shared Hit Blocks"] + read["Shared Read Blocks"])
