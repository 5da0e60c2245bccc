"""The rules of a street and the working calendar, as they stand in the database."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import date, time
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import text
from sqlmodel import Session

from core.errors import Invalid, NotFound
from core.organisation.roles import May
from core.organisation.streets import Divisions
from core.organisation.users import Member
from core.store import bulk
from rules.calendar import Hours, WorkingCalendar
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
        version = max((coverage[0] for coverage in self.coverages), default=0) + 1
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
    digests = (
        session.execute(text("SELECT md5(document) FROM policy ORDER BY effective_on, policy_id, version"))
        .scalars()
        .all()
    )
    if missing := [digest for digest in digests if digest not in _TEXTS]:
        rows = session.execute(
            text("SELECT md5(document) AS digest, document FROM policy WHERE md5(document) = ANY(:missing)"),
            {"missing": missing},
        )
        _TEXTS.update({row.digest: row.document for row in rows})
    return tuple(_TEXTS[digest] for digest in digests)


# By digest, fetched once a process.
_TEXTS: dict[str, str] = {}


def spec(session: Session, street: str | None) -> Spec:
    """What is in force in a street, over time; without a street the district's rules alone."""
    return Spec(policies(session)) if street is None else specs(session, [street])[street]


def specs(session: Session, streets: Collection[str]) -> dict[str, Spec]:
    """What is in force in some streets, over time."""
    rows = session.execute(
        text(
            "SELECT street_code, version, effective_on, document FROM coverage WHERE street_code = ANY(:streets)"
            " ORDER BY street_code, version"
        ),
        {"streets": list(streets)},
    )
    versions: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for row in rows:
        versions[row.street_code].append((row.version, row.effective_on.isoformat(), bulk.dumps(row.document)))
    documents = policies(session)
    return {street: Spec(documents, tuple(versions[street])) for street in streets}


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
    return of_streets(session, [street])[street]


def of_streets(session: Session, streets: Collection[str]) -> dict[str, Rulebook]:
    """Everything in force in some streets, over time: what one transaction has not looked up yet, at once."""
    known: dict[str | None, Any] = session.info.setdefault(_READ, {})
    if missing := [street for street in streets if street not in known]:
        known |= {street: found.rulebook for street, found in specs(session, missing).items()}
    return {street: known[street] for street in streets}


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
    hours = tuple(
        (first, Hours(*(time.fromisoformat(said.value[end]) for end in ("from", "to"))))
        for first, said in district(session).values("escalation_hours")
    )
    known = _CALENDARS.get((*state, hours))
    if known is None:
        rows = session.execute(text("SELECT day, working FROM calendar_day"))
        known = WorkingCalendar({row.day: row.working for row in rows}, hours=hours)
        _CALENDARS.clear()
        _CALENDARS[(*state, hours)] = known
    return known


_CALENDARS: dict[tuple[object, ...], WorkingCalendar] = {}
