"""Decisions on plain JSON, for callers that want nothing stored: one person in, one decision out, or what is wrong."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from rules.facts import EARLIEST, IDENTIFIER, Fact, FactInvalid, Person, Problem, Sex, parse_date, parse_fact
from rules.policies import NotInForce
from rules.rulebook import Rulebook

MAX_FACTS: Final = 1_000
_SEXES: Final[Mapping[str, Sex]] = {"male": "male", "female": "female"}
_PERSON: Final = frozenset(("birth_date", "facts", "sex"))
# `tier` is what the caller expects: worked examples carry it, so they can be fed as they are.
_LINE: Final = _PERSON | {"on", "street", "tier"}


def classify_line(
    raw: object, district: Rulebook, streets: Mapping[str, Rulebook], loc: str = ""
) -> dict[str, object] | list[Problem]:
    """One mapping `{"on", "street"?, "birth_date", "facts"}` to its decision, or to what is wrong with it.

    A street without a rulebook of its own gets the district's.
    """
    if not isinstance(raw, Mapping):
        return [Problem(loc or "person", "type", "每个人须是一个对象。")]
    problems = _unknown(raw, _LINE, loc)
    on = _on(raw, loc, problems)
    street = raw.get("street")
    if street is not None and not isinstance(street, str):
        problems.append(Problem(_at(loc, "street"), "type", "须是街镇代码。"))
        street = None
    person = _person(raw, loc, problems)
    if problems or on is None:
        return problems
    return decide(streets.get(street, district) if street else district, person, on, loc)


def classify_person(raw: object, rulebook: Rulebook, on: date, loc: str = "") -> dict[str, object] | list[Problem]:
    """One mapping `{"birth_date", "facts"}` to its decision on a day, or to what is wrong with it."""
    if not isinstance(raw, Mapping):
        return [Problem(loc or "person", "type", "每个人须是一个对象。")]
    problems = _unknown(raw, _PERSON, loc)
    person = _person(raw, loc, problems)
    return problems or decide(rulebook, person, on, loc)


def decide(rulebook: Rulebook, person: Person, on: date, loc: str = "") -> dict[str, object] | list[Problem]:
    """The decision ready for JSON; a day before the first policy is a problem, never a guess."""
    try:
        return rulebook.decide(person, on).as_dict()
    except NotInForce as error:
        return [Problem(_at(loc, "on"), "before_policy", str(error))]


def _at(loc: str, name: str) -> str:
    return f"{loc}.{name}" if loc else name


def _unknown(raw: Mapping[str, object], known: frozenset[str], loc: str) -> list[Problem]:
    if raw.keys() <= known:
        return []
    # A key is the caller's text too: only one that looks like a field name is repeated.
    return [
        Problem(_at(loc, name) if IDENTIFIER.fullmatch(name) else loc or "person", "unknown_field", "没有这个字段。")
        for name in raw
        if name not in known
    ]


def _on(raw: Mapping[str, object], loc: str, problems: list[Problem]) -> date | None:
    on = parse_date(raw.get("on"))
    if on is None:
        code = "date" if raw.get("on") is not None else "missing"
        problems.append(Problem(_at(loc, "on"), code, "须是 `YYYY-MM-DD` 格式的日期。"))
    return on


def _person(raw: Mapping[str, object], loc: str, problems: list[Problem]) -> Person:
    given = raw.get("birth_date")
    birth_date = parse_date(given)
    if "birth_date" not in raw:
        problems.append(Problem(_at(loc, "birth_date"), "missing", "请填写出生日期，不知道时填 `null`。"))
    elif given is not None and (birth_date is None or birth_date < EARLIEST):
        msg = f"须是 `null`，或 `YYYY-MM-DD` 格式的日期，不早于 {EARLIEST}。"
        problems.append(Problem(_at(loc, "birth_date"), "date", msg))
    sex = raw.get("sex")
    if sex is not None and sex not in ("male", "female"):
        problems.append(Problem(_at(loc, "sex"), "enum", "须是 `male` 或 `female`。"))
    facts = _facts(raw.get("facts"), loc, problems)
    return Person(birth_date=birth_date, sex=_SEXES.get(sex) if isinstance(sex, str) else None, facts=facts)


def _facts(raw: object, loc: str, problems: list[Problem]) -> tuple[Fact, ...]:
    if not isinstance(raw, list) or len(raw) > MAX_FACTS:
        code = "missing" if raw is None else "type"
        problems.append(Problem(_at(loc, "facts"), code, f"须是事实的列表，最多 {MAX_FACTS} 项。"))
        return ()
    found: list[Fact] = []
    for index, each in enumerate(raw):
        try:
            found.append(parse_fact(each, f"{loc}.facts.{index}" if loc else f"facts.{index}"))
        except FactInvalid as error:
            problems.extend(error.problems)
    return tuple(found)
