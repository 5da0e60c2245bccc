"""What is owed to whom and what became of it, kept by hand from what was told and done: nothing here asks the product.

The tier follows `tests.rules.naive`, the periods `tests.rules.clerk`; what credits them is told again below.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from rules.calendar import ONE_DAY, Frequency, Period
from rules.facts import Tier
from tests.journeys.lives import Known, Life, Went
from tests.journeys.year import APPROVAL_DAYS, Year
from tests.rules import naive
from tests.rules.clerk import Clerk, Standard

# A18: what may discharge a duty of each tier.
CALLS: Final = ("home_visit", "phone", "wechat", "building_video")
MODES: Final = {Tier.HIGH: ("home_visit",), Tier.KEY: CALLS, Tier.GENERAL: CALLS}
PAUSE_DAYS: Final = 15
UNSURE: Final = "unsure"


@dataclass
class Usual:
    """How often each tier is visited, and the threshold of A15."""

    frequency: dict[Tier, Frequency]
    entry_days: dict[Frequency, int]


@dataclass
class Bookkeeper:
    """Keeps the periods of everybody in a year."""

    year: Year

    def periods(self, life: Life, today: date) -> dict[tuple[str, str], str]:
        """Every period that is or was owed, and what became of it by this evening; else `UNSURE`."""
        clerk = Clerk()
        found: dict[tuple[str, str], str] = {}
        credited: dict[tuple[str, str], date] = {}
        died_on = life.known(today).died_on
        tonight: set[tuple[Standard, Period]] = set()
        on = self.year.script.first
        while on <= today:
            known = life.known(on, hindsight=today)
            earlier = tonight | self.morning(clerk, life, on, today)
            # What was owed when a death became known stays so, and is judged below.
            if not known.died_on:
                tonight = clerk.evening(on, self.tier(life, known, on), self.usual(life, on))
            for standard, period in tonight:
                if on > period.last:
                    continue
                key = (standard.tier.value, period.name)
                began = self.began(clerk, standard, period, on)
                # A period that begins after the death is not owed (A23).
                if died_on and str(period.first) > died_on:
                    continue
                visits = [went for went in life.visits if self.is_in(went, began, period, died_on)]
                is_excused = on >= life.excused.get(period.name, date.max)
                if any(self.is_doubtful(went, began, period) for went in visits) or credited.get(key, began) != began:
                    found[key] = UNSURE
                elif found.get(key) == UNSURE:
                    continue
                elif is_excused:
                    # What the street advisor decided stays so (A40).
                    found[key] = UNSURE if found.get(key) == "met" else "excused"
                elif any(went.entered_on <= on and self.credits(went, standard.tier, period) for went in visits):
                    # Met is met, also for whoever leaves the tier afterwards (A16).
                    found[key], credited[key] = "met", began
                elif on in (period.last, today):
                    is_met = any(self.credits(went, standard.tier, period) for went in visits)
                    found[key] = "met" if is_met else self.unvisited(life, period, today, died_on)
            for standard, period in earlier - tonight:
                key = (standard.tier.value, period.name)
                # Owed for some hours of a day: hours decide whether somebody went for it.
                if any(went.entered_on == on for went in life.visits) or (life.visits and key not in found):
                    found[key] = UNSURE
            on += ONE_DAY
        return found

    def morning(self, clerk: Clerk, life: Life, on: date, today: date) -> set[tuple[Standard, Period]]:
        """What the day itself asked for before anything was told on it."""
        if all(each.on != on for each in life.told):
            return set()
        known = life.known(on - ONE_DAY, hindsight=today)
        if known.died_on:
            return set()
        owed = clerk.evening(on, self.tier(life, known, on), self.usual(life, on))
        clerk.under.pop(on, None)
        clerk.owing.pop(on, None)
        return owed

    def follows(self, life: Life) -> bool:
        """Whether evenings are enough to tell what is owed: not if there was news before and after a visit of a day."""
        told = Counter(each.on for each in life.told)
        return not life.untold and all(told[went.entered_on] < 2 for went in life.visits)

    def tier(self, life: Life, known: Known, on: date) -> Tier:
        person = {"birth_date": str(life.born), "facts": known.facts}
        rules = self.overlay(life, on).get("rules", ())
        tiers = [Tier(rule["tier"]) for rule in rules if naive.holds(rule["when"], person, on)]
        tiers.append(Tier(naive.tier(person, on)))
        return max(tiers, key=lambda tier: tier.rank)

    def usual(self, life: Life, on: date) -> Usual:
        """The guidance, and how much oftener the street goes."""
        frequency = {Tier.HIGH: Frequency.MONTH, Tier.KEY: Frequency.QUARTER, Tier.GENERAL: Frequency.HALF_YEAR}
        for tier, often in self.overlay(life, on).get("frequency", {}).items():
            frequency[Tier(tier)] = Frequency(often)
        return Usual(frequency, {Frequency.MONTH: 7, Frequency.QUARTER: 30, Frequency.HALF_YEAR: 60})

    def overlay(self, life: Life, on: date) -> dict[str, Any]:
        """The document of the street that is in force: of those that begin on one day the one put last."""
        street = life.street_on(on)
        begun = [
            (since, number)
            for number, (where, since, _) in enumerate(self.year.overlays)
            if where == street and since <= on
        ]
        return self.year.overlays[max(begun)[1]][2] if begun else {}

    def began(self, clerk: Clerk, standard: Standard, period: Period, on: date) -> date:
        """From when visits count (A17): a high month begins with the upgrade."""
        if standard.tier is not Tier.HIGH:
            return period.first
        began = on
        while (
            began > period.first and began - ONE_DAY in clerk.under and clerk.under[began - ONE_DAY].tier is Tier.HIGH
        ):
            began -= ONE_DAY
        return began

    def unvisited(self, life: Life, period: Period, today: date, died_on: str | None) -> str:
        """What became of a period that no visit credits."""
        if period.name in life.excused or (died_on and died_on <= str(period.last)):
            return "excused"
        told_by = min(today, period.last + timedelta(days=PAUSE_DAYS))
        if self.is_paused(life.known(told_by, hindsight=today), period):
            return "excused"
        return "open" if today <= period.last else "missed"

    def is_in(self, went: Went, began: date, period: Period, died_on: str | None) -> bool:
        """Whether a visit lies in a window, and not after the death (A23)."""
        is_alive = not died_on or str(went.service_date) <= died_on
        return not went.is_void and began <= went.service_date <= period.last and is_alive

    def is_doubtful(self, went: Went, began: date, period: Period) -> bool:
        """Told late by a correction, or on the day of the news, when hours decide (A17): other tests know more."""
        return went.is_corrected_late or (began > period.first and went.service_date == began)

    def credits(self, went: Went, tier: Tier, period: Period) -> bool:
        """Whether a visit in its window discharges a period (A18, A19, A21)."""
        if not went.met or went.form["mode"] not in MODES[tier]:
            return False
        if (went.entered_on - period.last).days > APPROVAL_DAYS:
            return False
        if went.form["initiated_by"] == "resident":
            return tier is not Tier.HIGH and "dimensions" in went.form
        return True

    def is_paused(self, known: Known, period: Period) -> bool:
        """Whether every day of the period lies in some pause (A23)."""
        return all(naive.in_force({"facts": known.facts}, "pause", day) for day in days(period))


def days(period: Period) -> Iterator[date]:
    """Every day of a period."""
    for number in range(period.first.toordinal(), period.last.toordinal() + 1):
        yield date.fromordinal(number)
