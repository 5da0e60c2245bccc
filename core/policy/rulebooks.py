"""The rules of a street and the working calendar, as they stand in the database."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import text
from sqlmodel import Session

from core.errors import Invalid, NotFound
from core.organisation.roles import May
from core.organisation.streets import Divisions
from core.organisation.users import Member
from core.store import bulk
from rules.calendar import WorkingCalendar
from rules.coverage import Coverage, CoverageVersion, parse_coverage
from rules.facts import Problem
from rules.policies import Policy, parse_policy
from rules.rulebook import Rulebook

_Read = TypeVar("_Read")


# A version is never changed: what was parsed and compiled once holds as long as the process lives.
@lru_cache(maxsize=64)
def policy(document: str) -> Policy:
    """A policy by its text."""
    return parse_policy(document)


@lru_cache(maxsize=256)
def _coverage(document: str) -> Coverage:
    return parse_coverage(document) if document != "{}" else Coverage()


class Spec(NamedTuple):
    """The rules of a street as texts, for a process that has no database: `coverages` are (version, day, JSON)."""

    policies: tuple[str, ...]
    coverages: tuple[tuple[int, str, str], ...] = ()

    @property
    def rulebook(self) -> Rulebook:
        """The rules, parsed and compiled once a process."""
        return _compiled(self)

    def with_coverage(self, document: Mapping[str, object], effective_on: date) -> "Spec":
        """The same with one more coverage version, as a preview sees it."""
        version = max((one[0] for one in self.coverages), default=0) + 1
        later = (version, effective_on.isoformat(), bulk.dumps(document))
        return self._replace(coverages=(*self.coverages, later))


@lru_cache(maxsize=128)
def _compiled(spec: Spec) -> Rulebook:
    return Rulebook(
        [policy(document) for document in spec.policies],
        [
            CoverageVersion(version, date.fromisoformat(effective_on), _coverage(document))
            for version, effective_on, document in spec.coverages
        ],
    )


def policies(session: Session) -> tuple[str, ...]:
    """The texts of all policy versions, oldest first."""
    versions = session.execute(
        text("SELECT policy_id, version, md5(document) AS digest FROM policy ORDER BY effective_on, policy_id, version")
    ).all()
    return tuple(_text(session, *version) for version in versions)


_TEXTS: dict[tuple[str, int, str], str] = {}


def _text(session: Session, policy_id: str, version: int, digest: str) -> str:
    """A policy's text, fetched once a process: a version never changes, and the digest would tell."""
    key = (policy_id, version, digest)
    if key not in _TEXTS:
        _TEXTS[key] = session.execute(
            text("SELECT document FROM policy WHERE policy_id = :id AND version = :version"),
            {"id": policy_id, "version": version},
        ).scalar_one()
    return _TEXTS[key]


def spec(session: Session, street: str | None) -> Spec:
    """What is in force in a street, over time; without a street the district's rules alone."""
    if street is None:
        return Spec(policies(session))
    rows = session.execute(
        text("SELECT version, effective_on, document FROM coverage WHERE street_code = :street ORDER BY version"),
        {"street": street},
    )
    versions = tuple((row.version, row.effective_on.isoformat(), bulk.dumps(row.document)) for row in rows)
    return Spec(policies(session), versions)


def asked_for(session: Session, street: str | None, known: Divisions, *, by: Member) -> Spec:
    """The rules by which somebody may have persons judged: of a street of theirs, or the district's alone."""
    by.require(May.CLASSIFY)
    if street is not None and street not in known.streets:
        raise Invalid(
            "本区没有这个街镇。",
            problems=[Problem("street", "unknown_street", "本区没有这个街镇。")],
        )
    if street is not None and street not in (by.streets or known.streets):
        raise NotFound("您的范围内没有这个街镇。")
    return spec(session, street)


def of_street(session: Session, street: str) -> Rulebook:
    """Everything in force in a street, over time."""
    return _once(session, street, lambda: spec(session, street).rulebook)


def district(session: Session) -> Rulebook:
    """The district's rules alone."""
    return _once(session, None, lambda: spec(session, None).rulebook)


def calendar(session: Session) -> WorkingCalendar:
    """The working calendar and hours, read again when a day was changed."""
    return _once(session, "calendar", lambda: _calendar(session))


def _once(session: Session, name: str | None, read: Callable[[], _Read]) -> _Read:
    """What one transaction asks for over and over, looked up once; who changes rules in it calls `forget`."""
    known: dict[str | None, Any] = session.info.setdefault(_READ, {})
    if name not in known:
        known[name] = read()
    found: _Read = known[name]
    return found


def forget(session: Session) -> None:
    """Rules or days were changed in this transaction: what it goes on with is read anew."""
    session.info.pop(_READ, None)


_READ: Final = "rulebooks"


def _calendar(session: Session) -> WorkingCalendar:
    state = tuple(
        session.execute(
            # The transaction that last wrote a row tells a change, wherever it was made.
            text("SELECT count(*), max(CAST(CAST(xmin AS text) AS bigint)), current_database() FROM calendar_day")
        ).one()
    )
    hours = district(session).parameter("escalation_hours", date.max).value
    opens, closes = (int(hours[end].partition(":")[0]) for end in ("from", "to"))
    known = _CALENDARS.get((*state, opens, closes))
    if known is None:
        rows = session.execute(text("SELECT day, working FROM calendar_day"))
        known = WorkingCalendar({row.day: row.working for row in rows}, opens=opens, closes=closes)
        _CALENDARS.clear()
        _CALENDARS[(*state, opens, closes)] = known
    return known


_CALENDARS: dict[tuple[object, ...], WorkingCalendar] = {}
