"""What the columns and words of a file mean: recognised by usual names, said by hand, remembered by source."""

import dataclasses
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

import orjson
from sqlalchemy import text
from sqlmodel import Session

from core.errors import Invalid
from core.imports import headers as known_headers
from core.imports import values
from core.imports.headers import Kind, header_key
from core.imports.sheets import CellInvalid, letters
from core.imports.words import word_key

IGNORED: Final = "-"  # as in `--map "备注=-"`
_LETTERS: Final = re.compile(r"[a-z]{1,3}列")


@dataclass(frozen=True, slots=True)
class Meanings:
    """What columns and words of a source mean: header → field, and header → word → what to read instead."""

    columns: Mapping[str, str] = dataclasses.field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """A column in use. `how`: recognised, given or remembered; `words`: what some of its words mean."""

    index: int
    header: str
    field: str
    how: str
    words: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is read from which column; `unknown` are the headers that are left out."""

    kind: Kind
    columns: tuple[Column, ...]
    unknown: tuple[str, ...]
    signature: str

    def header(self, field: str) -> str:
        """What the file calls a field; its usual name if it has no column."""
        return next(
            (column.header for column in self.columns if column.field == field), known_headers.label(self.kind, field)
        )


class Headers:
    """Which texts are headers of a source: those that bear usual names, and those that were given or used before."""

    def __init__(self, others: Iterable[Meanings]) -> None:
        self._fields = {header: name for meanings in others for header, name in meanings.columns.items()}
        self._known: dict[str, bool] = {}

    def known(self, text: str) -> bool:
        """Whether a text is the header of a column."""
        if text not in self._known:
            self._known[text] = known_headers.is_known(text) or header_key(text) in self._fields
        return self._known[text]

    def identifies(self, text: str) -> bool:
        """Whether a text is the header of people's numbers."""
        said = self._fields.get(header_key(text))
        return (
            said in known_headers.IDENTITIES
            if said
            else any(known_headers.field_of(kind, text) in known_headers.IDENTITIES for kind in Kind)
        )


def parse_given(columns: Sequence[str] = (), words: Sequence[str] = ()) -> Meanings:
    """`--map "列名=字段"` and `--map-value "列名:原词=意思"`; whether there is the field depends on the file."""
    fields: dict[str, str] = {}
    for pair in columns:
        header, equals, name = pair.rpartition("=")
        if not equals or not header.strip() or not name.strip():
            raise Invalid('列这样说明：`--map "列名=字段"`；不读某一列：`--map "列名=-"`。')
        fields[header_key(header)] = name.strip()
    meanings: dict[str, dict[str, str]] = {}
    for pair in words:
        said, equals, meaning = pair.rpartition("=")
        header, colon, word = unicodedata.normalize("NFKC", said).partition(":")
        if not equals or not colon or not all(part.strip() for part in (header, word, meaning)):
            raise Invalid('词这样说明：`--map-value "列名:原词=意思"`，例如 `--map-value "救助类别:低收入=低保边缘"`。')
        meanings.setdefault(header_key(header), {})[word_key(word)] = meaning.strip()
    return Meanings(fields, meanings)


def detect(headers: Sequence[str], given: Meanings, known: Mapping[Kind, Meanings]) -> Kind:
    """What a table holds, by the columns that only such a one has; `known` is what was used before, by kind."""
    fields = {
        kind: {
            given.columns.get(header_key(header))
            or known[kind].columns.get(header_key(header))
            or known_headers.field_of(kind, header)
            for header in headers
        }
        for kind in Kind
    }
    for kind, signs in known_headers.SIGNS.items():
        if fields[kind] & set(signs):
            return kind
    # Without a committee it registers nobody; with one it is a register, perhaps a defective one.
    is_facts = all(fields[Kind.FACTS] & set(group) for group in known_headers.OBLIGATORY[Kind.FACTS])
    return Kind.FACTS if is_facts and not fields[Kind.REGISTER] & {"committee", "street"} else Kind.REGISTER


