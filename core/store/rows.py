"""Rows with a type: how those of a table become values of a dataclass, and go back with what changed about them.

The columns come from the table: a dataclass that leaves one out, or names one that is not there, fails when the program
starts, so nothing can be forgotten between reading and writing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import Field, fields, is_dataclass
from enum import StrEnum
from operator import attrgetter
from types import NoneType
from typing import Any, ClassVar, Final, Generic, Protocol, TypeVar, cast, get_args, get_origin, get_type_hints

from sqlmodel import Session

from core.store import bulk, protection
from core.store.models import metadata


class Stored(Protocol):
    """A dataclass whose values know how they stand in their table; None for one that is not there yet."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    stored: tuple[object, ...] | None


class _InJson(Protocol):
    """A dataclass that stands in a JSON document reads itself."""

    @classmethod
    def of(cls, said: Any) -> object: ...


_Kind = TypeVar("_Kind", bound=Stored)
_Convert = Callable[[Any], object]
_STORED: Final = "stored"


class Rows(Generic[_Kind]):
    """The rows of a table as values of one dataclass.

    `fixed` columns never change once they are written. A `partial` dataclass leaves columns to others, and adds no
    rows.
    """

    def __init__(self, kind: type[_Kind], table: str, *, fixed: Sequence[str] = (), partial: bool = False) -> None:
        held = metadata.tables[table]
        self.table: Final = table
        self.names: Final = tuple(field.name for field in fields(kind) if field.name != _STORED)
        strange = {*self.names, *fixed} ^ set(held.columns.keys())
        if partial:
            strange -= set(held.columns.keys())
        if strange:
            raise TypeError(f"{kind.__name__} and the table {table} differ in {', '.join(sorted(strange))}.")
        self._kind: Callable[..., _Kind] = kind
        self._partial = partial
        self._key = tuple(column.name for column in held.primary_key)
        self._changing = tuple(name for name in self.names if name not in fixed)
        self._values: Callable[[_Kind], tuple[object, ...]] = attrgetter(*self._changing)
        hints = get_type_hints(kind)
        converters = [(place, _converter(hints[name])) for place, name in enumerate(self.names)]
        self._converters = [(place, convert) for place, convert in converters if convert is not None]

    def columns(self) -> str:
        """What to select."""
        return ", ".join(f'"{name}"' for name in self.names)

    def read(self, found: Iterable[Sequence[Any]]) -> list[_Kind]:
        """The values of rows that hold `columns()`."""
        read = []
        for row in found:
            values = list(row)
            for place, convert in self._converters:
                values[place] = convert(values[place])
            value = self._kind(*values)
            value.stored = self._values(value)
            read.append(value)
        return read

    def is_changed(self, value: _Kind) -> bool:
        """Whether it is not as it stands in the table."""
        return value.stored != self._values(value)

    def before(self, value: _Kind) -> dict[str, object] | None:
        """What may change of it, as it stands in the table; None when it is not there yet."""
        stored = value.stored
        return None if stored is None else dict(zip(self._changing, stored, strict=True))

    def write(self, session: Session, values: Iterable[_Kind]) -> list[_Kind]:
        """Write what is new or not as it stands, a statement each; returns that."""
        fresh = [value for value in values if self.is_changed(value)]
        added = [value for value in fresh if value.stored is None]
        assert not (added and self._partial)
        changed = [self._row(value, self._changing) for value in fresh if value.stored is not None]
        # What changes comes first: it may make room under a unique key.
        bulk.update(session, self.table, changed, key=self._key)
        bulk.insert(session, self.table, [self._row(value, self.names) for value in added])
        for value in fresh:
            value.stored = self._values(value)
        return fresh

    def _row(self, value: _Kind, names: Sequence[str]) -> dict[str, object]:
        return {name: getattr(value, name) for name in names}


def replacing(table: str) -> str:
    """What to do with a row whose key is there already: take over every column that may be changed."""
    key = [column.name for column in metadata.tables[table].primary_key]
    assignments = ", ".join(f'"{name}" = EXCLUDED."{name}"' for name in protection.changeable(table))
    return f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {assignments}"


def _converter(hint: object) -> _Convert | None:
    """How what the driver reads becomes what a field holds; None where it is that already."""
    if get_origin(hint) is tuple:
        each = _converter(get_args(hint)[0])
        return tuple if each is None else lambda values: tuple(map(each, values))
    if NoneType in get_args(hint):
        [there] = [part for part in get_args(hint) if part is not NoneType]
        convert = _converter(there)
        return None if convert is None else lambda value: None if value is None else convert(value)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return {word.value: word for word in hint}.__getitem__
    if is_dataclass(hint):
        return cast("type[_InJson]", hint).of
    return None
