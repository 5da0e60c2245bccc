"""The door to a world, and what tests do at it: sign in, push, record."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.context import Context
from api.description import DescribedApp
from api.evaluation.evaluators import Evaluators
from api.main import application, context_of
from core import clock
from core.alerts import source_keys
from core.organisation import sessions, users
from core.organisation.sessions import Limits
from core.settings import Settings
from core.store.models import UserAccount
from tests.api import documented
from tests.world import COMMITTEE, PASSWORD, PASSWORD_HASH, SOURCE, STREET, Person, World

# Putting the addresses together takes longer than most tests; what they work with is new for each door.
_IDLE: list[FastAPI] = []


@dataclass
class Door:
    """The API and the world behind it."""

    client: TestClient
    world: World
    _names: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @property
    def app(self) -> DescribedApp:
        """The application behind the client."""
        found = self.client.app
        assert isinstance(found, DescribedApp)
        return found

    @property
    def context(self) -> Context:
        """What that application works with."""
        found: Context = self.app.state.context
        return found

    def key(self, *scopes: str, source: str = SOURCE, **limits: Any) -> dict[str, str]:
        """The headers of a monitoring system."""
        with self.world.database.transaction(self.world.scope) as session:
            secret = source_keys.add_key(
                session, source=source, scopes=scopes or ("alerts:write", "alerts:read"), by=users.SHELL, **limits
            )
        return {"Authorization": f"Bearer {secret}"}

    def person(self, role: str, **details: Any) -> dict[str, str]:
        """The headers of somebody who signed in; without checking the password, which takes its time on purpose."""
        name = f"{role}-{next(self._names)}"
        if role in ("committee_advisor", "visitor"):
            details.setdefault("committees", [COMMITTEE])
        if role in ("committee_advisor", "visitor", "street_advisor", "street_manager"):
            details.setdefault("street", STREET)
        with self.world.database.transaction(self.world.scope) as session:
            user_id = users.add_user(
                session, username=name, password=PASSWORD, password_hash=PASSWORD_HASH, role=role, **details
            )
        return self._signed_in(user_id)

    def signed_in_again(self, headers: dict[str, str]) -> dict[str, str]:
        """The headers of the same person in another browser."""
        return self._signed_in(UUID(self.id_of(headers)))

    def _signed_in(self, user_id: UUID) -> dict[str, str]:
        limits = Limits(idle=timedelta(hours=1), absolute=timedelta(hours=1))
        with self.world.database.transaction(self.world.scope) as session:
            account = session.get_one(UserAccount, user_id)
            place = users.place_of(account.street_code, account.district_code)
            _, token = sessions.start(
                session, user_id, place, is_limited=False, address="testclient", limits=limits, now=clock.real_now()
            )
        return {"Authorization": f"Bearer {token}"}

    def id_of(self, headers: dict[str, str]) -> str:
        """The user behind some headers."""
        found: str = self.get("/v1/me", headers)["user_id"]
        return found

    def get(self, path: str, headers: dict[str, str], **query: Any) -> Any:
        """A good answer."""
        answer = self.client.get(path, headers=headers, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def visit(self, headers: dict[str, str], *residents: str, **fields: Any) -> httpx.Response:
        """Record a visit of today."""
        return self.client.post("/v1/visits", headers=headers, json=self.form(*residents, **fields))

    def form(self, *residents: str, **fields: Any) -> dict[str, Any]:
        """A record form as an advisor fills it in."""
        return {
            "visit_id": str(uuid4()),
            "resident_ids": list(residents),
            "mode": "home_visit",
            "participants": ["王芳"],
            "service_date": self.world.now.date().isoformat(),
            "duration_hours": 1.5,
            "services": ["care"],
            "initiated_by": "advisor",
            "narrative": "情况稳定",
            **fields,
        }

    def resident(self, *facts: dict[str, Any], committee: str = COMMITTEE) -> str:
        """A registered resident's id."""
        person: Person = self.world.register(*facts, committee=committee)
        return str(person.row.resident_id)


@contextmanager
def open_door(database_url: str, key_folder: Path, world: World, evaluators: Evaluators) -> Iterator[Door]:
    """The door to a world, in this process."""
    settings = Settings(database_url=database_url, keys=key_folder, sandbox=True, pool_size=8, redis_url=None)
    app = _IDLE.pop() if _IDLE else application(with_sandbox=True)
    context = context_of(settings)
    context.door.collector.business = world.business
    known = replace(context.callers, business=world.business)
    app.state.context = replace(context, business=world.business, callers=known, evaluators=evaluators)
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        client.event_hooks["response"].append(documented.hold)
        yield Door(client, world)
    _IDLE.append(app)


def is_problem(answer: httpx.Response, status: int, code: str | None = None) -> bool:
    """Whether an answer is a problem document as the contract describes it."""
    assert answer.status_code == status, (answer.status_code, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert {"type", "title", "status", "detail", "code", "errors"} <= body.keys()
    assert body["status"] == status
    assert all(set(error) == {"loc", "code", "msg"} for error in body["errors"])
    assert code in (None, body["code"]), body
    return True
