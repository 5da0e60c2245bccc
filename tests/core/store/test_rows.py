"""A row has a type: nothing about it is forgotten between the table and those who work with it."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from uuid import UUID

import pytest

from core.store import words
from core.store.rows import Rows
from rules import duties, facts, parameters

CORE = Path(__file__).parents[3] / "core"
WRITES = re.compile(r"(?:UPDATE|INSERT INTO|DELETE FROM) (duty|task|task_event)\b", re.IGNORECASE)
WORD = re.compile(r"\b(?:\w+\.)?(state|kind|status|what|tier|problem_code)\s*(?:=|<>)\s*'(\w+)'")


@dataclass(slots=True)
class Coarse:
    """A duty of which somebody thought half."""

    street_code: str
    duty_id: UUID
    stored: tuple[object, ...] | None = field(default=None, compare=False)


def test_a_column_that_a_dataclass_leaves_out_stops_the_program_when_it_starts() -> None:
    with pytest.raises(TypeError, match=r"Coarse and the table duty differ in .*late_entry"):
        Rows(Coarse, "duty")


def test_a_field_that_is_no_column_stops_the_program_when_it_starts() -> None:
    with pytest.raises(TypeError, match="differ in duty_id"):
        Rows(Coarse, "task", partial=True)


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(CORE.rglob("*.py")):
        yield path.relative_to(CORE), ast.parse(path.read_text("utf-8"))


def texts(module: ast.Module) -> Iterator[str]:
    """Every text of a module, joined over its lines, with what is put into it left out."""
    for node in ast.walk(module):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_every_change_of_a_duty_or_a_task_passes_through_its_one_writer() -> None:
    found = {str(path) for path, module in sources() for said in texts(module) if WRITES.search(said)}
    assert found == set()
    # What writes a table by its name takes the name from here.
    named = {
        str(path)
        for path, module in sources()
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("insert", "update")
        if any(isinstance(given, ast.Constant) and given.value in ("duty", "task", "task_event") for given in node.args)
    }
    assert named == set()


def test_a_task_is_opened_at_the_desk_alone() -> None:
    made = {
        str(path)
        for path, module in sources()
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Task"
    }
    assert made == {"tasks/desk.py"}


def test_a_word_in_a_statement_is_one_of_the_words_of_its_column() -> None:
    known = {
        word.value
        for module in (words, duties, facts, parameters)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, StrEnum) and kind is not StrEnum
        for word in kind
    }
    said = [
        (str(path), column, word)
        for path, module in sources()
        for statement in texts(module)
        for column, word in WORD.findall(statement)
    ]
    assert len(said) > 50
    assert [unknown for unknown in said if unknown[2] not in known and unknown[1:] != ("kind", "district")] == []
