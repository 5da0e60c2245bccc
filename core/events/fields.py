"""Typed reading of one JSON object, field by field: every problem is noted, none repeats a value."""

import re
from collections.abc import Collection, Mapping
from typing import Final

from core.events import strict_json
from rules import facts
from rules.facts import Problem

LATEST_DAY: Final = "2999-12-31"  # what is later would overflow a deadline counted from it
LONGEST_TEXT: Final = 4000
# What an event comes to in the person's log.
Entry = dict[str, object]

_EARLIEST_DAY: Final = facts.EARLIEST.isoformat()
# Control characters and noncharacters, which CloudEvents forbids in texts.
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def holds_control(text: str, *, lines: bool = False) -> bool:
    """Whether the text holds control characters; with `lines`, tabs and line breaks are none."""
    # Printable characters are no control characters, and asking for that is cheap.
    return not text.isprintable() and (facts.CONTROL_BUT_LINES if lines else _CONTROL).search(text) is not None


class Fields:
    """One JSON object and what is wrong with it. A field that is null counts as absent.

    Readers return None when the field is absent or wrong; whoever gets None from a required field finds the reason in
    `problems`, and must look there before using anything.
    """

    __slots__ = ("loc", "problems", "raw")

    def __init__(self, raw: Mapping[str, object], loc: str, problems: list[Problem]) -> None:
        self.raw = raw
        self.loc = loc
        self.problems = problems

    def note(self, name: str, code: str, msg: str) -> None:
        self.problems.append(Problem(strict_json.child(self.loc, name), code, msg))

    def refuse_others(self, allowed: Collection[str]) -> None:
        """Note every field that is not allowed."""
        for name in self.raw:
            if name not in allowed:
                self.note(name, "unknown_field", "没有这个字段。")

    def text(self, name: str, longest: int, *, required: bool = False, lines: bool = False) -> str | None:
        """A text of 1 to `longest` characters, not blank, without control characters; `lines` allows line breaks."""
        value = self.raw.get(name)
        if value is None:
            if required:
                self.note(name, "missing", "必须填写。")
            return None
        if not isinstance(value, str):
            self.note(name, "type", "须是文字。")
            return None
        if not value or len(value) > longest or value.isspace():
            self.note(name, "text", f"须是 1 至 {longest} 个字的文字。")
            return None
        if holds_control(value, lines=lines):
            self.note(name, "control_character", "不能含有控制字符。")
            return None
        return value

    def choice(self, name: str, options: Collection[str], *, required: bool = False) -> str | None:
        value = self.raw.get(name)
        if value is None:
            if required:
                self.note(name, "missing", f"须是下列之一：{facts.listed(options)}。")
            return None
        if not isinstance(value, str) or value not in options:
            self.note(name, "enum", f"须是下列之一：{facts.listed(options)}。")
            return None
        return value

    def day(self, name: str, *, required: bool = False, latest: str = LATEST_DAY) -> str | None:
        """A calendar day as YYYY-MM-DD from 1900 on; one after `latest` has not happened yet."""
        value = self.raw.get(name)
        if value is None:
            if required:
                self.note(name, "missing", "必须填写。")
            return None
        if not isinstance(value, str) or facts.parse_date(value) is None:
            self.note(name, "date", "须是 `YYYY-MM-DD` 格式的日期。")
            return None
        if not _EARLIEST_DAY <= value <= LATEST_DAY:
            self.note(name, "range", f"须在 {_EARLIEST_DAY} 至 {LATEST_DAY} 之间。")
            return None
        if value > latest:
            self.note(name, "date_in_future", "不能在将来。")
            return None
        return value

    def digits(self, name: str, count: int, *, required: bool = False) -> str | None:
        """A code of exactly `count` digits."""
        value = self.raw.get(name)
        if value is None:
            if required:
                self.note(name, "missing", f"必须填写 {count} 位数字的代码。")
            return None
        if not isinstance(value, str):
            self.note(name, "type", "须是文字。")
            return None
        if len(value) != count or not value.isascii() or not value.isdigit():
            self.note(name, "code", f"须是 {count} 位数字的代码。")
            return None
        return value
