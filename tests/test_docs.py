"""The documents a newcomer reads say what is there: every decision, word, file and name in them is looked up."""

import ast
import re
import sys
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Final

from core.events.types import EventType
from core.organisation.roles import Role
from core.store import words
from rules import duties, facts, parameters
from rules.calendar import Frequency
from rules.conditions import Layer
from tests.api import documented

ROOT: Final = Path(__file__).resolve().parent.parent
DOCS: Final = ROOT / "docs"
DECISION: Final = re.compile(r"\| (\d+) \| \[(.+)\]\((.+)\) \| (.+) \| (.+) \|")
STATUS: Final = re.compile(r"holds|revised|replaced by \d+")
LINK: Final = re.compile(r"\]\((?!https?://)([^)#][^)]*)\)")
QUOTED: Final = re.compile(r"`([^`\n]+)`")
PATH: Final = re.compile(r"(?:rules|core|api|worker|cli|migrations|tests|bench|docs)/[\w./*-]*")
DOTTED: Final = re.compile(r"(?:rules|core|api|worker|cli|bench)(?:\.\w+)+")

REQUEST: Final = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/[^ ?`]*)(\?[^ `]*)?")
# 中文, code, the file or room. Of a word of a column: `code` 中文, one after the other.
ENTRY: Final = re.compile(r"\| ([^|\n]*) \| (`[^|\n]*`) \| [^|\n]* \| (\[[^|\n]*) \|")
QUESTION: Final = re.compile(r"\| ([^|]+\?) \| [^|]+ \| (\[.*) \|")
BLOCK: Final = re.compile(r"```python\n(.*?)```", re.DOTALL)
WORD: Final = re.compile(r"`([\w.]+)` [\u4e00-\u9fff]")


def documents() -> list[Path]:
    """Everything written for people who work on the product, or with it."""
    return [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]


def is_found(quoted: str) -> bool:
    """Whether what looks like a path or a dotted name is one; everything else is."""
    if PATH.fullmatch(quoted):
        return any(ROOT.glob(quoted.rstrip("/")))
    if not DOTTED.fullmatch(quoted):
        return True
    parts = quoted.split(".")
    for end in range(len(parts), 1, -1):
        path = ROOT.joinpath(*parts[:end])
        if path.with_suffix(".py").is_file():
            return set(parts[end:]) <= names(path.with_suffix(".py"))
    return ROOT.joinpath(*parts).is_dir()


@cache
def names(path: Path) -> frozenset[str]:
    """What stands in a file, or in every file of a folder: identifiers and the words of its texts, but no docstring."""
    if path.is_dir():
        return frozenset().union(*map(names, path.iterdir()))
    if path.suffix != ".py":
        return (
            frozenset({path.stem, *re.findall(r"[\w.]+", path.read_text("utf-8"))}) if path.is_file() else frozenset()
        )
    return frozenset({path.stem, *_names(ast.parse(path.read_text("utf-8")))})


def _names(tree: ast.Module) -> Iterator[str]:
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.alias(name=name):
                yield name
            case ast.Constant(value=str(text)) if id(node) not in docstrings:
                yield from re.findall(r"[\w.]+", text)


def test_every_decision_stands_in_the_index_under_its_number_and_title() -> None:
    folder = DOCS / "decisions"
    index = {
        path: (int(number), title, status)
        for number, title, path, _, status in DECISION.findall((folder / "README.md").read_text("utf-8"))
    }
    written = {path.name: path.read_text("utf-8") for path in folder.glob("[0-9]*.md")}
    assert sorted(index) == sorted(written)
    for name, text in written.items():
        number, title, status = index[name]
        assert text.startswith(f"# {number}. {title}\n\n**Decided "), name
        assert name.startswith(f"{number:04}-"), name
        assert STATUS.fullmatch(status), name
        assert (status == "revised") == ("revised" in text.split("\n\n")[1]), name


