"""How the house is kept, read from its source: what `lint-imports` cannot see."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core import errors
from tests.chinese import foreign

ROOT: Final = Path(__file__).resolve().parent.parent
SQL: Final = re.compile(r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|SHOW|SET|WITH|LOCK|TRUNCATE)\s", re.ASCII)
# Calls that make sentences for people, and which of their arguments is one.
SENTENCES: Final = {
    **{kind.__name__: 0 for kind in (errors.Refusal, *errors.every())},
    **dict.fromkeys(("Problem", "problem", "note", "Oddity"), -1),
    "RowProblem": -1,
    "CellInvalid": -1,
    "IdNumberInvalid": -1,
    "body_problem": -1,
}
ASKING: Final = ("require", "require_within", "may")


def sources(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Every module below some folders, by its path."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))


def test_permission_is_asked_in_core_and_nowhere_else() -> None:
    found = []
    for path, tree in sources("api", "cli", "worker"):
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(attr=attr)) if attr in ASKING:
                    found.append(f"{path}:{node.lineno} asks .{attr}()")
                case ast.Call(func=ast.Name(id="NotAllowed")):
                    found.append(f"{path}:{node.lineno} refuses by itself")
                case ast.ImportFrom(names=names) if any(name.name in ("May", "GRANTS") for name in names):
                    found.append(f"{path}:{node.lineno} knows what roles may")
    assert not found, found


def test_no_district_is_a_constant_of_the_program() -> None:
    found = []
    for path, tree in sources("api", "cli", "core", "rules", "worker"):
        if {"schemas", "demo"} & set(Path(path).parts):
            continue  # Examples, and the invented people of one district.
        said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            match node:
                case ast.Constant(value=str(value)) if "310117" in value and id(node) not in said:
                    found.append(f"{path}:{node.lineno}")
    assert not found, found


def test_sql_stands_in_core_and_the_migrations_alone() -> None:
    found = []
    for path, tree in sources("api", "cli", "worker", "rules"):
        for node in ast.walk(tree):
            match node:
                case ast.Constant(value=str(value)) if SQL.match(value):
                    found.append(f"{path}:{node.lineno}")
                case ast.ImportFrom(module="sqlalchemy" | "sqlmodel", names=names) if any(
                    name.name in ("text", "select", "insert", "update", "delete") for name in names
                ):
                    found.append(f"{path}:{node.lineno}")
    assert not found, found


def test_what_people_read_is_chinese_whole_sentences_but_for_names_and_codes() -> None:
    found = []
    for path, tree in sources("core", "rules", "api"):
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name not in SENTENCES:
                continue
            if len(node.args) < 3 and name in ("problem", "note"):
                continue  # By its code alone: the sentence stands in a table.
            for text in _texts(node.args[SENTENCES[name]]):
                if foreign(text):
                    found.append(f"{path}:{node.lineno}: {text}")
    assert not found, "\n".join(found)


def _texts(argument: ast.expr) -> Iterator[str]:
    """The sentences that an argument may be; what is put into one at run time is left out."""
    match argument:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            # A sentence put in at the end brings its own full stop.
            yield "".join(part.value if isinstance(part, ast.Constant) else "。" for part in parts)  # type: ignore[misc]
        case ast.IfExp(body=first, orelse=second):
            yield from _texts(first)
            yield from _texts(second)
