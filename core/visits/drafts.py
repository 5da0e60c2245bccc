"""Drafts: record forms that somebody has not sent yet, kept sealed for them alone."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypedDict
from uuid import UUID

import orjson
from sqlalchemy import Row, text
from sqlmodel import Session

from core.errors import DraftOld, NotFound
from core.organisation.roles import May
from core.organisation.users import User
from core.store.crypto import Keys
from core.store.json import Json

# By business time, from the last time it was saved.
KEPT: Final = timedelta(days=14)
MOST_RESIDENTS: Final = 20
_TASK: Final = "task"
_RESIDENTS: Final = "residents"
_GONE: Final = "您没有这份草稿：可能已经交了，或者已满 14 天。"

# What was sent or thrown away holds nothing that could be lost.
_SAVE: Final = text(
    "INSERT INTO draft (user_id, key, seen, form, saved_at) VALUES (:user, :key, :seen, :form, :now)"
    " ON CONFLICT (user_id, key) DO UPDATE"
    " SET seen = greatest(draft.seen + 1, excluded.seen), form = excluded.form, saved_at = excluded.saved_at"
    " WHERE draft.form IS NULL OR draft.seen < excluded.seen OR draft.saved_at <= :since"
    " RETURNING seen"
)
_KEPT: Final = "user_id = :user AND form IS NOT NULL AND saved_at > :since"
_ONE: Final = text(f"SELECT key, seen, form, saved_at FROM draft WHERE {_KEPT} AND key = :key")
_LIST: Final = (
    f"SELECT key, seen, form, saved_at FROM draft WHERE {_KEPT}{{after}} ORDER BY saved_at DESC, key DESC LIMIT :limit"
)
_CLEAR: Final = text(f"UPDATE draft SET form = NULL, saved_at = :now WHERE {_KEPT} AND key = :key RETURNING key")
_FORGET: Final = text("DELETE FROM draft WHERE saved_at <= :since")


class DraftShown(TypedDict):
    """A draft as its owner reads it; whoever saves it next names `seen`."""

    key: str
    seen: int
    saved_at: datetime
    form: Json


def of_task(task_id: UUID) -> str:
    """The key of the form about a task."""
    return f"{_TASK}:{task_id}"


def of_residents(resident_ids: Iterable[UUID]) -> str:
    """The key of the form about some residents, in whichever order they are named."""
    return f"{_RESIDENTS}:{','.join(sorted({str(resident_id) for resident_id in resident_ids}))}"


def key(written: str) -> str:
    """A key as it is stored; raises `ValueError` for what is none."""
    kind, _, ids = written.partition(":")
    named = [UUID(resident_id) for resident_id in ids.split(",")]
    if kind == _TASK and len(named) == 1:
        return of_task(named[0])
    if kind == _RESIDENTS and len(named) <= MOST_RESIDENTS:
        return of_residents(named)
    raise ValueError("neither of a task nor of residents")


def save(
    session: Session, key: str, form: Mapping[str, Any], seen: int, *, by: User, keys: Keys, now: datetime
) -> DraftShown:
    """Keep a form as far as it is filled in; raises `DraftOld` when it was saved elsewhere since `seen`.

    The same form once more is taken, whatever was seen: an answer may have been lost.
    """
    by.require(May.RECORD_VISITS)
    values = {
        "user": by.user_id,
        "key": key,
        "seen": seen + 1,
        "form": keys.seal(orjson.dumps(form), table="draft", column="form", row=_row(by, key)),
        "now": now,
        "since": now - KEPT,
    }
    saved = session.execute(_SAVE, values).scalar_one_or_none()
    if saved is not None:
        return DraftShown(key=key, seen=saved, saved_at=now, form=dict(form))
    stored = one(session, key, by=by, keys=keys, now=now)
    if stored["form"] == form:
        return stored
    raise DraftOld(stored)


def one(session: Session, key: str, *, by: User, keys: Keys, now: datetime) -> DraftShown:
    """One of the caller's drafts; raises `NotFound`."""
    found = find(session, key, by=by, keys=keys, now=now)
    if found is None:
        raise NotFound(_GONE)
    return found


def find(session: Session, key: str, *, by: User, keys: Keys, now: datetime) -> DraftShown | None:
    """One of the caller's drafts, if there is one."""
    by.require(May.RECORD_VISITS)
    row = session.execute(_ONE, {"user": by.user_id, "key": key, "since": now - KEPT}).one_or_none()
    return None if row is None else _shown(row, by, keys)


def page(
    session: Session, *, by: User, after: tuple[datetime, str] | None, limit: int, keys: Keys, now: datetime
) -> list[DraftShown]:
    """The caller's drafts, the latest saved first; one more than `limit` when there are more."""
    by.require(May.RECORD_VISITS)
    values: dict[str, object] = {"user": by.user_id, "since": now - KEPT, "limit": limit + 1}
    further = ""
    if after is not None:
        further = " AND (saved_at, key) < (:saved_at, :key)"
        values |= {"saved_at": after[0], "key": after[1]}
    return [_shown(row, by, keys) for row in session.execute(text(_LIST.format(after=further)), values)]


def clear(session: Session, key: str, *, by: User, now: datetime) -> bool:
    """The form was sent or is thrown away; returns whether there was one."""
    by.require(May.RECORD_VISITS)
    cleared = session.execute(_CLEAR, {"user": by.user_id, "key": key, "now": now, "since": now - KEPT})
    return cleared.one_or_none() is not None


def discard(session: Session, key: str, *, by: User, now: datetime) -> None:
    """Throw a draft away; raises `NotFound` where there is none."""
    if not clear(session, key, by=by, now=now):
        raise NotFound(_GONE)


def forget(session: Session, *, now: datetime) -> None:
    """Let go of what has been kept long enough, in a scope of every user."""
    session.execute(_FORGET, {"since": now - KEPT})


def _shown(row: Row[Any], by: User, keys: Keys) -> DraftShown:
    form = keys.open(row.form, table="draft", column="form", row=_row(by, row.key))
    return DraftShown(key=row.key, seen=row.seen, saved_at=row.saved_at, form=orjson.loads(form))


def _row(by: User, key: str) -> str:
    # Both, so that nobody's draft opens as somebody else's.
    return f"{by.user_id}/{key}"
