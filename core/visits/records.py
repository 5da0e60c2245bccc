"""Record forms as the table holds them: one row a form that was sent, read and written here alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlmodel import Session

from core.errors import Conflict
from core.store import bulk
from core.store.json import Json
from core.store.locks import FOR_CHANGE
from core.store.rows import Rows
from core.store.words import VisitChange
from core.visits import versions
from core.visits.forms import Form
from core.visits.receipts import Receipt
from rules.parameters import Mode


@dataclass(slots=True)
class Record:
    """A record form: as it stands, its `digest` as it was first sent, and what its sender was told.

    One that was merged into another is kept as it was sent, for whoever asks for it by its own id.
    """

    street_code: str
    visit_id: UUID
    resident_ids: tuple[UUID, ...]
    service_date: date
    mode: Mode
    form: Json
    digest: bytes
    answer: Json
    recorded_by: UUID
    recorded_at: datetime
    version: int = 1
    merged_into: UUID | None = None
    voided_at: datetime | None = None
    void_reason: str | None = None
    stored: tuple[object, ...] | None = field(default=None, compare=False, repr=False)

    @property
    def tag(self) -> str:
        """Tells this version from others, for whoever goes on to change it."""
        return f'"{self.version}"'

    def told_again(self, form: Form) -> Json:
        """The answer to a form that came before; raises `Conflict` when its content is another."""
        if bytes(self.digest) != form.digest:
            raise Conflict("这个 `visit_id` 已用于另一份内容，请更正那次走访，或换一个新的编号。")
        return self.answer


RECORDS: Final = Rows(Record, "visit", fixed=("digest", "recorded_by", "recorded_at"))

_BY_ID: Final = (
    f"SELECT {RECORDS.columns()} FROM visit WHERE street_code = ANY(:streets) AND visit_id = ANY(:visits)"
    " ORDER BY recorded_at DESC, visit_id"
)

_NAMING: Final = text(
    f"SELECT {RECORDS.columns()} FROM visit WHERE street_code = :street"
    f" AND resident_ids && CAST(:residents AS uuid[]) ORDER BY recorded_at DESC, visit_id {FOR_CHANGE}"
)
_MERGED: Final = text(
    "SELECT visit_id FROM visit WHERE street_code = :street AND merged_into = :visit ORDER BY visit_id"
)
_MERGED_ON: Final = text(
    "UPDATE visit SET merged_into = :visit WHERE street_code = :street AND merged_into = ANY(:others)"
)


def by_id(session: Session, streets: Iterable[str], visit_ids: Iterable[UUID]) -> list[Record]:
    """Some records, as they were sent or stand."""
    return RECORDS.read(session.execute(text(_BY_ID), {"streets": list(streets), "visits": list(visit_ids)}))


def lock(session: Session, street: str, visit_ids: Iterable[UUID]) -> list[Record]:
    """Some records, to be changed; their residents are locked."""
    values = {"streets": [street], "visits": list(visit_ids)}
    return RECORDS.read(session.execute(text(f"{_BY_ID} {FOR_CHANGE}"), values))


def naming(session: Session, street: str, resident_ids: Iterable[UUID]) -> list[Record]:
    """All records about some residents, merged and voided ones included, to be changed."""
    return RECORDS.read(session.execute(_NAMING, {"street": street, "residents": list(resident_ids)}))


def merged(session: Session, street: str, visit_id: UUID) -> list[UUID]:
    """The visits that were merged into one."""
    return list(session.execute(_MERGED, {"street": street, "visit": visit_id}).scalars())


def merge_on(session: Session, target: Record, others: Sequence[Record]) -> None:
    """What was merged into some visits goes on with them into another."""
    for other in others:
        other.merged_into = target.visit_id
    values = {"street": target.street_code, "visit": target.visit_id, "others": [other.visit_id for other in others]}
    session.execute(_MERGED_ON, values)


def new(street: str, form: Form, *, by: UUID, now: datetime, merged_into: UUID | None = None) -> Record:
    """The record of a form that came in."""
    return Record(
        street_code=street,
        visit_id=form.visit_id,
        resident_ids=form.resident_ids,
        service_date=form.service_date,
        mode=form.mode,
        form=form.fields,
        digest=form.digest,
        answer={},
        recorded_by=by,
        recorded_at=now,
        merged_into=merged_into,
    )


def become(
    session: Session,
    record: Record,
    form: Form,
    what: VisitChange,
    *,
    by: UUID,
    reason: str | None,
    now: datetime,
    merged: Form | None = None,
) -> None:
    """Let a record stand as a form from now on, in a version of its own."""
    record.version += 1
    record.form, record.resident_ids = form.fields, form.resident_ids
    record.service_date, record.mode = form.service_date, form.mode
    street, version = record.street_code, record.version
    versions.keep(session, street, form, version, what, by=by, at=now, reason=reason, merged=merged)


def answer(record: Record, receipt: Receipt) -> None:
    """Keep what is told of a form, as it is told again whenever the same form comes."""
    # What the caller reads now must equal what they would read from the table later.
    record.answer = orjson.loads(bulk.dumps(receipt))


def write(session: Session, records: Sequence[Record]) -> None:
    """Write what is new or changed about some records."""
    RECORDS.write(session, records)
