"""What residents are called, were called before, and are numbered: by which it is told who is who (A38)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlmodel import Session

from core.alerts import directory
from core.alerts.directory import Place
from core.errors import Conflict
from core.events import names
from core.store import bulk
from core.store.crypto import Keys


class NumberTaken(Conflict):
    """An ID number is somebody else's already."""

    code = "number_taken"
    title = "这个号码已是另一位居民的"
    advice = "请核对号码；确是同一个人登记了两次的，请由街镇负责人合并两人。"


UNNAMED: Final = "（未登记姓名）"

_OF_RESIDENTS: Final = text(
    "SELECT street_code, resident_id, name, id_number, former_names, former_numbers, person_key FROM resident"
    " WHERE street_code = ANY(:streets) AND resident_id = ANY(:residents)"
)


@dataclass(slots=True)
class Identity:
    """Who a resident is. `person_key` is the blind index of the number, or of a source's own while there is none."""

    place: Place
    name: str
    number: str | None
    former_names: list[str]
    former_numbers: list[bytes]
    person_key: bytes
    is_changed: bool = field(default=False, compare=False)

    @property
    def called(self) -> list[str]:
        """Every name on record."""
        return [name for name in (self.name, *self.former_names) if name != UNNAMED]

    def knows(self, name: str) -> bool:
        """Whether the name is one on record, or the first that is told."""
        return self.name == UNNAMED or any(names.agree(name, known) for known in self.called)

    def fill(self, name: str) -> None:
        """Take over what a source calls them where no good name is on record."""
        if self.name == UNNAMED or (names.is_damaged(self.name) and not names.is_damaged(name)):
            self.name, self.is_changed = name, True

    def rename(self, name: str) -> None:
        """They are called otherwise, as somebody confirmed; the name until now stays known."""
        if names.compared(name) != names.compared(self.name):
            good = [known for known in self.called if not names.is_damaged(known)]
            self.former_names = [known for known in good if names.compared(known) != names.compared(name)]
        if name != self.name:
            self.name, self.is_changed = name, True

    def confirm(self, name: str) -> None:
        """A source calls them so, as somebody confirmed; a damaged name becomes known, and replaces no good one."""
        if not names.is_damaged(name) or names.is_damaged(self.name):
            self.rename(name)
        elif name not in self.former_names:
            self.former_names, self.is_changed = [*self.former_names, name], True

    def absorb(self, other: "Identity") -> None:
        """The other turned out to be the same person: what they are called and numbered stays known."""
        if other.name != UNNAMED:
            self.fill(other.name)
        for name in other.called:
            if not any(names.compared(name) == names.compared(known) for known in self.called):
                self.former_names.append(name)
        self.former_numbers = list(dict.fromkeys((*self.former_numbers, *other.former_numbers)))
        if self.number is None and other.number is not None:
            self.number, self.person_key = other.number, other.person_key
        self.is_changed = True

    def renumber(self, number: str, keys: Keys) -> None:
        """They have another number, or one at last; what they had is given up."""
        key = directory.number_key(keys, number)
        if self.number is not None and self.number != number:
            given_up = directory.number_key(keys, self.number)
            self.former_numbers = [known for known in (*self.former_numbers, given_up) if known != key]
        if (self.number, self.person_key) != (number, key):
            self.number, self.person_key, self.is_changed = number, key, True


def read(session: Session, street: str, resident_ids: Iterable[UUID], keys: Keys) -> dict[UUID, Identity]:
    """Who some residents of a street are."""
    return of_places(session, [Place(street, resident_id) for resident_id in resident_ids], keys)


def of_places(session: Session, places: Iterable[Place], keys: Keys) -> dict[UUID, Identity]:
    """Who some residents of several streets are, each as the street has it in which they live."""
    homes = {place.resident_id: place for place in places}
    streets = sorted({place.street for place in homes.values()})
    rows = session.execute(_OF_RESIDENTS, {"streets": streets, "residents": list(homes)})
    return {
        row.resident_id: Identity(
            homes[row.resident_id],
            row.name,
            _open(keys, "id_number", row.resident_id, row.id_number),
            orjson.loads(_open(keys, "former_names", row.resident_id, row.former_names) or "[]"),
            [bytes(number) for number in row.former_numbers or ()],
            bytes(row.person_key),
        )
        for row in rows
        if homes[row.resident_id].street == row.street_code
    }


def write(session: Session, identities: Mapping[UUID, Identity], keys: Keys) -> None:
    """Write those that changed, and let numbers given up find them under every name on record."""
    changed = [identity for identity in identities.values() if identity.is_changed]
    bulk.update(
        session,
        "resident",
        [
            {
                "street_code": identity.place.street,
                "resident_id": identity.place.resident_id,
                "name": identity.name,
                "id_number": _seal(keys, "id_number", identity.place.resident_id, identity.number),
                "former_names": _seal(
                    keys,
                    "former_names",
                    identity.place.resident_id,
                    orjson.dumps(identity.former_names).decode() if identity.former_names else None,
                ),
                "former_numbers": identity.former_numbers or None,
                "person_key": identity.person_key,
            }
            for identity in changed
        ],
        key=("street_code", "resident_id"),
    )
    for identity in changed:
        for number in identity.former_numbers:
            directory.give_up(session, keys, number, identity.called, identity.place)
        identity.is_changed = False


def _seal(keys: Keys, column: str, resident_id: UUID, value: str | None) -> bytes | None:
    return None if value is None else keys.seal(value, table="resident", column=column, row=str(resident_id))


def _open(keys: Keys, column: str, resident_id: UUID, sealed: bytes | None) -> str | None:
    if sealed is None:
        return None
    return keys.open(bytes(sealed), table="resident", column=column, row=str(resident_id)).decode()
