"""A database that earlier programs filled comes up with everything in it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from alembic import command
from psycopg.rows import namedtuple_row

from core import migrations
from core.store.database import libpq_url
from core.store.ids import uuid7
from core.store.logins import LOGIN
from tests.behind import behind

NOW = datetime(2026, 3, 20, 2, tzinfo=UTC)
# What programs of earlier revisions wrote where an alert waited, and what stands there now: (code, failure).
WORDINGS = {
    "unknown person: register them, or replay with street and committee": ("unknown_person", None),
    "processing failed: KeyError": ("failed", "KeyError"),
    "processing failed: SealBroken": ("failed", "SealBroken"),
    "processing ended its process": ("failed", "ProcessEnded"),
}


def alert(owner: psycopg.Connection[Any], status: str, problem: str | None, resident: UUID | None) -> UUID:
    """An alert as revision 0009 kept it."""
    alert_id = uuid7()
    owner.execute(
        "INSERT INTO alert (street_code, alert_id, source, event_id, type, event_at, digest, body, resident_id, status,"
        " received_at, counts_from, attempts, task_ids, problem) VALUES ('310117001', %s, '/s', %s, 'lead.reported',"
        " %s, '\\x01', '\\x02', %s, %s, %s, %s, 3, '{}', %s)",
        (alert_id, str(alert_id), NOW, resident, status, NOW, NOW, problem),
    )
    return alert_id


def test_0008_a_database_whose_revision_0007_was_that_of_the_words_comes_up_too(
    database_at: Callable[[str], str],
) -> None:
    url = database_at("0006")
    with psycopg.connect(libpq_url(url), autocommit=True) as owner:
        owner.execute(
            "INSERT INTO street (code, name, kind, valid_from) VALUES ('310117', '松江区', 'district', '2023-06-30')"
        )
        owner.execute("ALTER TABLE import_mapping ADD words jsonb NOT NULL DEFAULT '{}'")
        owner.execute(
            "INSERT INTO import_mapping (source, kind, signature, mapping, words, updated_at)"
            " VALUES ('/s', 'facts', 'x', '{}', '{\"类别\": {\"低收入\": \"低保边缘\"}}', now())"
        )
        owner.execute("UPDATE alembic_version SET version_num = '0007'")
        command.upgrade(migrations.configuration(url, LOGIN), "head")
        columns = owner.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'task'")
        assert ("details",) not in columns.fetchall()
    with behind(url) as connection:
        kept = connection.exec_driver_sql("SELECT words FROM import_mapping").scalars().all()
    assert kept == [{"类别": {"低收入": "低保边缘"}}]


def test_0010_the_sentences_of_waiting_alerts_become_codes_and_keep_what_failed(
    database_at: Callable[[str], str],
) -> None:
    url = database_at("0009")
    with psycopg.connect(libpq_url(url), autocommit=True, row_factory=namedtuple_row) as owner:
        waiting = {wording: alert(owner, "quarantined", wording, uuid7()) for wording in WORDINGS}
        nowhere = alert(
            owner, "quarantined", "unknown person: register them, or replay with street and committee", None
        )
        unsaid = alert(owner, "quarantined", None, None)
        again = alert(owner, "accepted", "processing failed: TimeoutError", uuid7())
        calm = [alert(owner, status, None, uuid7()) for status in ("accepted", "processed")]
        command.upgrade(migrations.configuration(url, LOGIN), "0010")
        found = {row.alert_id: row for row in owner.execute("SELECT * FROM alert").fetchall()}
        assert len(found) == len(WORDINGS) + 5
        for wording, alert_id in waiting.items():
            row = found[alert_id]
            assert (row.status, row.problem_code, row.failure) == ("quarantined", *WORDINGS[wording])
            assert (row.attempts, row.event_at, row.body) == (3, NOW, b"\x02")
        assert (found[nowhere].problem_code, found[unsaid].problem_code) == ("unknown_person", "unknown_person")
        assert (found[again].status, found[again].problem_code, found[again].failure) == (
            "accepted",
            "failed",
            "TimeoutError",
        )
        assert [(found[one].problem_code, found[one].failure) for one in calm] == [(None, None)] * 2
        with pytest.raises(psycopg.errors.CheckViolation):
            owner.execute("UPDATE alert SET problem_code = NULL WHERE status = 'quarantined'")
        # And back: an older program finds its wordings.
        command.downgrade(migrations.configuration(url, LOGIN), "0009")
        rows = owner.execute("SELECT alert_id, problem FROM alert").fetchall()
        told = {row.alert_id: row.problem for row in rows}
        assert {wording: told[alert_id] for wording, alert_id in waiting.items()} == {word: word for word in WORDINGS}
        assert told[again] == "processing failed: TimeoutError"
