"""The door with other limits than usual, and requests that a client library would not send."""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.main import create
from core.settings import Settings
from core.store.database import Database
from tests.api.door import Door
from tests.behind import behind
from tests.world import World


def application(world: World, key_folder: Path, **limits: Any) -> FastAPI:
    """The application at the world's time."""
    settings = Settings(
        database_url=world.database.url, keys=key_folder, sandbox=True, pool_size=8, redis_url=None, **limits
    )
    app = create(settings)
    app.state.context = replace(app.state.context, business=world.business)
    app.state.context.door.collector.business = world.business
    return app


@contextmanager
def limited(world: World, key_folder: Path, **limits: Any) -> Iterator[Door]:
    """A door with these limits."""
    with TestClient(application(world, key_folder, **limits), raise_server_exceptions=False) as client:
        yield Door(client, world)


@contextmanager
def stalled(database: Database) -> Iterator[None]:
    """Nobody can write receipts for a while, so that requests gather at the door."""
    with behind(database.url) as connection:
        connection.execute(text("LOCK TABLE receipt IN EXCLUSIVE MODE"))
        yield


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait for something that happens by itself."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


async def stream(app: FastAPI, headers: dict[str, str], chunks: AsyncIterator[bytes]) -> tuple[int, Any]:
    """Post a body that is made while it is sent."""
    answer: dict[str, Any] = {"body": b""}

    async def receive() -> dict[str, Any]:
        try:
            return {"type": "http.request", "body": await anext(chunks), "more_body": True}
        except StopAsyncIteration:
            return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer["status"] = message["status"]
        else:
            answer["body"] += message.get("body", b"")

    named = {**headers, "content-type": "application/x-ndjson", "host": "test"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/alerts",
        "raw_path": b"/v1/alerts",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
        "asgi": {"version": "3.0"},
        "headers": [(name.lower().encode(), value.encode()) for name, value in named.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "app": app,
    }
    await app(scope, receive, send)
    return answer["status"], orjson.loads(answer["body"])
