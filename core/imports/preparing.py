"""From a file to what is to be done with it: its tables by kind, the plan of each, and what is not read and why."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import Session

from core.errors import Invalid
from core.imports import mapping
from core.imports.cells import FileRow, Section
from core.imports.files import Table, UnreadTable, Why, open_file
from core.imports.headers import Kind
from core.imports.mapping import Headers, Meanings, Plan
from core.imports.places import Places
from core.imports.sheets import CellInvalid
from core.organisation.streets import Divisions


@dataclass(frozen=True, slots=True)
class Wishes:
    """What whoever imports says of a file; the rest shows in the file itself, or was said before."""

    kind: Kind | None = None
    source: str | None = None
    given: Meanings = field(default_factory=Meanings)
    sheets: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class TableGroup:
    """The tables of one kind in a file, and the source they come from."""

    kind: Kind
    source: str
    sections: tuple[Section, ...]

    @property
    def height(self) -> int:
        """How many rows there are."""
        return sum(section.table.height for section in self.sections)

    def rows(self) -> Iterator[FileRow]:
        """Every row of every table that is not blank."""
        for section in self.sections:
            yield from section.rows()


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """All of a file: what is to be read, registers before what is said about the people in them, and what is not."""

    groups: tuple[TableGroup, ...]
    unread: tuple[UnreadTable, ...]


def default_source(kind: Kind) -> str:
    """The source of a file whose origin nobody named."""
    return f"/tanfang/import/{kind}"


def prepare(session: Session, path: Path, divisions: Divisions, wishes: Wishes) -> PreparedFile:
    """Open a file and find out how to read it; raises `Invalid` if none of its tables can be read."""
    known = {kind: mapping.remembered(session, wishes.source or default_source(kind), kind) for kind in Kind}
    file = open_file(path, Headers((wishes.given, *known.values())), sheets=wishes.sheets)
    mapping.check_used(wishes.given, [table.headers for table in file.tables])
    places = Places(divisions)
    sections: dict[Kind, list[Section]] = {kind: [] for kind in Kind}
    unread = list(file.unread)
    refusals: list[Invalid] = []
    for order, table in enumerate(file.tables):
        kind = wishes.kind or mapping.detect(table.headers, wishes.given, known)
        implied = _implied(table, places) if kind is Kind.REGISTER else {}
        try:
            plan = mapping.make(kind, table.headers, wishes.given, known[kind], implied=implied)
        except Invalid as refusal:
            refusals.append(refusal)
            unread.append(UnreadTable(table.sheet, Why.UNUSABLE, table.height, table.holds_people, refusal.detail))
            continue
        sections[kind].append(Section(order, table, plan, _unsaid(plan, implied)))
    groups = tuple(
        TableGroup(kind, wishes.source or default_source(kind), tuple(found))
        for kind, found in sections.items()
        if found
    )
    if not groups:
        raise refusals[0]
    return PreparedFile(groups, tuple(unread))


def _implied(table: Table, places: Places) -> Mapping[str, str]:
    """What the name of a sheet says of everybody on it: a sheet per committee often has no column for it."""
    try:
        places.find("", table.sheet)
    except CellInvalid:
        return {}
    return {"committee": table.sheet}


def _unsaid(plan: Plan, implied: Mapping[str, str]) -> Mapping[str, str]:
    said = {column.field for column in plan.columns}
    return {name: value for name, value in implied.items() if name not in said}
