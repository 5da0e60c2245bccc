"""The product without its doors, for tests that read as policy: news comes in, days pass, people visit."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
from argon2 import PasswordHasher
from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.alerts import accepting, ledger
from core.alerts.source_keys import Caller
from core.events import id_numbers
from core.events.cloudevents import parse_request
from core.heartbeat import sweep
from core.organisation import streets, users
from core.organisation.users import User
from core.store import scopes
from core.store.business import Business
from core.store.crypto import Keys
from core.store.database import Database
from core.store.ids import uuid7
from core.store.scopes import Scope
from core.visits import recording
from core.visits.forms import Form

DISTRICT = "310117"
STREET = "310117001"
COMMITTEE = "310117001001"
SOURCE = "/songjiang/medical-insurance"
PASSWORD = "synthetic-people-only"
# The real cost of a password is a tenth of a second and more on purpose; tests make hundreds of accounts.
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)


@dataclass
class StoppedClock(Business):
    """Business time that stands still until a test moves it."""

    at: datetime

    def now(self, session: Session | None = None) -> datetime:
        return self.at


@dataclass
class World:
    """A street with its people; `today` moves only forward, and everything due on the way happens."""

    database: Database
    keys: Keys
    business: StoppedClock = field(default_factory=lambda: StoppedClock(clock.at(date(2026, 3, 20), 10)))
    _ids: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def now(self) -> datetime:
        return self.business.at

    @property
    def scope(self) -> Scope:
        return scopes.everywhere()

    # News

    def event(self, kind: str, data: dict[str, Any], *, at: datetime | None = None, **extra: Any) -> dict[str, Any]:
        """A CloudEvent as a monitoring system sends it."""
        return {
            "specversion": "1.0",
            "source": SOURCE,
            "id": f"e{next(self._ids)}",
            "type": kind,
            "time": (at or self.now).astimezone(UTC).isoformat(),
            "data": data,
            **extra,
        }

    def accept(self, *events: dict[str, Any], by: Caller | None = None) -> ledger.Accepted:
        """What the door does with one request."""
        caller = by or Caller(uuid4(), DISTRICT, SOURCE, frozenset({"alerts:write"}), frozenset(), frozenset())
        parsed = parse_request("application/json", {}, orjson.dumps(list(events)), now=self.now)
        committees = streets.known(self.database).committees
        with self.database.transaction(self.scope) as session:
            return accepting.accept(session, parsed, committees, self.keys, by=caller, now=self.now)

    def send(self, event_type: str, resident: "Person", *, at: datetime | None = None, **data: Any) -> None:
        """Accept one event about a person and let everything due happen."""
        result = self.accept(self.event(event_type, {"person": {"id_number": resident.id_number}, **data}, at=at))
        assert not result.rejected, result.rejected
        self.settle()

    def register(
        self,
        *facts: dict[str, Any],
        born: date = date(1960, 1, 1),
        committee: str = COMMITTEE,
        settle: bool = True,
    ) -> "Person":
        """A synthetic resident with facts of the register."""
        person = Person(self, id_numbers.make(born, next(self._ids) + 1))
        told = {"id_number": person.id_number, "name": "测试", "street": committee[:9], "committee": committee}
        result = self.accept(self.event("resident.registered", {"person": told, "facts": list(facts)}))
        assert not result.rejected, result.rejected
        if settle:
            self.settle()
        return person

    # Time

    def settle(self) -> None:
        """Everything due now happens."""
        sweep.until_quiet(self.database, self.keys, self.business)

    def go_to(self, day: date, hour: int = 10) -> None:
        """Let days pass, each with its morning and its working hours, as if the service had been running."""
        while clock.today(self.now) < day:
            self.business.at = clock.next_midnight(self.now)
            self.settle()
            self.business.at += timedelta(hours=9)
            self.settle()
        self.jump_to(day, hour)

    def jump_to(self, day: date, hour: int = 10) -> None:
        """Start again after an outage: nothing ran in between."""
        self.business.at = max(self.now, clock.at(day, hour))
        self.settle()

    # People

    def user(self, role: str = "committee_advisor", **details: Any) -> User:
        """Somebody who works here, signed in."""
        name = f"{role}-{next(self._ids)}"
        if role in ("committee_advisor", "visitor"):
            details.setdefault("committees", [COMMITTEE])
        if role in ("committee_advisor", "visitor", "street_advisor", "street_manager"):
            details.setdefault("street", STREET)
        with self.database.transaction(self.scope) as session:
            users.add_user(session, username=name, password=PASSWORD, password_hash=PASSWORD_HASH, role=role, **details)
            return users.named(session, name, today=clock.today(self.now))

    # Looking

    def rows(self, statement: str, **values: Any) -> Sequence[Any]:
        """What the database holds."""
        with self.database.transaction(self.scope) as session:
            return session.execute(text(statement), values).all()


@dataclass(frozen=True)
class Person:
    """A synthetic resident."""

    world: World
    id_number: str

    @property
    def row(self) -> Any:
        key = self.world.keys.person_key("id_number", self.id_number)
        [row] = self.world.rows("SELECT * FROM resident WHERE person_key = :key AND moved_to IS NULL", key=key)
        return row

    @property
    def id(self) -> UUID:
        found: UUID = self.row.resident_id
        return found

    @property
    def tier(self) -> str:
        return str(self.row.tier)

    def duties(self, kind: str = "periodic") -> dict[str, Any]:
        """The duties of a kind by period, or by occasion for responses."""
        rows = self.world.rows(
            "SELECT * FROM duty WHERE resident_id = :id AND kind = :kind AND street_code = :street ORDER BY due_on",
            id=self.id,
            kind=kind,
            street=self.row.street_code,
        )
        return {row.occasion: row for row in rows}

    def tasks(self, kind: str = "visit") -> Sequence[Any]:
        """The tasks of a kind, oldest first."""
        return self.world.rows(
            "SELECT * FROM task WHERE resident_id = :id AND kind = :kind AND street_code = :street ORDER BY created_at",
            id=self.id,
            kind=kind,
            street=self.row.street_code,
        )

    @property
    def task(self) -> Any:
        """The one open visit task."""
        [task] = [task for task in self.tasks() if task.state == "open"]
        return task

    def visit(
        self,
        by: User,
        *,
        on: date | None = None,
        mode: str = "home_visit",
        visit_id: UUID | None = None,
        initiated_by: str = "advisor",
        met: bool = True,
        dimensions: dict[str, Any] | None = None,
        with_others: Sequence["Person"] = (),
        merge: bool = False,
        narrative: str = "情况稳定",
        role: str | None = None,
    ) -> dict[str, Any]:
        """Record a visit; returns what the visitor is told."""
        world = self.world
        everybody = (self.id, *(one.id for one in with_others))
        day = on or clock.today(world.now)
        fields: dict[str, Any] = {
            "visit_id": str(visit_id or uuid7()),
            "resident_ids": [str(resident_id) for resident_id in everybody],
            "mode": mode,
            "participants": ["王芳"],
            "service_date": day.isoformat(),
            "duration_hours": 1.0,
            "services": ["care"],
            "initiated_by": initiated_by,
            "narrative": narrative,
            "met": {str(self.id): met},
            **({"dimensions": dimensions} if dimensions else {}),
            **({"visited_by_role": role} if role else {}),
            **({"several_households": True} if with_others else {}),
            **({"mode_text": "其他"} if mode == "other" else {}),
        }
        form = Form.of(fields, merge=merge)
        with world.database.transaction(by.scope) as session:
            return recording.record(session, form, by=by, now=world.now).answer
