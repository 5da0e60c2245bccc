"""Duties of earlier programs come up with the history that their rows allow."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from alembic import command
from psycopg.rows import namedtuple_row
from psycopg.types.json import Jsonb

from core import migrations
from core.store.database import libpq_url
from core.store.ids import uuid7
from core.store.logins import LOGIN


def insert(owner: psycopg.Connection[Any], table: str, **values: object) -> None:
    columns, places = ", ".join(f'"{name}"' for name in values), ", ".join(["%s"] * len(values))
    owner.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", [*values.values()])


def test_0011_duties_that_stand_get_the_history_that_their_rows_allow(database_at: Callable[[str], str]) -> None:
    url = database_at("0010")
    born, moved = uuid7(), uuid7()
    first, later = datetime(2026, 3, 2, 2, tzinfo=UTC), datetime(2026, 4, 6, 2, tzinfo=UTC)
    with psycopg.connect(libpq_url(url), autocommit=True, row_factory=namedtuple_row) as owner:
        for street, resident, opened_on in (
            ("310117001", born, "2026-03-02"),
            ("310117001", moved, "2026-03-02"),
            ("310117002", moved, "2026-04-05"),
        ):
            insert(
                owner,
                "resident",
                street_code=street,
                resident_id=resident,
                committee_code=f"{street}001",
                name="测试",
                person_key=b"",
                tier="high",
                rules=[],
                opened_on=opened_on,
                created_at=first,
                failures=0,
            )
        insert(
            owner,
            "fact_entry",
            street_code="310117002",
            entry_id=uuid7(),
            resident_id=moved,
            event_at=later,
            source="/s",
            event_id="1",
            type="resident.moved",
            recorded_at=later,
            entry=Jsonb({"moved": {"on": "2026-04-05", "to_street": "310117002", "to_committee": "310117002001"}}),
        )
        [user] = owner.execute(
            "INSERT INTO user_account (user_id, username, name, role, password_hash, capacity, active, created_at,"
            " is_first_password, text_size)"
            " VALUES (%s, 'u', '员', 'committee_advisor', 'x', 30, true, %s, false, 'standard') RETURNING user_id",
            (uuid7(), first),
        ).fetchall()
        visits = {}
        for on, entered, approved in (
            ("2026-03-05", first, None),
            ("2026-03-06", later, None),
            ("2026-02-07", first, "2026-04-06"),
        ):
            visit = visits[on] = uuid7()
            insert(
                owner,
                "visit",
                street_code="310117001",
                visit_id=visit,
                service_date=on,
                mode="home_visit",
                form=Jsonb({}),
                digest=b"",
                answer=Jsonb({}),
                recorded_by=user.user_id,
                recorded_at=entered,
            )
            insert(
                owner,
                "visit_resident",
                street_code="310117001",
                visit_id=visit,
                resident_id=born,
                service_date=on,
                mode="home_visit",
                met=True,
                initiated_by="advisor",
                role="volunteer",
                dimensions_done=False,
                entered_at=entered,
                approved_on=approved,
                voided=False,
                carried=False,
            )

        def duty(street: str, resident: UUID, occasion: str, state: str, **values: object) -> None:
            insert(
                owner,
                "duty",
                **{
                    "street_code": street,
                    "duty_id": uuid7(),
                    "resident_id": resident,
                    "kind": "periodic",
                    "tier": "high",
                    "occasion": occasion,
                    "period": occasion,
                    "starts_on": f"{occasion}-01",
                    "due_on": f"{occasion}-28",
                    "modes": ["home_visit"],
                    "limit": "policy",
                    "clause": "三（一）",
                    "state": state,
                    "late_entry": False,
                    "carried": False,
                    "policy_id": "p",
                    "policy_version": 1,
                    "created_at": first,
                    **values,
                },
            )

        duty("310117001", born, "2026-04", "open")
        duty("310117001", born, "2026-03", "met", settled_at=later, credited_visit_id=visits["2026-03-06"])
        duty("310117001", born, "2026-02", "met", settled_at=later, credited_visit_id=visits["2026-02-07"])
        duty("310117001", born, "2026-01", "missed", settled_at=later, made_up_on="2026-03-05")
        excuse = {"by": str(user.user_id), "at": later.isoformat(), "reason": "住院"}
        duty("310117001", born, "2026-05", "excused", settled_at=later, reason="住院", excuse=Jsonb(excuse))
        duty("310117001", moved, "2026-04", "cancelled", settled_at=later, reason="moved")
        duty("310117002", moved, "2026-04", "open")
        duty("310117002", moved, "2026-03", "missed", settled_at=first, carried=True)
        command.upgrade(migrations.configuration(url, LOGIN), "0011")
        rows = owner.execute("SELECT * FROM duty_history ORDER BY street_code, resident_id, period, version").fetchall()
        told = [(row.street_code[-1], row.period[-1], row.state, row.because, row.recorded_at) for row in rows]
        assert told == [
            ("1", "1", "open", "owed", first),
            ("1", "1", "missed", "made_up", later),
            ("1", "2", "open", "owed", first),
            ("1", "2", "met", "visited", later),
            ("1", "3", "open", "owed", first),
            ("1", "3", "met", "visited", later),
            ("1", "4", "open", "owed", first),
            ("1", "5", "open", "owed", first),
            ("1", "5", "excused", "excused", later),
            ("1", "4", "open", "owed", first),
            ("1", "4", "cancelled", "moved", later),
            ("2", "3", "open", "owed", later),
            ("2", "3", "missed", "period_closed", later),
            ("2", "4", "open", "owed", later),
        ]
        assert [row.words for row in rows if row.words] == ["住院"]
        assert [row.visit_id for row in rows if row.because == "made_up"] == [visits["2026-03-05"]]
        duties = owner.execute(
            "SELECT d.*, h.state AS told, h.recorded_at FROM duty d"
            " JOIN duty_history h USING (street_code, duty_id, version)"
        ).fetchall()
        assert len(duties) == 8
        for row in duties:
            assert (row.state, row.committee_code, row.changed_at) == (
                row.told,
                f"{row.street_code}001",
                row.recorded_at,
            )
        assert {row.period for row in duties if row.face_to_face} == {"2026-02", "2026-03"}
        command.downgrade(migrations.configuration(url, LOGIN), "0010")
        [[left]] = owner.execute("SELECT count(*) FROM duty").fetchall()
        assert left == 8
