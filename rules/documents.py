"""YAML and JSON documents read strictly: every problem named with its place and, in a text, its line."""

import json
from collections.abc import Hashable, Iterable, Mapping
from typing import Final, TypeVar, cast

import yaml

from rules.facts import IDENTIFIER, Problem, ProblemsFound, listed

_Word = TypeVar("_Word", bound=str)

Path = tuple[str | int, ...]
MAX_CHARACTERS: Final = 65_536
MAX_DEPTH: Final = 48


class DocumentInvalid(ProblemsFound):
    """A document cannot be accepted."""


class Reader:
    """A document's plain values, and the problems found while reading them."""

    def __init__(self, document: str | Mapping[str, object]) -> None:
        """Take YAML or JSON text, or a mapping already decoded from JSON; raises DocumentInvalid for broken text."""
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []
        if isinstance(document, str):
            self.root = self._from_text(document)
        else:
            self.root = document
        self.raise_problems()

    def problem(self, path: Path, code: str, msg: str) -> None:
        where = path
        while where and where not in self.lines:
            where = where[:-1]
        loc = ".".join(map(str, path)) or "document"
        self.problems.append(Problem(f"{loc} (line {self.lines[where]})" if where in self.lines else loc, code, msg))

    def raise_problems(self) -> None:
        if self.problems:
            raise DocumentInvalid(self.problems)

    def mapping(self, value: object, path: Path, allowed: Iterable[str] | None = None) -> Mapping[str, object]:
        """The value as a mapping with known keys; an empty one, and a problem noted, where it is not."""
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.problem(path, "type", "这里应当是“键: 值”的映射。")
            return {}
        known = None if allowed is None else tuple(allowed)
        for key in value:
            if not isinstance(key, str):
                self.problem(path, "type", "键必须是文字。")
            elif known is not None and key not in known:
                # A key is the writer's text: only one that looks like a field name is repeated.
                shown = (*path, key) if IDENTIFIER.fullmatch(key) else path
                self.problem(shown, "unknown_field", f"未知的键；可用：{listed(known)}。")
        return {key: item for key, item in value.items() if isinstance(key, str) and (known is None or key in known)}

    def sequence(self, value: object, path: Path) -> list[object]:
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            self.problem(path, "type", "这里应当是列表。")
            return []
        return list(value)

    def text(self, value: object, path: Path, limit: int) -> str:
        """A text of 1 to `limit` characters; an empty one, and a problem noted, for anything else."""
        if not isinstance(value, str) or not value.strip() or len(value) > limit or "\x00" in value:
            self.problem(path, "missing" if value is None else "text", f"应当是 1 到 {limit} 个字符的文字。")
            return ""
        return value.strip()

    def integer(self, value: object, path: Path, low: int, high: int) -> int | None:
        if type(value) is not int or not low <= value <= high:
            self.problem(path, "range", f"应当是 {low} 到 {high} 的整数。")
            return None
        return value

    def choice(self, value: object, path: Path, choices: Iterable[_Word]) -> _Word | None:
        """The one of some words that the value is."""
        known = {str(word): word for word in choices}
        if not isinstance(value, str) or value not in known:
            self.problem(path, "missing" if value is None else "enum", f"应当是以下之一：{listed(known)}。")
            return None
        return known[value]

    def choices(self, value: object, path: Path, known: Iterable[_Word]) -> tuple[_Word, ...]:
        """A non-empty list of known words, repeats dropped, in the order written."""
        allowed = tuple(known)
        if not isinstance(value, list | tuple) or not value:
            self.problem(path, "type", f"应当是非空列表，可用：{listed(allowed)}。")
            return ()
        found = [self.choice(item, (*path, index), allowed) for index, item in enumerate(value)]
        return tuple(dict.fromkeys(word for word in found if word is not None))

    def _from_text(self, text: str) -> object:
        if len(text) > MAX_CHARACTERS:
            self.problem((), "too_large", f"文档不得超过 {MAX_CHARACTERS} 个字符。")
            return None
        if text.lstrip().startswith("{"):
            # JSON is nearly YAML, except for a few escapes: what reads as JSON is JSON.
            try:
                return json.loads(text, object_pairs_hook=self._object)
            except (ValueError, RecursionError):
                self.problems.clear()
        try:
            loader = yaml.SafeLoader(text)
        except yaml.reader.ReaderError:
            self.problem((), "syntax", "含有 YAML 不允许的字符。")
            return None
        try:
            if not self._plain(yaml.parse(text, Loader=yaml.SafeLoader)):
                return None
            node = loader.get_single_node()
            return None if node is None else self._value(loader, node, ())
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            if mark is not None:
                self.lines[()] = mark.line + 1
            self.problem((), "syntax", "从这里起不是合法的 YAML。")
        except (yaml.YAMLError, ValueError, RecursionError):
            self.problem((), "syntax", "不是合法的 YAML。")
        finally:
            loader.dispose()
        return None

    def _plain(self, events: Iterable[yaml.Event]) -> bool:
        """Whether a text holds neither aliases nor nesting beyond reason, which both multiply the work."""
        depth = 0
        for event in events:
            opened = isinstance(event, yaml.CollectionStartEvent)
            depth += opened - isinstance(event, yaml.CollectionEndEvent)
            self.lines[()] = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                self.problem((), "alias", "不接受锚点和引用（& 和 *）。")
                return False
            if depth > MAX_DEPTH:
                self.problem((), "too_deep", f"嵌套不得超过 {MAX_DEPTH} 层。")
                return False
        return True

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        made = dict(pairs)
        if len(made) != len(pairs):
            self.problem((), "duplicate", "同一个键写了两次。")
        return made

    def _value(self, loader: yaml.SafeLoader, node: yaml.Node, path: Path) -> object:
        self.lines[path] = node.start_mark.line + 1
        if isinstance(node, yaml.SequenceNode):
            return [self._value(loader, item, (*path, index)) for index, item in enumerate(node.value)]
        if not isinstance(node, yaml.MappingNode):
            return cast(object, loader.construct_object(node))
        made: dict[Hashable, object] = {}
        for key_node, value_node in node.value:
            key = loader.construct_object(key_node) if isinstance(key_node, yaml.ScalarNode) else None
            here = (*path, key if isinstance(key, str | int) else str(key))
            if key in made:
                self.lines[here] = key_node.start_mark.line + 1
                self.problem(here, "duplicate", "同一个键写了两次。")
            made[key] = self._value(loader, value_node, here)
            self.lines[here] = key_node.start_mark.line + 1
        return made
