"""The rules of a street or a district and the working calendar, as they stand in the database.

A `place` is the code of either.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import text
from sqlmodel import Session

from core.errors import Invalid, NotFound
from core.organisation.roles import May
from core.organisation.streets import Divisions, district_of
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


def policies(session: Session, place: str) -> tuple[str, ...]:
    """The texts of all policy versions of a district, oldest first."""
    district = district_of(place)
    versions = session.execute(
        text(
            "SELECT policy_id, version, md5(document) AS digest FROM policy WHERE district_code = :district"
            " ORDER BY effective_on, policy_id, version"
        ),
        {"district": district},
    ).all()
    return tuple(_text(session, district, *version) for version in versions)


_TEXTS: dict[tuple[str, int, str], str] = {}


def _text(session: Session, district: str, policy_id: str, version: int, digest: str) -> str:
    """A policy's text, fetched once a process: a version never changes, and the digest would tell."""
    key = (policy_id, version, digest)
    if key not in _TEXTS:
        _TEXTS[key] = session.execute(
            text(
                "SELECT document FROM policy WHERE district_code = :district AND policy_id = :id AND version = :version"
            ),
            {"district": district, "id": policy_id, "version": version},
        ).scalar_one()
    return _TEXTS[key]


def spec(session: Session, place: str) -> Spec:
    """What is in force in a street, over time; in a district its own rules alone."""
    rows = session.execute(
        text("SELECT version, effective_on, document FROM coverage WHERE street_code = :street ORDER BY version"),
        {"street": place},
    )
    versions = tuple((row.version, row.effective_on.isoformat(), bulk.dumps(row.document)) for row in rows)
    return Spec(policies(session, place), versions)


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
    return _once(session, street, lambda: spec(session, street).rulebook)


def of_district(session: Session, place: str) -> Rulebook:
    """The rules of a district alone."""
    return _once(session, district_of(place), lambda: spec(session, district_of(place)).rulebook)


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
    hours = of_district(session, place).parameter("escalation_hours", date.max).value
    opens, closes = (int(hours[end].partition(":")[0]) for end in ("from", "to"))
    known = _CALENDARS.get((*state, opens, closes))
    if known is None:
        rows = session.execute(text("SELECT day, working FROM calendar_day"))
        known = WorkingCalendar({row.day: row.working for row in rows}, opens=opens, closes=closes)
        for stale in [key for key in _CALENDARS if key[:-2] != state]:
            _CALENDARS.pop(stale, None)
        _CALENDARS[(*state, opens, closes)] = known
    return known


_CALENDARS: dict[tuple[object, ...], WorkingCalendar] = {}
