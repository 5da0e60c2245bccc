"""JSON read strictly: what two readers could understand differently is refused, with a code and a place."""

import json
import math
import re
from collections.abc import Iterator
from typing import Final, NoReturn, TypeAlias

from rules.facts import Problem

MAX_BYTES: Final = 256 * 1024
MAX_DEPTH: Final = 32
MAX_PROBLEMS: Final = 20  # enough to repair an input; more would only make a hostile one expensive to answer
_MAX_INT: Final = 2**63 - 1
_MAX_NUMBER_CHARACTERS: Final = 128

_BLANK: Final = re.compile(r"[ \t\n\r]*")
# Only an escape can bring a NUL or half a surrogate pair into a text that was valid UTF-8.
_SUSPECT_ESCAPE: Final = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_BAD_CHARACTER: Final = re.compile("[\x00\ud800-\udfff]")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}", re.ASCII)

_MESSAGES: Final = {
    "duplicate_key": "同一个对象中有重复的键。",
    "number_not_finite": "`NaN` 和 `Infinity` 不是 JSON 的数。",
    "number_out_of_range": "数字须在 64 位的范围以内。",
    "lone_surrogate": "文字中有不完整的字符。",
    "nul": "文字中不能有空字符。",
    "too_deep": f"嵌套超过 {MAX_DEPTH} 层。",
    "too_large": f"超过 {MAX_BYTES // 1024} KB。",
}


class BodyInvalid(ValueError):
    """The body as a whole cannot be read; nothing in it was looked at."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{problem.loc}: {problem.msg}" for problem in problems))
        self.problems = problems


class _Flaw(Exception):
    """Stops the fast reader; the marking reader then finds out where it was."""


class _Mark:
    """Stands where an unacceptable value stood."""

    __slots__ = ("code",)

    def __init__(self, code: str) -> None:
        self.code = code


# How the walk got somewhere; spelt out only when something is wrong there.
_Trail: TypeAlias = "tuple[_Trail, str | int] | None"
_WALKED: Final = (str, dict, list, _Mark)


def body_problem(code: str, msg: str) -> BodyInvalid:
    return BodyInvalid([Problem("body", code, msg)])


def problem(loc: str, code: str) -> Problem:
    """A refusal of this module, at the given place; the place of a whole event is `event`."""
    return Problem(loc or "event", code, _MESSAGES[code])


def child(loc: str, name: object) -> str:
    """The path of a field. A key is the sender's text too, so only one that looks like a field name is repeated."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        name = "*"
    return f"{loc}.{name}" if loc else name


def decode(body: bytes) -> str:
    """The body as text: UTF-8 without a byte order mark and without NUL, or BodyInvalid."""
    if body.startswith(b"\xef\xbb\xbf"):
        raise body_problem("bom", "UTF-8 不能带字节顺序标记。")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise body_problem("encoding", f"第 {error.start} 个字节处不是有效的 UTF-8。") from None
    if "\x00" in text:
        raise BodyInvalid([problem("body", "nul")])
    return text


def parse_json(body: bytes) -> object:
    """The value of a whole JSON body of at most `MAX_BYTES`; raises BodyInvalid naming every problem."""
    if len(body) > MAX_BYTES:
        raise BodyInvalid([problem("body", "too_large")])
    text = decode(body)
    value, end, problems = scan(text, skip_blank(text, 0), "body")
    expect_end(text, end)
    if problems:
        raise BodyInvalid(problems)
    return value


def scan(text: str, start: int, loc: str = "") -> tuple[object, int, list[Problem]]:
    """The JSON value at `start`, the index behind it, and what is unacceptable in it.

    With problems the value is only good for looking up plain texts in it. Raises BodyInvalid if it is not JSON.
    """
    flawed = False
    try:
        try:
            value, end = _FAST.raw_decode(text, start)
        except _Flaw:
            flawed = True
            value, end = _MARKING.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise _not_json(error.pos) from None
    except RecursionError:
        raise BodyInvalid([problem("body", "too_deep")]) from None
    if _too_large(text, start, end):
        return value, end, [problem(loc, "too_large")]
    # Counting brackets costs far less than walking, and a value cannot be deeper than it has opening brackets.
    if (
        flawed
        or text.count("{", start, end) + text.count("[", start, end) > MAX_DEPTH
        or (text.find("\\u", start, end) >= 0 and _SUSPECT_ESCAPE.search(text, start, end))
    ):
        return value, end, _inspect(value, loc)
    return value, end, []


