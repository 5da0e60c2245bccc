"""The rules of a street or a district and the working calendar, as they stand in the database.

A `place` is the code of either.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import date, time
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import text
from sqlmodel import Session

from core.errors import Invalid, NotFound
from core.organisation.roles import May
from core.organisation.streets import Divisions, district_of
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


def policies(session: Session, place: str) -> tuple[str, ...]:
    """The texts of all policy versions of a district, oldest first."""
    return _policies(session, [place])[district_of(place)]


def _policies(session: Session, places: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The texts of all policy versions, oldest first, of each district that has one of some places."""
    found: dict[str, list[str]] = {district_of(place): [] for place in places}
    versions = session.execute(
        text(
            "SELECT district_code, md5(document) AS digest FROM policy WHERE district_code = ANY(:districts)"
            " ORDER BY effective_on, policy_id, version"
        ),
        {"districts": list(found)},
    ).all()
    if missing := {version.digest for version in versions if version.digest not in _TEXTS}:
        rows = session.execute(
            text(
                "SELECT md5(document) AS digest, document FROM policy"
                " WHERE district_code = ANY(:districts) AND md5(document) = ANY(:missing)"
            ),
            {"districts": list(found), "missing": list(missing)},
        )
        _TEXTS.update({row.digest: row.document for row in rows})
    for version in versions:
        found[version.district_code].append(_TEXTS[version.digest])
    return {district: tuple(documents) for district, documents in found.items()}


# By digest, fetched once a process.
_TEXTS: dict[str, str] = {}


def spec(session: Session, place: str) -> Spec:
    """What is in force in a street, over time; in a district its own rules alone."""
    return specs(session, [place])[place]


def specs(session: Session, places: Collection[str]) -> dict[str, Spec]:
    """What is in force in some streets, over time; in districts their own rules alone."""
    rows = session.execute(
        text(
            "SELECT street_code, version, effective_on, document FROM coverage WHERE street_code = ANY(:streets)"
            " ORDER BY street_code, version"
        ),
        {"streets": list(places)},
    )
    versions: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for row in rows:
        versions[row.street_code].append((row.version, row.effective_on.isoformat(), bulk.dumps(row.document)))
    documents = _policies(session, places)
    return {place: Spec(documents[district_of(place)], tuple(versions[place])) for place in places}


def asked_for(session: Session, street: str | None, known: Divisions, *, by: Member) -> Spec:
    """The rules by which somebody may have persons judged: of a street of theirs, or the district's alone."""
    by.require(May.CLASSIFY)
    known = known.of(by.district)
    if street is not None and street not in known.streets:
        raise Invalid(
            "本区没有这个街镇。",
            problems=[Problem("street", "unknown_street", "本区没有这个街镇。")],
        )
    if street is not None and street not in (by.streets or known.streets):
        raise NotFound("您的范围内没有这个街镇。")
    return spec(session, street or known.chosen(None))


def of_street(session: Session, street: str) -> Rulebook:
    """Everything in force in a street, over time."""
    return of_streets(session, [street])[street]


def of_streets(session: Session, streets: Collection[str]) -> dict[str, Rulebook]:
    """Everything in force in some streets, over time: what one transaction has not looked up yet, at once."""
    known: dict[str, Any] = session.info.setdefault(_READ, {})
    if missing := [street for street in streets if street not in known]:
        known |= {street: found.rulebook for street, found in specs(session, missing).items()}
    return {street: known[street] for street in streets}


def of_district(session: Session, place: str) -> Rulebook:
    """The rules of a district alone."""
    return of_street(session, district_of(place))


def calendar(session: Session, place: str) -> WorkingCalendar:
    """The working calendar with a district's hours, read again when a day was changed."""
    return _once(session, f"calendar {district_of(place)}", lambda: _calendar(session, place))


def _once(session: Session, name: str, read: Callable[[], _Read]) -> _Read:
    """What one transaction asks for over and over, looked up once; who changes rules in it calls `forget`."""
    known: dict[str, Any] = session.info.setdefault(_READ, {})
    if name not in known:
        known[name] = read()
    found: _Read = known[name]
    return found


def forget(session: Session) -> None:
    """Rules or days were changed in this transaction: what it goes on with is read anew."""
    session.info.pop(_READ, None)


_READ: Final = "rulebooks"


def _calendar(session: Session, place: str) -> WorkingCalendar:
    state = tuple(
        session.execute(
            # The transaction that last wrote a row tells a change, wherever it was made.
            text("SELECT count(*), max(CAST(CAST(xmin AS text) AS bigint)), current_database() FROM calendar_day")
        ).one()
    )
    hours = tuple(
        (first, Hours(*(time.fromisoformat(said.value[end]) for end in ("from", "to"))))
        for first, said in of_district(session, place).values("escalation_hours")
    )
    fixed = tuple(
        (first, frozenset(said.value)) for first, said in of_district(session, place).values("fixed_holidays")
    )
    known = _CALENDARS.get((*state, (hours, fixed)))
    if known is None:
        rows = session.execute(text("SELECT day, working FROM calendar_day"))
        known = WorkingCalendar({row.day: row.working for row in rows}, hours=hours, fixed=fixed)
        for stale in [key for key in _CALENDARS if key[:-1] != state]:
            _CALENDARS.pop(stale, None)
        _CALENDARS[(*state, (hours, fixed))] = known
    return known


_CALENDARS: dict[tuple[object, ...], WorkingCalendar] = {}