def make(
    kind: Kind, headers: Sequence[str], given: Meanings, remembered: Meanings, *, implied: Collection[str] = ()
) -> Plan:
    """The columns of a table; raises `Invalid` for one that must be there and is not, unless it is `implied`."""
    columns: list[Column] = []
    unknown: list[str] = []
    for index, header in enumerate(headers):
        key, place = header_key(header), f"{letters(index)}列"
        said = (
            ("given", given.columns.get(place.lower()) or given.columns.get(key)),
            ("remembered", remembered.columns.get(key)),
            ("recognised", known_headers.field_of(kind, header)),
        )
        how, name = next(((how, name) for how, name in said if name), ("", None))
        if name == IGNORED or not (key or how == "given"):
            continue
        if name is None:
            unknown.append(header)
        elif not known_headers.is_field(kind, name):
            raise Invalid(
                f"{known_headers.LABELS[kind]}里没有“{name}”这个字段；有：{'、'.join(known_headers.FIELDS[kind])}。"
            )
        else:
            own = {**remembered.words.get(key, {}), **given.words.get(key, {})} if key else {}
            columns.append(Column(index, header or place, name, how, _checked(name, header, own)))
    _check(kind, {column.field for column in columns} | set(implied))
    signature = sha256("\n".join(sorted(map(header_key, headers))).encode()).hexdigest()
    return Plan(kind, tuple(columns), tuple(unknown), signature)


def check_used(given: Meanings, tables: Iterable[Sequence[str]]) -> None:
    """Refuse what was said about columns that no table has."""
    every = list(tables)
    there = {header_key(header) for headers in every for header in headers}
    places = {f"{letters(index)}列".lower() for index in range(max(map(len, every), default=0))}
    missing = [key for key in given.columns if key not in there | places]
    if missing:
        raise Invalid(f"`--map` 说到的 {len(missing)} 列，文件里没有：请对照表头检查列名。")
    if set(given.words) - there:
        raise Invalid(f"`--map-value` 说到的 {len(set(given.words) - there)} 列，文件里没有：请对照表头检查列名。")


def _checked(name: str, header: str, own: Mapping[str, str]) -> Mapping[str, str]:
    """What the words of a column mean, if that can be read."""
    if not own:
        return own
    read = known_headers.MEANINGS.get("met" if name.startswith(known_headers.MARK) else name)
    if read is None:
        raise Invalid(f"“{header}”列不能用 `--map-value`：这一列不是用固定的词填写的。")
    for meaning in own.values():
        if meaning == values.NOTHING:
            continue
        try:
            read(meaning)
        except CellInvalid as problem:
            raise Invalid(f"`--map-value` 给“{header}”列的意思读不出来。{problem.msg}") from None
    return own


def _check(kind: Kind, named: Collection[str]) -> None:
    missing = [group for group in known_headers.OBLIGATORY[kind] if not set(named) & set(group)]
    if missing:
        wanted = "；".join(
            " 或 ".join(f"“{known_headers.label(kind, name)}”（{name}）" for name in group) for group in missing
        )
        raise Invalid(f'{known_headers.LABELS[kind]}缺少这些列：{wanted}。列名不同的，用 `--map "列名=字段"` 说明。')


def remembered(session: Session, source: str, kind: Kind) -> Meanings:
    """What was used for a source's columns and words before, the latest use of each first."""
    rows = session.execute(
        text("SELECT mapping, words FROM import_mapping WHERE source = :source AND kind = :kind ORDER BY updated_at"),
        {"source": source, "kind": kind.value},
    ).all()
    columns = {header: name for row in rows for header, name in row.mapping.items()}
    said: dict[str, dict[str, str]] = {}
    for row in rows:
        for header, meanings in row.words.items():
            said.setdefault(header, {}).update(meanings)
    return Meanings(columns, said)


def remember(session: Session, source: str, plan: Plan, given: Meanings, *, district: str, now: datetime) -> None:
    """Keep what was used, to propose it for the next file of this source. A column by its letters is another there."""
    of_headers = {key: name for key, name in given.columns.items() if not _LETTERS.fullmatch(key)}
    used = {**of_headers, **{header_key(column.header): column.field for column in plan.columns}}
    session.execute(
        text(
            "INSERT INTO import_mapping (district_code, source, kind, signature, mapping, words, updated_at)"
            " VALUES (:district, :source, :kind, :signature, CAST(:mapping AS jsonb), CAST(:words AS jsonb), :now)"
            " ON CONFLICT (district_code, source, kind, signature) DO UPDATE SET mapping = EXCLUDED.mapping,"
            " words = EXCLUDED.words, updated_at = EXCLUDED.updated_at"
        ),
        {
            "district": district,
            "source": source,
            "kind": plan.kind.value,
            "signature": plan.signature,
            "mapping": orjson.dumps(used).decode(),
            "words": orjson.dumps(
                {header_key(column.header): column.words for column in plan.columns if column.words}
            ).decode(),
            "now": now,
        },
    )