def scan_array(text: str, start: int) -> Iterator[tuple[object, list[Problem]]]:
    """Each element of the array that opens at `start`, with its problems."""
    position = skip_blank(text, start + 1)
    if text.startswith("]", position):
        expect_end(text, position + 1)
        return
    while True:
        value, end, problems = scan(text, position)
        yield value, problems
        position = skip_blank(text, end)
        if text.startswith("]", position):
            break
        if not text.startswith(",", position):
            raise _not_json(position)
        position = skip_blank(text, position + 1)
    expect_end(text, position + 1)


def skip_blank(text: str, start: int) -> int:
    """The index of the first character from `start` on that is not JSON white space."""
    found = _BLANK.match(text, start)
    return found.end() if found else start


def expect_end(text: str, start: int) -> None:
    """Raise BodyInvalid unless only white space follows."""
    position = skip_blank(text, start)
    if position != len(text):
        raise _not_json(position)


def _too_large(text: str, start: int, end: int) -> bool:
    characters = end - start
    if characters * 4 <= MAX_BYTES:  # no character takes more than four bytes
        return False
    return characters > MAX_BYTES or len(text[start:end].encode()) > MAX_BYTES


def _not_json(position: int) -> BodyInvalid:
    return body_problem("json_invalid", f"第 {position} 个字符处不是有效的 JSON。")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Flaw
    return made


def _int(digits: str) -> int:
    if len(digits) > 20 or abs(value := int(digits)) > _MAX_INT:
        raise _Flaw
    return value


def _float(digits: str) -> float:
    if len(digits) > _MAX_NUMBER_CHARACTERS or not math.isfinite(value := float(digits)):
        raise _Flaw
    return value


def _constant(_name: str) -> NoReturn:
    raise _Flaw


def _object_or_mark(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                made[name] = _Mark("duplicate_key")
            seen.add(name)
    return made


def _int_or_mark(digits: str) -> object:
    try:
        return _int(digits)
    except _Flaw:
        return _Mark("number_out_of_range")


def _float_or_mark(digits: str) -> object:
    try:
        return _float(digits)
    except _Flaw:
        return _Mark("number_out_of_range")


def _inspect(value: object, loc: str) -> list[Problem]:
    """Walk the whole value, without recursion, for marks, bad characters and depth."""
    problems: list[Problem] = []
    waiting: list[tuple[object, _Trail, int]] = [(value, None, 1)]
    while waiting and len(problems) < MAX_PROBLEMS:
        node, trail, depth = waiting.pop()
        code = None
        if isinstance(node, _Mark):
            code = node.code
        elif isinstance(node, str):
            code = _bad_text(node)
        elif isinstance(node, dict | list) and depth > MAX_DEPTH:
            code = "too_deep"
        elif isinstance(node, dict):
            for name, item in node.items():
                if (bad := _bad_text(name)) is not None:
                    problems.append(problem(_path(loc, (trail, name)), bad))
                if isinstance(item, _WALKED):
                    waiting.append((item, (trail, name), depth + 1))
        elif isinstance(node, list):
            for index, item in enumerate(node):
                if isinstance(item, _WALKED):
                    waiting.append((item, (trail, index), depth + 1))
        if code is not None:
            problems.append(problem(_path(loc, trail), code))
    return problems[:MAX_PROBLEMS]


def _path(loc: str, trail: _Trail) -> str:
    steps: list[str | int] = []
    while trail is not None:
        trail, step = trail
        steps.append(step)
    for step in reversed(steps):
        loc = f"{loc}[{step}]" if isinstance(step, int) else child(loc, step)
    return loc


def _bad_text(text: str) -> str | None:
    found = _BAD_CHARACTER.search(text)
    if found is None:
        return None
    return "nul" if found.group() == "\x00" else "lone_surrogate"


_FAST: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_int, parse_float=_float, parse_constant=_constant, strict=True
)
_MARKING: Final = json.JSONDecoder(
    object_pairs_hook=_object_or_mark,
    parse_int=_int_or_mark,
    parse_float=_float_or_mark,
    parse_constant=lambda _name: _Mark("number_not_finite"),
    strict=True,
)
