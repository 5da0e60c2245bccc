"""Which period owes a visit to whom (A14 to A17): from the tiers of a person over time and the frequencies, alone."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from rules.calendar import ONE_DAY, Frequency, Period, period_of
from rules.duties import DutyKind, Limit, Owed, TierPath
from rules.facts import Tier
from rules.policies import Terms


class TermsOverTime(Protocol):
    """The numbers that hold on each day, and the next day on which others do."""

    def terms(self, on: date) -> Terms:
        """What duties are made from on a day."""
        ...

    def terms_change_on(self, on: date) -> date | None:
        """The next day on which other terms take effect."""
        ...


class Standard(NamedTuple):
    """What is owed by a tier at a frequency. The more it asks for, the higher its rank: the tier first (A16)."""

    tier: Tier
    frequency: Frequency

    @property
    def rank(self) -> tuple[int, int]:
        """Its place among the others."""
        return (self.tier.rank, -self.frequency.months)


@dataclass(frozen=True, slots=True)
class _Claim:
    """A period that owes a visit by a standard, and the day from which on it does."""

    standard: Standard
    period: Period
    entered_on: date


class Course:
    """Which standard a person fell under over time; what a day owes follows from that and nothing else.

    A change of tier and a change of a tier's frequency are alike: each begins another standard.
    """

    def __init__(self, path: TierPath, over_time: TermsOverTime) -> None:
        self._path = path
        self._over_time = over_time
        self._days = _turning_days(path, over_time)
        self._standards = [self._standard(day) for day in self._days]
        self._claims: dict[date, _Claim | None] = {}

    def owed(self, on: date, terms: Terms) -> list[Owed]:
        """The periodic duty owed as things stand at the end of a day: at most one, by `terms`."""
        claim = self._claim(on)
        if claim is None:
            return []
        tier, period = claim.standard.tier, claim.period
        return [
            Owed(
                kind=DutyKind.PERIODIC,
                tier=tier,
                occasion=period.name,
                period=period.name,
                # Only a high duty asks for a visit after the upgrade; for others any visit of the period counts (A17).
                starts_on=claim.entered_on if tier is Tier.HIGH else period.first,
                due_on=period.last,
                modes=terms.modes[tier],
                limit=Limit.POLICY,
                clause=terms.reference(f"frequency.{tier}"),
                news_at=self._path.news_at.get(claim.entered_on) if tier is Tier.HIGH else None,
            )
        ]

    def _claim(self, on: date) -> _Claim | None:
        if on not in self._claims:
            self._claims[on] = self._find_claim(on)
        return self._claims[on]

    def _find_claim(self, on: date) -> _Claim | None:
        """The highest standard that owes its period; it absorbs the longer ones, which otherwise stay owed (A16)."""
        current = self._on(on)
        if current is None:
            return None
        held = self._held(period_of(on, Frequency.HALF_YEAR).first, on)
        for standard in sorted(held, key=lambda standard: standard.rank, reverse=True):
            period = period_of(on, standard.frequency)
            if standard.rank > current.rank or standard not in self._held(period.first, on):
                continue
            entries = self._entries(standard, period.first, on)
            if self._is_long_enough(entries[-1], period, on, standard) or self._was_owed(standard, period, on):
                # A return reopens what was owed from the first entry on.
                return _Claim(standard, period, entries[0])
        return None

    def _is_long_enough(self, entered_on: date, period: Period, on: date, standard: Standard) -> bool:
        """Whether enough of a period is left at an entry, the day itself included (A15)."""
        if entered_on <= period.first:
            return True
        return (period.last - entered_on).days + 1 >= self._over_time.terms(on).entry_days[standard.frequency]

    def _was_owed(self, standard: Standard, period: Period, before: date) -> bool:
        """Whether it or a higher standard was owed earlier in a period: a return then takes no threshold (A15)."""
        days = {period.first, *self._days[bisect_right(self._days, period.first) : bisect_left(self._days, before)]}
        month = period_of(period.first, Frequency.MONTH)
        while month.last < before:
            month = period_of(month.last + ONE_DAY, Frequency.MONTH)
            days.add(month.first)
        earlier = [self._claim(day) for day in sorted(days) if day < before]
        return any(claim is not None and claim.standard.rank >= standard.rank for claim in earlier)

    def _entries(self, standard: Standard, first: date, on: date) -> list[date]:
        """On which days of a span somebody came to a standard or a higher one; days in a higher one count (A16)."""
        days = [first, *self._days[bisect_right(self._days, first) : bisect_right(self._days, on)]]
        entries, is_within = [], False
        for day in days:
            was_within, now = is_within, self._on(day)
            is_within = now is not None and now.rank >= standard.rank
            if is_within and not was_within:
                entries.append(day)
        return entries

    def _held(self, first: date, last: date) -> set[Standard]:
        """The standards that held on some day of a span."""
        later = self._standards[bisect_right(self._days, first) : bisect_right(self._days, last)]
        return {standard for standard in (self._on(first), *later) if standard is not None}

    def _on(self, day: date) -> Standard | None:
        index = bisect_right(self._days, day)
        return self._standards[index - 1] if index else None

    def _standard(self, day: date) -> Standard | None:
        tier = self._path.on(day)
        return None if tier is Tier.NONE else Standard(tier, self._over_time.terms(day).frequency[tier])


def _turning_days(path: TierPath, over_time: TermsOverTime) -> list[date]:
    days = {day for day, _ in path.changes}
    turning = over_time.terms_change_on(min(days)) if days else None
    while turning is not None:
        days.add(turning)
        turning = over_time.terms_change_on(turning)
    return sorted(days)


def closings(since: date, today: date) -> list[date]:
    """The last days of months in `[since, today)`: every period that ended there is judged as of its last day (A16)."""
    days = []
    last = period_of(since, Frequency.MONTH).last
    while last < today:
        days.append(last)
        last = period_of(last + ONE_DAY, Frequency.MONTH).last
    return days
