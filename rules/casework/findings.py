"""Findings (B1 to B3): what contacts saw in one dimension, told as findings of which one at most stands open.

A finding is told anew from all that is known, by day of service, so late entries, corrections and voided visits leave
no trace but their own. What is not looked at says nothing, and `ok` opens nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby, takewhile
from typing import NamedTuple

from rules.casework.codes import Dimension, FindingState, FollowUpOutcome, Level, Sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One dimension as one contact found it: a visit, a call or a lead. Recorded for each dimension looked at (B1)."""

    dimension: Dimension
    level: Level
    # The day of service.
    on: date
    recorded_at: datetime
    contact_id: str
    signs: frozenset[Sign] = frozenset()
    # Whether the visitor wrote a note beside the level.
    noted: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """What the street advisor said of a finding: a follow-up's outcome, or (without one) that it was never true."""

    on: date
    said_at: datetime
    outcome: FollowUpOutcome | None

    @property
    def closes(self) -> bool:
        return self.outcome in (None, FollowUpOutcome.CLEARED)

    def covers(self, look: Look) -> bool:
        """Whether it speaks of a look: one that lay behind it, and that was known when it was said."""
        return look.on <= self.on and look.recorded_at <= self.said_at


@dataclass(frozen=True, slots=True)
class Sight:
    """A dimension on one day: the worst level of the day's looks, and all of their signs."""

    dimension: Dimension
    on: date
    level: Level
    signs: frozenset[Sign]
    # Whether some look found it worse than ok and ticked no sign: it stands for the dimension as a whole.
    plain: bool
    noted: bool
    contact_ids: tuple[str, ...]