def test_every_file_and_name_that_a_document_speaks_of_is_there() -> None:
    missing = []
    for path in documents():
        text = path.read_text("utf-8")
        for link in LINK.findall(text):
            if not (path.parent / link.partition("#")[0]).exists():
                missing.append(f"{path.relative_to(ROOT)}: {link}")
        missing += [f"{path.relative_to(ROOT)}: {quoted}" for quoted in QUOTED.findall(text) if not is_found(quoted)]
    assert not missing, "\n".join(missing)


def test_every_request_that_a_document_speaks_of_is_an_operation_with_these_parameters() -> None:
    missing = []
    for path in documents():
        # Decisions and the changelog tell of their day.
        if path.parent.name == "decisions" or path.name == "CHANGELOG.md":
            continue
        for quoted in QUOTED.findall(path.read_text("utf-8")):
            if request := REQUEST.match(quoted):
                method, address, query = request.groups()
                operation = documented.operation(method, address)
                known = {parameter["name"] for parameter in (operation or {}).get("parameters", ())}
                asked = set(re.findall(r"[?&](\w+)=", query or ""))
                if operation is None or not asked <= known:
                    missing.append(f"{path.relative_to(ROOT)}: {quoted}")
    assert not missing, "\n".join(missing)


def test_every_code_name_of_the_glossary_stands_in_the_file_beside_it() -> None:
    missing = []
    entries = ENTRY.findall((DOCS / "glossary.md").read_text("utf-8"))
    assert entries
    for _, codes, where in entries:
        paths = [DOCS / link for link in LINK.findall(where)]
        known = set().union(*map(names, paths))
        missing += [f"{name} is not in {where}" for name in QUOTED.findall(codes) if name not in known]
    assert not missing, "\n".join(missing)


def test_every_word_of_a_column_is_in_the_glossary_with_what_people_call_it() -> None:
    text = (DOCS / "glossary.md").read_text("utf-8")
    told = {codes: WORD.findall(said) for said, codes, _ in ENTRY.findall(text.partition("## The words")[2])}
    of_modules = [kind for module in (words, facts, duties, parameters) for kind in _enums_of(module)]
    for kind in (*of_modules, EventType, Role, Frequency, Layer):
        assert told.get(f"`{kind.__name__}`") == [word.value for word in kind], kind


def _enums_of(module: ModuleType) -> list[type[StrEnum]]:
    """The enums that a module defines."""
    kinds = [kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, StrEnum)]
    return [kind for kind in kinds if kind.__module__ == module.__name__]


def test_every_how_to_stands_in_the_index_and_begins_with_a_test_that_can_be_run() -> None:
    folder = DOCS / "howto"
    how_tos = set(folder.glob("*.md")) - {folder / "README.md"}
    assert {
        folder / link for link in LINK.findall((folder / "README.md").read_text("utf-8")) if "#" not in link
    } >= how_tos
    for path in how_tos:
        first = ast.parse(BLOCK.findall(path.read_text("utf-8"))[0])
        assert isinstance(first.body[-1], ast.FunctionDef), path
        assert first.body[-1].name.startswith("test_"), path
        for node in ast.walk(first):
            if isinstance(node, ast.ImportFrom) and node.module not in sys.stdlib_module_names:
                module = ROOT / str(node.module).replace(".", "/")
                known = names(module.with_suffix(".py") if module.with_suffix(".py").is_file() else module)
                assert not {alias.name for alias in node.names} - known, path


def test_every_question_is_answered_by_a_file_and_by_names_that_stand_in_it() -> None:
    rows = QUESTION.findall((DOCS / "questions.md").read_text("utf-8"))
    assert len(rows) > 20
    for question, where in rows:
        links, _, named = where.partition("): ")
        paths = [DOCS / link for link in LINK.findall(f"{links})")]
        assert paths, question
        missing = set(QUOTED.findall(named)) - frozenset().union(*map(names, paths))
        assert not missing, (question, missing)
