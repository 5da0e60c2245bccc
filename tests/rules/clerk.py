"""A clerk with a diary who says what is owed: A15 and A16 read a second time, a day at a time. For tests only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from rules.calendar import ONE_DAY, Frequency, Period, period_of
from rules.facts import TIERS, Tier


class Terms(Protocol):
    """What the clerk is told of the rules."""

    @property
    def frequency(self) -> Mapping[Tier, Frequency]:
        """How often each tier is visited."""

    @property
    def entry_days(self) -> Mapping[Frequency, int]:
        """How many days must be left of a period for whoever enters it."""


class Standard(NamedTuple):
    """A tier and how often it is visited."""

    tier: Tier
    frequency: Frequency


@dataclass
class Clerk:
    """A clerk with a diary: every evening they note what the person fell under and what was owed (A15, A16)."""

    def __post_init__(self) -> None:
        self.under: dict[date, Standard] = {}
        self.owing: dict[date, Standard] = {}

    def evening(self, on: date, tier: Tier, terms: Terms) -> set[tuple[Standard, Period]]:
        """The duty that is owed tonight, if any."""
        if tier is Tier.NONE:
            return set()
        self.under[on] = Standard(tier, terms.frequency[tier])
        for each in sorted((Standard(tier, often) for tier in TIERS for often in Frequency), key=self.asks):
            period = period_of(on, each.frequency)
            tonight = [noted for noted in self.days(period, on) if self.under.get(noted) == each]
            if not tonight or self.asks(each) < self.asks(self.under[on]):
                continue
            if self.is_long_enough(each, period, on, terms) or self.was_owed(each, period, on):
                self.owing[on] = each
                return {(each, period)}
        return set()

    def asks(self, standard: Standard) -> int:
        """The less a standard asks for, the more this is."""
        return 10 * TIERS.index(standard.tier) + standard.frequency.months

    def days(self, period: Period, on: date) -> list[date]:
        return [date.fromordinal(number) for number in range(period.first.toordinal(), on.toordinal() + 1)]

    def is_under(self, on: date, standard: Standard) -> bool:
        return on in self.under and self.asks(self.under[on]) <= self.asks(standard)

    def is_long_enough(self, standard: Standard, period: Period, on: date, terms: Terms) -> bool:
        entered = on
        while entered > period.first and self.is_under(entered - ONE_DAY, standard):
            entered -= ONE_DAY
        left = len(self.days(Period(entered, period.last, ""), period.last))
        return entered == period.first or left >= terms.entry_days[standard.frequency]

    def was_owed(self, standard: Standard, period: Period, on: date) -> bool:
        earlier = [self.owing[noted] for noted in self.days(period, on - ONE_DAY) if noted in self.owing]
        return any(self.asks(owed) <= self.asks(standard) for owed in earlier)
