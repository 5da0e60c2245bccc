"""A second reading of the casework rules, word by word and slow, to hold the engine against. For tests only.

It shares no code with `rules` and reads plain JSON: looks as mappings, documents as they are written.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from tests.rules import naive as people

RawLook = dict[str, Any]
LEVELS = ["ok", "watch", "risk", "urgent"]
Fired = dict[tuple[str, str, str], set[str]]
Raised = set[tuple[Any, ...]]


def raised(
    rules: list[dict[str, Any]],
    dimensions: dict[str, Any],
    limits: dict[str, Any],
    known: list[RawLook],
    new: list[RawLook],
    person: dict[str, Any],
    today: date,
    works: Callable[[date], bool],
) -> Raised:
    """What new looks raise beside known ones, when nothing else stands open: each with the places of its causes."""
    before = fired(rules, dimensions, known, person, today)
    after = fired(rules, dimensions, known + new, person, today)
    by_id = {rule["id"]: rule for rule in rules}
    needs: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    hints: dict[tuple[str, str], list[tuple[str, ...]]] = defaultdict(list)
    plans: list[tuple[str, ...]] = []
    follow_ups: dict[str, list[tuple[date, tuple[str, ...]]]] = defaultdict(list)
    facts: list[tuple[str, ...]] = []
    notices: dict[tuple[Any, ...], list[tuple[str, ...]]] = defaultdict(list)
    for place, categories in after.items():
        name, dimension, on = place
        raises = by_id[name]["raises"]
        news = categories - before.get(place, set())
        is_new = place not in before
        if need := raises.get("need"):
            own = {need["category"]} if "category" in need else None
            for category in news if own is None else own if is_new else ():
                needs[category].append((need["urgency"], place))
        if hint := raises.get("suggestion"):
            own = {hint["category"]} if "category" in hint else None
            for category in news if own is None else own if is_new else ():
                hints[category, hint["text"]].append(place)
        if not is_new:
            continue
        if raises.get("plan"):
            plans.append(place)
        if level := raises.get("follow_up"):
            due = date.fromisoformat(on) + timedelta(days=limits["follow_up_days"][level])
            follow_ups[dimension].append((max(due, later(today, limits["least"], works)), place))
        if "fact" in raises:
            facts.append(place)
        if notice := raises.get("notice"):
            notices[(*notice["to"], notice["words"])].append(place)
    found: Raised = set()
    for category, asked in needs.items():
        urgency = "urgent" if any(each == "urgent" for each, _ in asked) else "normal"
        days = limits["urgent_need_working_days" if urgency == "urgent" else "need_working_days"]
        found.add(("need", category, urgency, later(today, days, works), frozenset(place for _, place in asked)))
    for (category, text), places in hints.items():
        if category not in needs:
            found.add(("suggestion", category, text, frozenset(places)))
    if plans:
        found.add(("plan", later(today, limits["plan_working_days"], works), frozenset(plans)))
    for dimension, owed in follow_ups.items():
        found.add(("follow_up", dimension, min(due for due, _ in owed), frozenset(place for _, place in owed)))
    if facts and not any(illness_known(person, on) for _, _, on in facts):
        found.add(("fact", min(on for _, _, on in facts), frozenset(facts)))
    for said, places in notices.items():
        found.add(("notice", said, frozenset(places)))
    return found


def fired(
    rules: list[dict[str, Any]],
    dimensions: dict[str, Any],
    looks: list[RawLook],
    person: dict[str, Any],
    today: date,
) -> Fired:
    """By rule, dimension and day: where a rule holds, and for which categories of need."""
    stories = {dimension: story([one for one in looks if one["dimension"] == dimension]) for dimension in dimensions}
    found: Fired = {}
    for dimension, days in stories.items():
        for on, seen in days.items():
            seen["dimension"] = dimension
            seen["open"] = sum(alarming_on(other, on) for other in stories.values())
            for rule in rules:
                if holds(rule["when"], seen, person, today):
                    found[rule["id"], dimension, on] = categories_of(seen, dimensions[dimension])
    return found


def story(looks: list[RawLook]) -> dict[str, dict[str, Any]]:
    """One dimension day by day: the worst level, the signs, how often running, and whether it then stands at risk."""
    days: dict[str, dict[str, Any]] = {}
    level, quiet, run, last, alarmed = None, 0, 0, None, False
    for on in sorted({look["on"] for look in looks}):
        here = [look for look in looks if look["on"] == on]
        worst = max((look["level"] for look in here), key=LEVELS.index)
        is_nothing = worst == "ok" and level is None
        run = run + 1 if worst == last and not is_nothing else 1
        last = worst
        if worst == "ok":
            quiet += 1
        else:
            quiet, level = 0, worst
            alarmed = alarmed or worst in ("risk", "urgent")
        if level == "watch" and quiet >= 2 and not alarmed:
            level, last = None, None
        days[on] = {
            "level": worst,
            "signs": {sign for look in here for sign in look["signs"]},
            "plain": any(look["level"] != "ok" and not look["signs"] for look in here),
            "run": run,
            "alarming": level in ("risk", "urgent"),
        }
        if level is None:
            last, quiet = None, 0
    return days


def alarming_on(days: dict[str, dict[str, Any]], on: str) -> bool:
    reached = [day for day in days if day <= on]
    return bool(reached) and days[max(reached)]["alarming"]


def categories_of(seen: dict[str, Any], dimension: dict[str, Any]) -> set[str]:
    found = set()
    for sign in seen["signs"]:
        said = dimension["signs"][sign]
        found.add(said["category"] if isinstance(said, dict) else dimension["category"])
    if seen["plain"] or not found:
        found.add(dimension["category"])
    return found


def holds(condition: dict[str, Any], seen: dict[str, Any], person: dict[str, Any], today: date) -> bool:
    ((word, asked),) = condition.items()
    listed = asked if isinstance(asked, list) else [asked]
    match word:
        case "all":
            return all(holds(each, seen, person, today) for each in asked)
        case "any":
            return any(holds(each, seen, person, today) for each in asked)
        case "not":
            return not holds(asked, seen, person, today)
        case "dimension":
            return seen["dimension"] in listed
        case "sign":
            return bool(seen["signs"] & set(listed))
        case "level_at_least":
            return LEVELS.index(seen["level"]) >= LEVELS.index(asked)
        case "times_in_a_row":
            return bool(seen["run"] >= asked)
        case "open_dimensions_at_least":
            return bool(seen["open"] >= asked)
        case _:
            return people.holds(condition, person, today)


def illness_known(person: dict[str, Any], on: str) -> bool:
    return any(
        fact["kind"] == "serious_illness"
        and fact["valid_from"] <= on
        and (fact["valid_to"] is None or on <= fact["valid_to"])
        for fact in person["facts"]
    )


def later(day: date, working_days: int, works: Callable[[date], bool]) -> date:
    while working_days:
        day += timedelta(days=1)
        working_days -= works(day)
    return day
