"""How the house is kept, read from its source: what `lint-imports` cannot see."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Final

from core import errors
from rules.parameters import FEED_WATCH, SHAPES
from rules.policies import Crediting, Terms
from tests.chinese import foreign

ROOT: Final = Path(__file__).resolve().parent.parent
SQL: Final = re.compile(r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|SHOW|SET|WITH|LOCK|TRUNCATE)\s", re.ASCII)
# Calls that make sentences for people, and which of their arguments is one.
SENTENCES: Final = {
    **{kind.__name__: 0 for kind in (errors.Refusal, *errors.every())},
    **dict.fromkeys(("Problem", "problem", "note", "notice", "Oddity"), -1),
    "RowNote": -1,
    "CellInvalid": -1,
    "IdNumberInvalid": -1,
    "body_problem": -1,
}
# More than one word, or a word for people: never a code.
WORDING: Final = re.compile(r"\S\s+\S|[\u4e00-\u9fff]")
# A column of words for people asked about where rows are chosen, or any that is searched by a pattern.
LOOKED_FOR: Final = re.compile(
    r"\b(?:WHERE|AND|OR|WHEN) \(?(?:\w+\.)?(?:problem|failure|why|text|result|note|void_reason|closed_because)"
    r"\s*(?:=|<>|~|IN|LIKE)|\bLIKE\b"
)
WRITES_DUTIES: Final = re.compile(r"(?:INSERT INTO|UPDATE|DELETE FROM|MERGE INTO|TRUNCATE)\s+duty(?:_history)?\b")
ASKING: Final = ("require", "require_within", "may")
# How a day in question may be worked out where a dated value is read.
DAYS: Final = ("clock.today(now)", "date.fromordinal(self.first)")


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
            if len(node.args) < 3 and name in ("problem", "note", "notice"):
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


def test_a_dated_value_is_asked_for_the_day_in_question_never_for_a_fixed_one() -> None:
    found = []
    for path, tree in sources("core", "rules", "api", "cli", "worker"):
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(attr="parameter" | "terms" as asked), args=[*_, day]) if (
                    ast.unparse(day) in ("date.max", "date.min") or isinstance(day, ast.Call | ast.Constant)
                ) and ast.unparse(day) not in DAYS:
                    found.append(f"{path}:{node.lineno} asks .{asked}({ast.unparse(day)})")
    assert not found, found


def test_every_parameter_is_read_by_name_in_code_that_is_used() -> None:
    named: dict[str, int] = {}
    asking: dict[str, set[str]] = {}
    for path, tree in sources("core", "rules", "api", "cli", "worker"):
        for node in ast.walk(tree):
            match node:
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    named[name] = named.get(name, 0) + 1
        if path.startswith(("core/", "rules/")):
            for parameter, function in _asked(tree):
                asking.setdefault(parameter, set()).add(function)
    unread = set(SHAPES) - set(asking)
    assert not unread, unread
    # What a function asks for is of use only if somebody calls it; the language itself calls what is `__so__`.
    dead = {
        parameter: functions
        for parameter, functions in asking.items()
        if not any(name.startswith("__") or name in named for name in functions)
    }
    assert not dead, dead
    # What duties are made from is read once into terms, and counts when somebody looks at it there.
    looked_at = {
        node.attr
        for _, tree in sources("core", "rules", "api")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
    }
    unseen = {field.name for kind in (Terms, Crediting) for field in fields(kind)} - looked_at
    assert not unseen, unseen


def test_every_number_of_the_feeds_watch_is_read_by_name() -> None:
    said = {
        node.value
        for _, tree in sources("core")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(FEED_WATCH) <= said, set(FEED_WATCH) - said


def _asked(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The parameters a module asks for by name, each with the function that does; `value` is what `terms` calls it."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr="parameter" | "values"), args=[ast.Constant(value=str(name)), *_]
                ):
                    yield name, function.name
                case ast.Call(func=ast.Name(id="value"), args=[ast.Constant(value=str(name))]):
                    yield name, function.name


def test_duties_and_their_history_are_written_in_one_place_so_that_no_change_goes_untold() -> None:
    places = set()
    for path, tree in sources("core", "api", "cli", "worker"):
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="DUTIES"), attr="write")):
                    places.add(path)
                case ast.Call(
                    func=ast.Attribute(attr="insert" | "update") | ast.Name(id="_write"),
                    args=[_, ast.Constant(value="duty" | "duty_history"), *_],
                ):
                    places.add(path)
                case ast.Constant(value=str(value)) if WRITES_DUTIES.search(value):
                    places.add(path)
    assert places == {"core/duties/history.py"}


def test_nothing_is_decided_by_the_wording_of_a_sentence() -> None:
    found = []
    for path, tree in sources("core", "rules", "api", "cli", "worker"):
        if path.startswith("core/imports/"):
            continue  # What offices write into cells is data, and is read by its words.
        for node in ast.walk(tree):
            match node:
                case ast.Compare(left=left, comparators=others):
                    asked = [left, *others]
                case ast.Call(func=ast.Attribute(attr="startswith" | "endswith" | "find" | "count"), args=args):
                    asked = args
                case _:
                    continue
            for text in asked + [
                part for each in asked if isinstance(each, ast.Tuple | ast.Set | ast.List) for part in each.elts
            ]:
                match text:
                    case ast.Constant(value=str(words)) if WORDING.search(words.strip()):
                        found.append(f"{path}:{node.lineno}: {words}")
    assert not found, "\n".join(found)


def test_no_statement_looks_for_a_sentence() -> None:
    found = []
    for path, tree in sources("core"):
        for node in ast.walk(tree):
            match node:
                case ast.Constant(value=str(text)) if SQL.match(text) or " WHERE " in text or " AND " in text:
                    found += [f"{path}:{node.lineno}: {said}" for said in LOOKED_FOR.findall(text)]
    assert not found, "\n".join(found)


def test_no_loop_says_one_where_the_thing_has_a_name() -> None:
    found = []
    for path, tree in sources("core", "rules", "api", "worker", "cli"):
        for node in ast.walk(tree):
            match node:
                case ast.For(target=ast.Name(id="one")) | ast.comprehension(target=ast.Name(id="one")):
                    found.append(f"{path}:{node.target.lineno}")
                case ast.Lambda(args=ast.arguments(args=[ast.arg(arg="one")])):
                    found.append(f"{path}:{node.lineno}")
    assert not found, found


def test_a_module_that_rooms_have_in_common_is_called_by_its_room_elsewhere() -> None:
    known: dict[str, set[str]] = {}
    found = []
    for path, tree in sources("core", "api", "cli", "worker"):
        for node in ast.walk(tree):
            if not isinstance(node, ast.ImportFrom) or not str(node.module).startswith("core."):
                continue
            for name in node.names:
                if name.name not in ("queries", "rows") or str(node.module).replace(".", "/") in path:
                    continue
                alias = name.asname or name.name
                known.setdefault(alias, set()).add(str(node.module))
                if not alias.endswith(f"_{name.name}"):
                    found.append(f"{path}:{node.lineno}: {node.module}.{name.name} as {alias}")
    assert not found, found
    assert all(len(modules) == 1 for modules in known.values()), known