class Change(NamedTuple):
    """The day on which a finding's level became another; None is the level before it was opened."""

    on: date
    before: Level | None
    after: Level


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding with its history: the looks since it was opened, and what the street advisor said meanwhile."""

    dimension: Dimension
    looks: tuple[Look, ...]
    words: tuple[Word, ...] = ()
    state: FindingState = FindingState.OPEN
    closed_on: date | None = None

    @property
    def sights(self) -> tuple[Sight, ...]:
        """Day by day, oldest first."""
        return sights(self.looks)

    @property
    def found_on(self) -> date:
        return min(look.on for look in self.looks)

    @property
    def level(self) -> Level:
        """The level last found; `ok` does not lower it, it only says that nothing was seen."""
        return self._last_seen.level

    @property
    def signs(self) -> frozenset[Sign]:
        """The signs of the day on which its level was last found."""
        return self._last_seen.signs

    @property
    def quiet_since(self) -> date | None:
        """最近未见异常，待回访确认: the first day of an unbroken run of `ok`, up to now."""
        run = list(takewhile(lambda sight: sight.level is Level.OK, reversed(self.sights)))
        return run[-1].on if run else None

    @property
    def was_closed_by_somebody(self) -> bool:
        """Whether a word closed it, so that no further look tells it anew."""
        return any(word.closes for word in self.words)

    @property
    def changes(self) -> tuple[Change, ...]:
        """How its level rose and fell (B3)."""
        found: list[Change] = []
        for sight in self.sights:
            before = found[-1].after if found else None
            if sight.level not in (Level.OK, before):
                found.append(Change(sight.on, before, sight.level))
        return tuple(found)

    @property
    def _last_seen(self) -> Sight:
        return next(sight for sight in reversed(self.sights) if sight.level is not Level.OK)


def sights(looks: Iterable[Look]) -> tuple[Sight, ...]:
    """The looks of one dimension day by day, oldest first."""
    return tuple(_sight(list(group)) for _, group in groupby(_in_order(looks), key=lambda look: look.on))


def told(looks: Iterable[Look], words: Iterable[Word] = (), *, watch_closes_after: int) -> tuple[Finding, ...]:
    """The findings of one dimension, oldest first: all but the last are closed, the last one may stand open.

    Closed by the street advisor's word, which ends what lay behind it and was known then; what was seen by then but
    entered later is news. A watch closes by itself at the n-th `ok` running, unless an earlier risk still waits for its
    follow-up.
    """
    left = _in_order(looks)
    said = sorted(words, key=lambda word: (word.said_at, word.on, word.outcome or ""))
    found: list[Finding] = []
    for word in said:
        if word.closes:
            covered = [look for look in left if word.covers(look)]
            left = [look for look in left if not word.covers(look)]
            found += _closed_by(word, _stretches(covered, said, watch_closes_after))
    return (*found, *_stretches(left, said, watch_closes_after))


def extended(findings: Sequence[Finding], looks: Sequence[Look], *, watch_closes_after: int) -> tuple[Finding, ...]:
    """The findings of a dimension after further looks: raised, lowered, quiet, closed, opened or open again (B3).

    None of those given may have been closed by somebody's word: what was said there stands.
    """
    before = [look for finding in findings for look in finding.looks]
    words = {word for finding in findings for word in finding.words}
    return told((*before, *looks), words, watch_closes_after=watch_closes_after)


def without(finding: Finding, contact_id: str, *, watch_closes_after: int) -> Finding:
    """An open finding once a contact is void: told without it, mistaken when nothing else supports it (B3)."""
    looks = [look for look in finding.looks if look.contact_id != contact_id]
    rest = told(looks, finding.words, watch_closes_after=watch_closes_after)
    return rest[-1] if rest else replace(finding, state=FindingState.MISTAKEN)


def _in_order(looks: Iterable[Look]) -> list[Look]:
    return sorted(looks, key=lambda look: (look.on, look.recorded_at, look.contact_id))


def _sight(looks: Sequence[Look]) -> Sight:
    return Sight(
        dimension=looks[0].dimension,
        on=looks[0].on,
        level=max((look.level for look in looks), key=lambda level: level.rank),
        signs=frozenset().union(*(look.signs for look in looks)),
        plain=any(look.level is not Level.OK and not look.signs for look in looks),
        noted=any(look.noted for look in looks),
        contact_ids=tuple(sorted({look.contact_id for look in looks})),
    )


def _closed_by(word: Word, stretches: Sequence[Finding]) -> list[Finding]:
    state = FindingState.CLEARED if word.outcome else FindingState.MISTAKEN
    return [
        replace(stretch, state=state, closed_on=word.on, words=(*stretch.words, word))
        if stretch.state is FindingState.OPEN
        else stretch
        for stretch in stretches
    ]


def _stretches(looks: Sequence[Look], words: Sequence[Word], watch_closes_after: int) -> list[Finding]:
    """Looks that no word ended, cut where a watch closed by itself."""
    found: list[Finding] = []
    current: list[Look] = []
    level, quiet = Level.OK, 0
    for day, group in groupby(looks, key=lambda look: look.on):
        sight_looks = list(group)
        sight = _sight(sight_looks)
        if sight.level is Level.OK and not current:
            continue
        current += sight_looks
        level, quiet = (level, quiet + 1) if sight.level is Level.OK else (sight.level, 0)
        if level is Level.WATCH and quiet >= watch_closes_after and not _waits(current, words, day):
            found.append(_finding(current, words, FindingState.CLEARED, day))
            current = []
    return [*found, _finding(current, words)] if current else found


def _waits(looks: Sequence[Look], words: Sequence[Word], day: date) -> bool:
    """Whether a look at risk or above has had no follow-up by a day."""
    said = [word for word in words if word.on <= day]
    return any(look.level.is_alarming and not any(word.covers(look) for word in said) for look in looks)


def _finding(
    looks: Sequence[Look],
    words: Sequence[Word],
    state: FindingState = FindingState.OPEN,
    closed_on: date | None = None,
) -> Finding:
    spoken = tuple(word for word in words if not word.closes and any(word.covers(look) for look in looks))
    return Finding(looks[0].dimension, tuple(looks), spoken, state, closed_on)
