"""A year invented from a seed: who lives in it, on which days something happens, and what."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from rules.casework.codes import Dimension
from tests.journeys.district import HERE, NEXT_DOOR, THERE

COMMITTEES: Final = (HERE, NEXT_DOOR, THERE)
TAGS: Final = ("dibao_urban", "dibao_rural", "dibao_edge", "expenditure_poor", "tekun")
ALL_WELL: Final = {str(dimension): {"level": "ok"} for dimension in Dimension}
RISK: Final = {**ALL_WELL, "health": {"level": "risk", "note": "血压偏高"}}
# What a street may add to the district's rules.
TAGGED: Final = {"tags": {"living_alone": "独居"}}
OVERLAYS: Final[tuple[dict[str, Any], ...]] = (
    {"frequency": {"general": "quarter"}, **TAGGED},
    {
        **TAGGED,
        "rules": [
            {
                "id": "old_and_alone",
                "tier": "key",
                "label": "70岁以上独居老人",
                "when": {"all": [{"age_at_least": 70}, {"tag": "living_alone"}]},
            }
        ],
    },
    {"limits": {"response_major_change_working_days": 3}, **TAGGED},
)
# How often each thing happens, beside the others.
NEWS: Final = {
    "aided": 5,
    "ill": 3,
    "disabled": 1,
    "tagged": 2,
    "paused": 2,
    "ended": 5,
    "retracted": 2,
    "changed": 7,
    "warned": 3,
    "led": 3,
    "left": 1.5,
    "died": 1.2,
    "restored": 1.5,
    "moved": 3,
    "twice": 1,
}
WORK: Final = {
    "visited": 22,
    "visited_together": 2,
    "visited_again": 3,
    "corrected": 5,
    "voided": 2,
    "tried": 5,
    "excused": 3,
    "decided": 7,
    "completed": 3,
    "away": 1.2,
    "handed_over": 0.8,
    "covered": 1,
}
ACTS: Final = {**NEWS, **WORK}


@dataclass(frozen=True)
class Step:
    """Something that happens on a day to somebody; everything else about it comes from its own dice."""

    on: date
    what: str
    who: int
    seed: int


@dataclass(frozen=True)
class Script:
    """A year: who lives in it, on which days something happens, and what."""

    seed: int
    first: date
    last: date
    births: list[tuple[date, str]]
    steps: list[Step]

    def days(self) -> Iterator[tuple[date, list[Step]]]:
        """Every day with what happens on it."""
        on = self.first
        while on <= self.last:
            yield on, [step for step in self.steps if step.on == on]
            on += timedelta(days=1)


def colleague(committee: str) -> str:
    """The second advisor of a committee."""
    return f"second-{committee}"


def month_end(day: date) -> date:
    """The last day of the month."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def invent(seed: int, people: int, days: int, first: date) -> Script:
    """A year of so many people and days."""
    dice = Random(seed)
    last = first + timedelta(days=days)
    births = [
        (date(dice.choice((1955, 1956, 1956, 1970)), dice.randint(1, 12), dice.randint(1, 28)), dice.choice(COMMITTEES))
        for _ in range(people)
    ]
    busy, on = [], first
    while (on := on + timedelta(days=dice.choice((1, 2, 3, 4, 6, 13)))) < last:
        busy.append(on)
    # Everything is tried some time, and again when enough has happened for it to succeed; the rest as it comes.
    names = [*ACTS, *dice.choices(list(ACTS), list(ACTS.values()), k=people * days // 16)]
    happens = [(dice.choice(busy), name) for name in names]
    happens += [(dice.choice(busy[len(busy) // 2 :]), name) for name in ACTS for _ in range(2)]
    steps = [Step(on, name, dice.randrange(people), dice.getrandbits(32)) for on, name in happens]
    steps.sort(key=lambda step: step.on)
    return Script(seed, first, last, births, steps)
