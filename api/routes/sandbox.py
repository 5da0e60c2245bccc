"""The clock of a sandbox; a production instance does not have these addresses."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from anyio.to_thread import run_sync
from fastapi import APIRouter
from sqlmodel import Session

from api.context import Context
from api.dependencies import ContextDep, UserDep
from api.http.bodies import StrictRoute
from api.http.refusals import refuses
from api.schemas.district import Clock, ClockMove
from core import errors
from core.errors import Busy
from core.heartbeat import sandbox
from core.organisation import streets
from core.organisation.users import User
from core.store import scopes
from core.store.scopes import Scope

router = APIRouter(prefix="/v1/sandbox", tags=["sandbox"], route_class=StrictRoute)

POLL_SECONDS: Final = 0.05
LONGEST_SECONDS: Final = 600.0


@router.put("/clock", response_model=Clock)
@refuses(errors.Conflict, errors.Busy)
async def move_clock(body: ClockMove, user: UserDep, context: ContextDep) -> dict[str, object]:
    """Move business time forward; answered once everything due up to then has happened."""
    await run_sync(_request, context, user, body.now)
    await _until(context, lambda session, _now: sandbox.arrived(session))
    return {"now": await run_sync(context.business.now)}


@router.post("/settle", response_model=Clock)
@refuses(errors.Busy)
async def settle_sandbox(user: UserDep, context: ContextDep) -> dict[str, object]:
    """Answered when no accepted alert and no due work is left."""
    divisions = await run_sync(streets.known, context.database)
    await _until(context, lambda session, now: sandbox.settled(session, divisions, by=user, now=now))
    return {"now": await run_sync(context.business.now)}


def _request(context: Context, user: User, target: datetime) -> None:
    now = context.business.now()
    # Who was just heard must not fall silent on the way.
    context.door.feeds.flush()
    with context.database.transaction(Scope()) as session:
        sandbox.request_move(session, target, by=user, now=now)


async def _until(context: Context, is_done: Callable[[Session, datetime], bool]) -> None:
    """Look again and again; between two looks neither a connection nor a thread is held."""
    last = time.monotonic() + LONGEST_SECONDS
    while not await run_sync(_look, context, is_done):
        if time.monotonic() > last:
            raise Busy("工作还没有做完，请再问一次。", retry_after_seconds=5)
        await asyncio.sleep(POLL_SECONDS)


def _look(context: Context, is_done: Callable[[Session, datetime], bool]) -> bool:
    now = context.business.now()
    with context.database.transaction(scopes.everywhere()) as session:
        return is_done(session, now)
