"""What ends: facts that are over or never were true, and people who died, left, or did neither after all."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from core.events.fields import LONGEST_TEXT, Entry, Fields
from rules import facts
from rules.facts import FactKind

_TAGS: Final[Mapping[str, tuple[str, ...]]] = {
    FactKind.ASSISTANCE: facts.COVERED_TAGS,
    FactKind.OUTREACH: facts.OUTREACH_TAGS,
}
_KINDS: Final = tuple(kind.value for kind in FactKind)


def left(fields: Fields, today: str, time: datetime) -> Entry:
    """The last day in the register."""
    fields.text("reason", LONGEST_TEXT, lines=True)
    return {"left_on": fields.day("on", required=True)}


def died(fields: Fields, today: str, time: datetime) -> Entry:
    """The day of a death."""
    return {"died_on": fields.day("on", required=True, latest=today)}


def restored(fields: Fields, today: str, time: datetime) -> Entry:
    """Neither died nor left: as if it had never been said (A23)."""
    fields.text("reason", LONGEST_TEXT, required=True, lines=True)
    return {"restored": True}


def ended(fields: Fields, today: str, time: datetime) -> Entry:
    """The last day of one fact, or of all of its kind and tag in force."""
    which = _which(fields)
    on = fields.day("on", required=True)
    first = fields.day("valid_from")
    if on is not None and first is not None and on < first:
        fields.note("on", "order", "结束的日期不能早于开始的日期。")
    which["on"] = on
    if first is not None:
        which["valid_from"] = first
    return {"end": which}


def retracted(fields: Fields, today: str, time: datetime) -> Entry:
    """A fact that was never true (A27)."""
    which = _which(fields)
    which["valid_from"] = fields.day("valid_from", required=True)
    fields.text("reason", LONGEST_TEXT, required=True, lines=True)
    return {"retract": which}


def _which(fields: Fields) -> Entry:
    """The kind, and the tag or the cause where the kind has one, of the facts an event speaks of."""
    kind = fields.choice("kind", _KINDS, required=True)
    which: Entry = {"kind": kind}
    if kind == FactKind.MAJOR_CHANGE:
        cause = fields.choice("cause", facts.CAUSES)
        if cause is not None:
            which["cause"] = cause
    elif kind is not None and fields.raw.get("cause") is not None:
        fields.note("cause", "unexpected", "这一类事实没有原因。")
    if kind == FactKind.STREET_TAG:
        tag = fields.text("tag", 40, required=True)
        if tag is not None and not facts.IDENTIFIER.fullmatch(tag):
            fields.note("tag", "identifier", "须是声明过的标签，由小写字母、数字和下划线组成。")
        which["tag"] = tag
    elif kind is not None and kind in _TAGS:
        which["tag"] = fields.choice("tag", _TAGS[kind], required=True)
    elif kind is not None and fields.raw.get("tag") is not None:
        fields.note("tag", "unexpected", "这一类事实没有标签。")
    return which


def extended(fields: Fields, today: str, time: datetime) -> Entry:
    """By when an old major change must be decided (A1)."""
    first = fields.day("valid_from", required=True)
    until = fields.day("until", required=True)
    if first is not None and until is not None and until < first:
        fields.note("until", "order", "不能早于变故发生的日期。")
    cause = fields.choice("cause", facts.CAUSES)
    return {"extend": {"valid_from": first, "until": until, **({"cause": cause} if cause else {})}}
