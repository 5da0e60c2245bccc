"""Whether rows are about whom their numbers say (A38): asked before they are accepted, so that the report says it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from sqlmodel import Session

from core.alerts import directory
from core.alerts.directory import Place
from core.events import names
from core.imports.cells import RowNote, Where
from core.imports.fingerprints import Fingerprints
from core.imports.reports import Report
from core.imports.rows import RowContent
from core.residents.identities import Identity
from core.store.words import AlertProblem


class Doubt(NamedTuple):
    """Why somebody has to settle first whom a row is about; `field` is the one to look at."""

    field: str
    code: AlertProblem
    msg: str


_NAME_DIFFERS: Final = Doubt(
    "name",
    AlertProblem.NAME_DIFFERS,
    "这个号码登记的是另一个姓名：这一行收下了，要等街镇核对是同一个人还是另一个人以后才生效。",
)
_TWO_RESIDENTS: Final = Doubt(
    "external_id",
    AlertProblem.TWO_RESIDENTS,
    "身份证号和来源编号分属两位居民：这一行收下了，要等街镇核对是不是同一个人以后才生效。",
)


def places(
    session: Session, fingerprints: Fingerprints, rows: Sequence[tuple[tuple[bytes, ...], RowContent]]
) -> dict[bytes, Place]:
    """Where people are known to be; who gave their number up is found by it under their name."""
    former = {person_keys[0]: fingerprints.former_key(content.person) for person_keys, content in rows}
    searched = {key for person_keys, _ in rows for key in person_keys}
    searched.update(key for key in former.values() if key is not None)
    found = directory.places(session, searched)
    return found | {number: found[key] for number, key in former.items() if key is not None and key in found}


def good_name(damaged: str, known: Iterable[str | None]) -> str | None:
    """The name that a damaged one was before, if one that is known can be it."""
    return next((name for name in known if name and not names.is_damaged(name) and names.agree(damaged, name)), None)


def tell_doubt(
    person_keys: Sequence[bytes],
    content: RowContent,
    known: Mapping[bytes, Place],
    identities: Mapping[UUID, Identity],
    header: Callable[[Where, str], str],
    report: Report,
) -> bool:
    """Whether somebody has to settle first whom a row of a register is about; then the report says so."""
    found = _doubt(person_keys, content.person["name"], known, identities)
    if found is not None:
        column = header(content.where, found.field)
        report.notices.append(RowNote(content.where, column, found.code, found.msg))
    return found is not None


def _doubt(
    person_keys: Sequence[bytes], name: str, known: Mapping[bytes, Place], identities: Mapping[UUID, Identity]
) -> Doubt | None:
    found = list(dict.fromkeys(known[key].resident_id for key in person_keys if key in known))
    if len(found) > 1:
        return _TWO_RESIDENTS
    identity = identities.get(found[0]) if found else None
    return _NAME_DIFFERS if identity is not None and not identity.knows(name) else None
