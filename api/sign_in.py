"""Signing in and choosing a password, as the interface and the pages both do it: no connection while hashing."""

from fastapi import Request

from api.context import Context
from api.http import callers
from core import clock
from core.errors import Refusal
from core.organisation import passwords, sessions, signing_in
from core.organisation.signing_in import Started
from core.organisation.users import User
from core.store import crypto
from core.store.models.accounts import Ended
from core.store.scopes import Scope


async def start(context: Context, request: Request, username: str, password: str) -> Started:
    """Open a session; that of the same browser before it ends. Raises what the pages and programs are told.

    A program that keeps cookies is no browser: it may sign in several people, one after the other.
    """
    callers.refuse_foreign(request, is_proof_needed=False)
    callers.refuse_plain(request)
    address = callers.address(request)
    replaced = callers.cookie_token(request) if callers.is_from_page(request) else None
    with context.hashing.place():
        attempt = await context.transact(
            Scope(username=username),
            lambda session: signing_in.begin(session, context.keys, username, address=address, now=clock.real_now()),
        )
        verdict = await context.hashing.run(signing_in.compare, attempt, password)
    return _raised(
        await context.transact(
            attempt.scope(instead_of=replaced),
            lambda session: signing_in.finish(
                session,
                context.keys,
                attempt,
                verdict,
                limits=context.callers.limits,
                instead_of=replaced,
                now=clock.real_now(),
                today=clock.today(context.business.now(session)),
            ),
        )
    )


async def choose_password(context: Context, request: Request, current: str | None, new: str, *, by: User) -> Started:
    """Another password, and another token of the session; every other session ends.

    Without `current` only somebody may choose who has just shown a code or a first password.
    """
    callers.refuse_plain(request)
    passwords.judge(new, username=by.username, loc="new")
    address = callers.address(request)
    with context.hashing.place():
        attempt = await context.transact(
            Scope(username=by.username, user=by.user_id),
            lambda session: signing_in.begin_change(
                session, context.keys, by=by, address=address, now=clock.real_now()
            ),
        )
        verdict = await context.hashing.run(signing_in.compare, attempt, current)
        chosen = await context.hashing.run(signing_in.chosen, attempt, new)
    return _raised(
        await context.transact(
            attempt.scope(),
            lambda session: signing_in.change(
                session,
                context.keys,
                attempt,
                verdict,
                chosen,
                by=by,
                limits=context.callers.limits,
                now=clock.real_now(),
                today=clock.today(context.business.now(session)),
            ),
        )
    )


def _raised(outcome: Started | Refusal) -> Started:
    # Only now: what it counted is committed.
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


async def first_password(context: Context, username: str, password: str | None) -> str | None:
    """A password that a manager chose for somebody, judged and hashed."""
    if password is None:
        return None
    passwords.judge(password, username=username)
    with context.hashing.place():
        return await context.hashing.run(passwords.hashed, password)


async def end(context: Context, request: Request, because: Ended = Ended.SIGNED_OUT) -> None:
    """End the session of a request's token at once."""
    shown, now = callers.token(request), clock.real_now()
    scope = Scope(token=crypto.digest(shown))
    await context.transact(scope, lambda session: sessions.end(session, shown, because, now=now))
