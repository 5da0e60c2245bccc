"""A second reading of the policy, word by word and slow, to hold the engine against. For tests only.

It shares no code with `rules` and reads plain JSON. The tier follows the formulas of the policy's tier rule;
the reasons follow the conditions as they are written.
"""

from datetime import date
from typing import Any

RawFact = dict[str, Any]
RawPerson = dict[str, Any]

LOW_INCOME = {"dibao_urban", "dibao_rural", "dibao_edge"}
COVERED = LOW_INCOME | {"expenditure_poor", "severe_disability_aid", "tekun"}
RANKS = ["none", "general", "key", "high"]


def tier(person: RawPerson, on: date) -> str:
    """The district's tier, by the formulas of 二（一）to 二（三）."""
    if _dead(person, on):
        return "none"
    if in_register(person, on):
        if _tags(person, on) & LOW_INCOME and major_change_open(person, on):
            return "high"
        scattered = "scattered" in _supports(person, on)
        if scattered and _is_aged(person, 70, on):
            return "high"
        if scattered or serious_illness(person, on) or severe_disability(person, on):
            return "key"
        return "general"
    return "general" if warned_within_year(person, on) else "none"


def reasons(person: RawPerson, on: date, rules: list[dict[str, Any]]) -> set[str]:
    """The ids of the rules whose own conditions hold."""
    if _dead(person, on):
        return set()
    return {rule["id"] for rule in rules if holds(rule["when"], person, on)}


def highest(names: set[str], rules: list[dict[str, Any]]) -> str:
    return max(["none", *(rule["tier"] for rule in rules if rule["id"] in names)], key=RANKS.index)


def holds(condition: dict[str, Any], person: RawPerson, on: date) -> bool:
    ((word, asked),) = condition.items()
    match word:
        case "all":
            return all(holds(each, person, on) for each in asked)
        case "any":
            return any(holds(each, person, on) for each in asked)
        case "not":
            return not holds(asked, person, on)
        case "age_at_least":
            return person["birth_date"] is not None and _is_aged(person, asked, on)
        case "age_below":
            return person["birth_date"] is not None and not _is_aged(person, asked, on)
        case "assistance":
            return bool(_tags(person, on) & set(asked))
        case "support":
            return asked in _supports(person, on)
        case "outreach":
            return any(fact["tag"] in asked for fact in in_force(person, "outreach", on))
        case "tag":
            return any(fact["tag"] == asked for fact in in_force(person, "street_tag", on))
        case "sex":
            return bool(person.get("sex") == asked)
        case "in_register":
            return in_register(person, on) is asked
        case "serious_illness":
            return serious_illness(person, on) is asked
        case "severe_disability":
            return severe_disability(person, on) is asked
        case "major_change_open":
            return major_change_open(person, on) is asked
        case "warned_within_year":
            return warned_within_year(person, on) is asked
    raise AssertionError(word)


def in_register(person: RawPerson, on: date) -> bool:
    return bool(_tags(person, on) & COVERED)


def major_change_open(person: RawPerson, on: date) -> bool:
    return bool(in_force(person, "major_change", on))


def serious_illness(person: RawPerson, on: date) -> bool:
    for fact in in_force(person, "serious_illness", on):
        if fact["basis"] != "found_on_visit":
            return True
        if fact.get("confirmed_on") and fact["confirmed_on"] <= on.isoformat():
            return True
    return any(fact["cause"] == "serious_illness" for fact in in_force(person, "major_change", on))


def severe_disability(person: RawPerson, on: date) -> bool:
    certified = [
        fact for fact in person["facts"] if fact["kind"] == "disability" and fact["valid_from"] <= on.isoformat()
    ]
    if any(fact["grade"] <= 2 or (fact["grade"] == 3 and fact["category"] in (5, 6)) for fact in certified):
        return True
    return "severe_disability_aid" in _tags(person, on)


def warned_within_year(person: RawPerson, on: date) -> bool:
    return any(
        fact["valid_from"] <= on.isoformat() <= _plus_years(fact["valid_from"], 1)
        for fact in person["facts"]
        if fact["kind"] == "warning"
    )


def _dead(person: RawPerson, on: date) -> bool:
    return bool(person.get("died_on")) and on.isoformat() > person["died_on"]


def in_force(person: RawPerson, kind: str, on: date) -> list[RawFact]:
    day = on.isoformat()
    return [
        fact
        for fact in person["facts"]
        if fact["kind"] == kind and fact["valid_from"] <= day and (fact["valid_to"] is None or day <= fact["valid_to"])
    ]


def _tags(person: RawPerson, on: date) -> set[str]:
    return {fact["tag"] for fact in in_force(person, "assistance", on)}


def _supports(person: RawPerson, on: date) -> set[str]:
    return {fact["support"] for fact in in_force(person, "assistance", on) if "support" in fact}


def _is_aged(person: RawPerson, age: int, on: date) -> bool:
    return person["birth_date"] is not None and on.isoformat() >= _plus_years(person["birth_date"], age)


def _plus_years(day: str, years: int) -> str:
    """ISO days compare as text; 29 February is kept in leap years and becomes 28 February in others."""
    year = int(day[:4]) + years
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return f"{year:04d}-02-28" if day[5:] == "02-29" and not leap else f"{year:04d}{day[4:]}"
