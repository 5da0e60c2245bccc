"""What each street adds to the district's policy (A25): versions with a first day, never narrower, rolled back anew."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from core import clock
from core.errors import DocumentUnreadable, Invalid, Narrowing, NotFound
from core.organisation.roles import May
from core.organisation.users import User
from core.policy import rulebooks
from core.policy.rulebooks import Spec
from core.store import bulk
from core.store.database import take_turn
from core.store.json import Json
from core.store.locks import FOR_CHANGE
from core.store.models import CoverageDocument
from rules.coverage import Coverage, Narrows, check_never_narrower, parse_coverage
from rules.documents import DocumentInvalid, Reader
from rules.facts import Problem

Document = str | Mapping[str, object]

_SLEEPING: Final = "street_code = :street AND moved_to IS NULL AND (wake_on IS NULL OR wake_on > :on)"
# An update alone would take them in the order in which it happens to come across them.
_LOCK_SLEEPING: Final = text(
    f"SELECT count(*) FROM (SELECT FROM resident WHERE {_SLEEPING} ORDER BY resident_id {FOR_CHANGE}) AS locked"
)
_WAKE: Final = text(f"UPDATE resident SET wake_on = :on WHERE {_SLEEPING}")


class VersionShown(TypedDict):
    """One version of a street's document."""

    version: int
    effective_on: date
    document: Json
    comment: str
    by: UUID | None
    created_at: datetime


class CoverageShown(TypedDict):
    """What holds in a street, every version, and how many residents have still to be decided anew."""

    street: str
    in_force: VersionShown | None
    versions: list[VersionShown]
    waiting: int


def read(document: Document) -> tuple[Coverage, Json]:
    """A document, YAML text or JSON, parsed and as the plain mapping to be stored; raises `Invalid` with every line."""
    try:
        coverage = parse_coverage(document)
    except DocumentInvalid as error:
        raise DocumentUnreadable("规则文件无法读取，各处错误已标明位置。", problems=error.problems) from None
    plain = Reader(document).root
    return coverage, dict(plain) if isinstance(plain, Mapping) else {}


def versions(session: Session, street: str) -> list[CoverageDocument]:
    """Every version of a street, newest first."""
    return versions_of(session, [street])[street]


def versions_of(session: Session, streets: Sequence[str]) -> dict[str, list[CoverageDocument]]:
    """Every version of some streets, newest first."""
    found: dict[str, list[CoverageDocument]] = {street: [] for street in streets}
    statement = select(CoverageDocument).where(col(CoverageDocument.street_code).in_(streets))
    for document in session.exec(statement.order_by(col(CoverageDocument.version).desc())):
        found[document.street_code].append(document)
    return found


def in_force(found: list[CoverageDocument], on: date) -> CoverageDocument | None:
    """Which of a street's versions holds on a day: the latest first day, of equals the later version."""
    reached = [document for document in found if document.effective_on <= on]
    return max(reached, key=lambda document: (document.effective_on, document.version), default=None)


def declared_tags(session: Session, street: str) -> dict[str, str]:
    """The tags that any version of a street's document declares, with their labels."""
    found: dict[str, str] = {}
    for stored in reversed(versions(session, street)):
        found |= stored.document.get("tags") or {}
    return found


def shown(session: Session, street: str, *, by: User, today: date) -> CoverageShown:
    """What holds in a street today, every version, and how many residents have still to be decided anew."""
    by.require_within(street, May.READ_COVERAGE)
    found = versions(session, street)
    current = in_force(found, today)
    return {
        "street": street,
        "in_force": _version(current) if current else None,
        "versions": [_version(version) for version in found],
        "waiting": waiting(session, street, today),
    }


def _version(stored: CoverageDocument) -> VersionShown:
    return {
        "version": stored.version,
        "effective_on": stored.effective_on,
        "document": stored.document,
        "comment": stored.comment,
        "by": stored.by_user_id,
        "created_at": stored.created_at,
    }


def draft(session: Session, street: str, document: Document, on: date, *, by: User) -> tuple[Spec, Spec]:
    """The rules of a street on a day without and with a document that could be put in force."""
    by.require_within(street, May.SET_COVERAGE)
    parsed, plain = read(document)
    check(session, street, parsed, on)
    before = rulebooks.spec(session, street)
    return before, before.with_coverage(plain, on)


def waiting(session: Session, street: str, today: date) -> int:
    """How many residents of a street have still to be decided anew by rules that hold already."""
    count: int = session.execute(
        text("SELECT count(*) FROM resident WHERE street_code = :street AND wake_on <= :today AND moved_to IS NULL"),
        {"street": street, "today": today},
    ).scalar_one()
    return count


def check(session: Session, street: str, coverage: Coverage, effective_on: date) -> None:
    """Refuse what would give anybody less than the district does, now or under a policy already scheduled (A25)."""
    scheduled = sorted(
        (rulebooks.policy(document) for document in rulebooks.policies(session, street)),
        key=lambda policy: policy.effective_on,
    )
    for index, policy in enumerate(scheduled):
        ends = scheduled[index + 1].effective_on if index + 1 < len(scheduled) else date.max
        for day in policy.changes_from(effective_on):
            if day >= ends:
                break
            try:
                check_never_narrower(coverage, policy, day)
            except Narrows as error:
                raise Narrowing("规则低于全区的要求，各处已标明项目和受影响的人。", problems=error.problems) from None


def put(
    session: Session, street: str, document: Document, effective_on: date, comment: str, *, by: User, now: datetime
) -> int:
    """Store a version that takes effect by itself on its day; returns its number."""
    by.require_within(street, May.SET_COVERAGE)
    if effective_on < clock.today(now):
        raise Invalid(
            "街镇规则从今天或以后生效，过去的决定不变。",
            problems=[Problem("effective_on", "in_past", "不能早于今天。")],
        )
    coverage, plain = read(document)
    check(session, street, coverage, effective_on)
    return _store(session, street, plain, effective_on, comment, by=by, now=now)


def rollback(session: Session, street: str, version: int, *, by: User, now: datetime) -> int:
    """Put an earlier version (0: the district's rules alone) in force again from today, as a new version."""
    by.require_within(street, May.SET_COVERAGE)
    document: Json = {}
    if version != 0:
        found = session.get(CoverageDocument, (street, version))
        if found is None:
            raise NotFound("这个街镇没有这一版。")
        document = found.document
    today = clock.today(now)
    check(session, street, parse_coverage(document), today)
    return _store(session, street, document, today, f"rollback to {version}", by=by, now=now)


def _store(
    session: Session,
    street: str,
    document: Mapping[str, object],
    effective_on: date,
    comment: str,
    *,
    by: User,
    now: datetime,
) -> int:
    # One writer a street at a time, so that version numbers have no gaps and no race.
    take_turn(session, street)
    version: int = session.execute(
        text("SELECT coalesce(max(version), 0) + 1 FROM coverage WHERE street_code = :street"), {"street": street}
    ).scalar_one()
    bulk.insert(
        session,
        "coverage",
        [
            {
                "street_code": street,
                "version": version,
                "effective_on": effective_on,
                "document": document,
                "comment": comment,
                "by_user_id": by.user_id,
                "created_at": now,
            }
        ],
    )
    rulebooks.forget(session)
    wake_all(session, street, effective_on)
    return version


def wake_all(session: Session, street: str, on: date) -> None:
    """Have every resident of a street looked at on a day: in the background, in batches, resumable."""
    for statement in (_LOCK_SLEEPING, _WAKE):
        session.execute(statement, {"street": street, "on": on})
