"""Rows that a user could see and should not: what row-level security opens, beside a plain reading of the roles.

No query of the product is asked. Whatever any of them forgot to filter, this is all it could give away.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from core.organisation.roles import Role
from core.store.database import Database
from core.store.scopes import Scope
from tests.behind import behind

# For everybody who is signed in.
PUBLIC: Final = {"alembic_version", "calendar_day", "committee", "district", "sandbox_clock", "street"}
CLOSED: Final = {"directory", "receipt", "seen_message"}
OF_DISTRICT: Final = {
    *("feed", "feed_hour", "import_mapping", "policy", "signed_source", "signing_secret", "source_name"),
    "upstream_key",
}
OF_STREET: Final = {"claim", "coverage", "daily_digest", "escalation_chain"}
OF_ADDRESSEE: Final = {"delivery", "draft", "notification"}
OF_STAFF: Final = {
    *("absence", "login", "notification_channel", "notification_preference", "user_account", "user_committee"),
}
ABOUT_A_PERSON: Final = {
    *(
        "alert",
        "attempt",
        "credit",
        "decision",
        "duty",
        "duty_history",
        "escalation",
        "fact_entry",
        "resident",
        "task",
        "task_event",
    ),
    *("visit", "visit_resident", "visit_version", "recusal"),
}


@dataclass
class Reader:
    """A user, read from the tables by themselves: who they are, where, and for whom they work."""

    user_id: UUID
    role: Role
    district: str | None
    street: str | None
    committees: frozenset[str]
    people: set[tuple[str, UUID]] = field(default_factory=set)

    def reaches(self, code: str | None) -> bool:
        """Whether a place is this user's."""
        if code is None or self.role is Role.CITY_OFFICER:
            return False
        return code == self.street if self.street else code.startswith(str(self.district))

    def is_staff_nearby(self, row: Any, place: str | None) -> bool:
        """Whether an account is one that this user may have to do with."""
        return self.reaches(place) or row["user_id"] == self.user_id or (place is not None and place == self.district)


def reader(url: str, user_id: UUID) -> Reader:
    """Read a user, and everybody whom the role gives them."""
    with behind(url) as connection:
        account = (
            connection.execute(text("SELECT * FROM user_account WHERE user_id = :user"), {"user": user_id})
            .mappings()
            .one()
        )
        served = connection.execute(
            text("SELECT committee_code FROM user_committee WHERE user_id = :user"), {"user": user_id}
        ).scalars()
        found = Reader(
            user_id, Role(account["role"]), account["district_code"], account["street_code"], frozenset(served)
        )
        residents = connection.execute(
            text("SELECT street_code, resident_id, committee_code, paired_user_id FROM resident")
        )
        given = {
            (row.street_code, row.resident_id)
            for row in connection.execute(
                text("SELECT street_code, resident_id FROM task WHERE assignee_id = :user AND state <> 'cancelled'"),
                {"user": user_id},
            )
        }
        for row in residents:
            key = (row.street_code, row.resident_id)
            match found.role:
                case Role.ADMIN | Role.CITY_OFFICER:
                    is_theirs = False
                case Role.VISITOR:
                    is_theirs = key in given or row.paired_user_id == user_id
                case Role.COMMITTEE_ADVISOR:
                    is_theirs = row.committee_code in found.committees
                case _:
                    is_theirs = True
            if is_theirs and found.reaches(row.street_code):
                found.people.add(key)
    return found


def rows(database: Database, user_id: UUID, scope: Scope) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row of every table that a scope opens to this user and the role does not."""
    who = reader(database.url, user_id)
    with database.transaction(scope) as session:
        tables = session.execute(
            text("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
        ).scalars()
        for table in tables.all():
            if table in PUBLIC:
                continue
            is_theirs = _TESTS[table]
            for row in session.execute(text(f'SELECT * FROM "{table}"')).mappings():
                if not is_theirs(who, row, table):
                    yield table, dict(row)


def _about_a_person(who: Reader, row: Any, table: str) -> bool:
    street = row["place_code"] if table == "recusal" else row["street_code"]
    people = row["resident_ids"] if table in ("visit", "visit_version") else [row["resident_id"]]
    if not who.reaches(street):
        return False
    if who.role in (Role.DISTRICT_OFFICER, Role.AUDITOR, Role.STREET_MANAGER, Role.STREET_ADVISOR):
        return True
    if any((street, one) in who.people for one in people):
        return True
    match table:
        case "task":
            # The pool, before a claim.
            return row["assignee_id"] is None and row["committee_code"] in who.committees
        case "visit":
            return bool(row["recorded_by"] == who.user_id)
        case "visit_version":
            return bool(row["by_user_id"] == who.user_id)
        case "visit_resident":
            return bool(row["visitor_id"] == who.user_id)
        case "recusal":
            return bool(row["user_id"] == who.user_id)
    return False


def _of_staff(who: Reader, row: Any, table: str) -> bool:
    place = (row["street_code"] or row["district_code"]) if table == "user_account" else row["place_code"]
    if table == "login":
        return who.reaches(place) or row["user_id"] == who.user_id
    return who.is_staff_nearby(row, place)


_Test = Callable[[Reader, Any, str], bool]
_TESTS: Final[dict[str, _Test]] = {
    **dict.fromkeys(CLOSED, lambda *_: False),
    # Of what is counted against guessing, one's own look-ups alone.
    "failure_count": lambda who, row, _: bytes(row["subject"]) == who.user_id.bytes,
    **dict.fromkeys(OF_DISTRICT, lambda who, row, table: _of_district(who, row, table)),
    **dict.fromkeys(OF_STREET, lambda who, row, _: who.reaches(row["street_code"])),
    **dict.fromkeys(OF_ADDRESSEE, lambda who, row, _: row["user_id"] == who.user_id),
    **dict.fromkeys(OF_STAFF, _of_staff),
    **dict.fromkeys(ABOUT_A_PERSON, _about_a_person),
}


def _of_district(who: Reader, row: Any, table: str) -> bool:
    # A district's policy holds in its streets, which read what it calls its sources; its keys and feeds are not theirs.
    is_for_streets = table in ("policy", "source_name")
    return bool(row["district_code"] == who.district and (who.street is None or is_for_streets))
