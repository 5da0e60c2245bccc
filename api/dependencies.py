"""What routes ask for: who is calling, what time it is, and a transaction that commits before the reply."""

from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime
from typing import Annotated, Final

from fastapi import Depends, Request
from sqlmodel import Session

from api.context import Context
from api.http import callers
from core import clock
from core.alerts import source_keys
from core.alerts.source_keys import Caller
from core.organisation import streets
from core.organisation.streets import Divisions
from core.organisation.users import User
from core.store import scopes
from core.store.scopes import Scope

_WORK: Final = "streets_with_work"


async def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


ContextDep = Annotated[Context, Depends(_context)]


_AnybodyDep = Annotated[User | Caller, Depends(callers.identity)]


async def identity(anybody: _AnybodyDep) -> User | Caller:
    """Who is calling, with nothing left to do before they may."""
    callers.refuse_limited(anybody)
    return anybody


IdentityDep = Annotated[User | Caller, Depends(identity)]


async def person(identity: IdentityDep) -> User:
    """A person: a key opens nothing that asks for one."""
    return source_keys.person(identity)


# Also who has still to choose a password: for that, for signing out, and for nothing else.
async def signed_in(anybody: _AnybodyDep) -> User:
    """Whoever signed in, with a first password or a code too."""
    return source_keys.person(anybody)


SignedInDep = Annotated[User, Depends(signed_in)]
UserDep = Annotated[User, Depends(person)]


def _now(context: ContextDep) -> datetime:
    return context.business.now()


NowDep = Annotated[datetime, Depends(_now)]


async def _today(now: NowDep) -> date:
    return clock.today(now)


TodayDep = Annotated[date, Depends(_today)]


def _divisions(context: ContextDep) -> Divisions:
    return streets.known(context.database)


DivisionsDep = Annotated[Divisions, Depends(_divisions)]


async def slot(context: ContextDep) -> AsyncIterator[None]:
    async with context.slot():
        yield


SlotDep = Annotated[None, Depends(slot, scope="function")]


def _open_transaction(context: ContextDep, user: UserDep, _slot: SlotDep) -> Iterator[Session]:
    with context.database.transaction(user.scope) as session:
        yield session
    context.door.hints.send(session.info.get(_WORK, ()))


def _open_identity_transaction(context: ContextDep, identity: IdentityDep, _slot: SlotDep) -> Iterator[Session]:
    with context.database.transaction(identity.scope) as session:
        yield session


def _open_own_transaction(context: ContextDep, user: SignedInDep, _slot: SlotDep) -> Iterator[Session]:
    with context.database.transaction(Scope(user=user.user_id)) as session:
        yield session


def _open_wide_transaction(context: ContextDep, _slot: SlotDep) -> Iterator[Session]:
    with context.database.transaction(scopes.everywhere()) as session:
        yield session
    context.door.hints.send(session.info.get(_WORK, ()))


# function: the commit comes before the reply, which FastAPI would otherwise send first. No connection is taken here;
# the first statement takes one.
SessionDep = Annotated[Session, Depends(_open_transaction, scope="function")]
# For people and keys alike.
IdentitySessionDep = Annotated[Session, Depends(_open_identity_transaction, scope="function")]
# Every street and the directory: only for what checks by itself whose it is.
WideSessionDep = Annotated[Session, Depends(_open_wide_transaction, scope="function")]
# Of no street and no district, one's own account and sessions alone; also for who has still to choose a password.
OwnSessionDep = Annotated[Session, Depends(_open_own_transaction, scope="function")]


def announce(session: Session, street: str) -> None:
    """After the commit of this transaction, tell the workers that a street has work."""
    session.info.setdefault(_WORK, set()).add(street)
