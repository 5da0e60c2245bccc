"""What a source said before, found again by event ids that show neither a person nor what was said.

The id of an imported event is `row-<whom>-<what>-<after what>`, each part an HMAC: the same row again is known by its
first two, and a row that changes back to what it once said is a new event after all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlmodel import Session

from core.alerts import directory, entering
from core.imports.event_data import RegistrationData
from core.store.crypto import Keys
from core.store.words import AlertStatus

PREFIX: Final = "row-"
_WHO, _WHAT, _AFTER = 24, 24, 12  # hexadecimal digits


class PriorEvent(NamedTuple):
    """The latest event with which a source told of a person, or of one fact about them."""

    what: str
    event_id: str
    event_at: datetime
    type: str
    street: str
    alert_id: UUID
    resident_id: UUID | None
    is_waiting: bool  # for its effect


class _Numbers(NamedTuple):
    id_number: str | None
    external_id: str | None
    name: str | None


def _numbers(person: Mapping[str, str]) -> _Numbers:
    return _Numbers(person.get("id_number"), person.get("external_id"), person.get("name"))


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Makes the HMACs of one source, of whom it speaks and of what it says, and the event ids out of them."""

    keys: Keys
    source: str
    # All that is new in a file follows the same instant: its fingerprint is made once.
    _afters: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def person_keys(self, person: Mapping[str, str]) -> tuple[bytes, ...]:
        """The blind indexes of a row's person, the strongest first."""
        return directory.person_keys(self.keys, self.source, _numbers(person))

    def former_key(self, person: Mapping[str, str]) -> bytes | None:
        """The blind index of a number that a row's person may have given up (A38)."""
        return directory.told_former_key(self.keys, _numbers(person))

    def who(self, person_key: bytes, *about: object) -> str:
        """Whom, and what about them, an event is about."""
        return self._fingerprint("who", [person_key.hex(), *about], _WHO)

    def what(self, said: object) -> str:
        """What an event says."""
        return self._fingerprint("what", said, _WHAT)

    def event_id(self, who: str, what: str, after: str) -> str:
        """The id of an event that follows another one, or an instant."""
        if after not in self._afters:
            self._afters.clear()
            self._afters[after] = self._fingerprint("after", after, _AFTER)
        return f"{PREFIX}{who}-{what}-{self._afters[after]}"

    def digest(self, fingerprint: str) -> bytes:
        """32 bytes of a fingerprint, for ids that are not texts."""
        return self.keys.person_key("import_id", f"{self.source}\x00{fingerprint}")

    def _fingerprint(self, use: str, said: object, digits: int) -> str:
        content = orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()
        return self.keys.person_key(f"import_{use}", f"{self.source}\x00{content}").hex()[:digits]


def load(session: Session, source: str, streets: Iterable[str], *, before: datetime) -> dict[str, PriorEvent]:
    """The latest event of every identity that the source has told of, as it was on the day of the file."""
    rows = session.execute(
        text(
            "SELECT DISTINCT ON (split_part(event_id, '-', 2)) event_id, event_at, type, street_code,"
            " alert_id, resident_id, status FROM alert WHERE street_code = ANY(:streets) AND source = :source"
            " AND status <> 'conflict' AND starts_with(event_id, :prefix) AND event_at < :before"
            " ORDER BY split_part(event_id, '-', 2), event_at DESC, received_at DESC"
        ),
        {"streets": list(streets), "source": source, "prefix": PREFIX, "before": before},
    )
    found = {}
    for row in rows:
        _, who, what, _ = row.event_id.split("-")
        found[who] = PriorEvent(
            what,
            row.event_id,
            row.event_at,
            row.type,
            row.street_code,
            row.alert_id,
            row.resident_id,
            row.status == AlertStatus.ACCEPTED,
        )
    return found


def has_later(session: Session, source: str, streets: Iterable[str], *, since: datetime) -> bool:
    """Whether a file of a later day came before: what ended between the two was not asked then."""
    found = session.execute(
        text(
            "SELECT EXISTS (SELECT FROM alert WHERE street_code = ANY(:streets) AND source = :source"
            " AND starts_with(event_id, :prefix) AND event_at >= :since)"
        ),
        {"streets": list(streets), "source": source, "prefix": PREFIX, "since": since},
    )
    return bool(found.scalar_one())


def bodies(session: Session, priors: Iterable[PriorEvent], keys: Keys) -> dict[UUID, RegistrationData]:
    """What some earlier registrations said, by alert."""
    known = list(priors)
    if not known:
        return {}
    rows = session.execute(
        text("SELECT alert_id, body FROM alert WHERE street_code = ANY(:streets) AND alert_id = ANY(:alerts)"),
        {"streets": sorted({prior.street for prior in known}), "alerts": [prior.alert_id for prior in known]},
    )
    return {row.alert_id: entering.open_body(keys, row.alert_id, bytes(row.body))["data"] for row in rows}
