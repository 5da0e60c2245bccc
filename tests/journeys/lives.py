"""What was said and done about somebody over the year, as the one who invents it remembers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from core import clock
from tests.journeys.district import Resident

Fact = dict[str, Any]
MARKS = ("kind", "tag", "cause", "valid_from")


@dataclass(frozen=True)
class Told:
    """One thing that was told: `what` is fact, ended, retracted, left, died, restored or moved."""

    at: datetime
    what: str
    said: dict[str, Any]

    @property
    def on(self) -> date:
        return clock.today(self.at)


@dataclass
class Known:
    """What is known of somebody, for the reading of the policy in `tests.rules.naive`."""

    facts: list[Fact] = field(default_factory=list)
    died_on: str | None = None

    def tell(self, told: Told) -> None:
        said = told.said
        match told.what:
            case "fact":
                self.facts.append({"valid_to": None, **said})
            case "ended":
                for fact in self._named(said):
                    fact["valid_to"] = said["on"]
            case "retracted":
                for fact in self._named(said):
                    self.facts.remove(fact)
            case "left":
                for fact in self.facts:
                    in_force = fact["valid_from"] <= said["on"] < (fact["valid_to"] or "9")
                    if fact["kind"] == "assistance" and in_force:
                        fact["valid_to"] = said["on"]
            case "died":
                self.died_on = said["on"]

    def _named(self, said: dict[str, Any]) -> list[Fact]:
        return [fact for fact in self.facts if named(fact) == {mark: said[mark] for mark in MARKS if mark in said}]


@dataclass
class Went:
    """A visit as it stands after everything that was done to its record."""

    visit_id: str
    service_date: date
    entered_at: datetime
    form: dict[str, Any]
    met: bool
    is_void: bool = False
    is_corrected_late: bool = False

    @property
    def entered_on(self) -> date:
        return clock.today(self.entered_at)


@dataclass
class Life:
    """One resident of the year."""

    number: int
    born: date
    resident: Resident
    first_committee: str
    committee: str
    told: list[Told] = field(default_factory=list)
    visits: list[Went] = field(default_factory=list)
    # The periods that the street advisor excused, and when.
    excused: dict[str, date] = field(default_factory=dict)
    is_merged_away: bool = False
    # What the clerk does not follow, if anything: then only the walks are held against each other.
    untold: str = ""

    def known(self, on: date, *, hindsight: date | None = None) -> Known:
        """What was known at the end of a day; with hindsight, less what turned out by then never to have been true."""
        until = hindsight or on
        told = [each for each in self.told if each.on <= on or (each.on <= until and each.what in _NEVER_TRUE)]
        restored = max((each.at for each in told if each.what == "restored"), default=None)
        known = Known()
        for each in told:
            is_undone = restored and each.at < restored and each.what in ("left", "died")
            if not is_undone:
                known.tell(each)
        return known

    def open(self, on: date, *kinds: str) -> list[Fact]:
        """Facts of these kinds that nobody ended."""
        return [fact for fact in self.known(on).facts if fact["kind"] in kinds and fact["valid_to"] is None]

    def tell(self, at: datetime, what: str, **said: Any) -> None:
        """Keep something that was told."""
        self.told.append(Told(at, what, said))

    def has(self, fact: Fact) -> bool:
        """Whether that was said before: said again it would join what is known (A40)."""
        return any(each.what == "fact" and named(each.said) == named(fact) for each in self.told)

    def street_on(self, day: date) -> str:
        """Where they belonged on a day."""
        moves = [each.said for each in self.told if each.what == "moved" and each.said["on"] <= str(day)]
        committee: str = max(moves, key=lambda move: move["on"])["to"] if moves else self.first_committee
        return committee[:9]

    def is_gone(self, on: date) -> bool:
        """Whether somebody said that they died or left, and nobody that they did not."""
        gone = [each.what for each in self.told if each.on <= on and each.what in ("left", "died", "restored")]
        return bool(gone) and gone[-1] != "restored"


_NEVER_TRUE = ("retracted", "restored")


def named(fact: Fact) -> dict[str, Any]:
    """Which fact is meant, as ends and retractions name it."""
    return {mark: fact[mark] for mark in MARKS if mark in fact}


def visits_of(lives: Iterable[Life], visit_id: str) -> list[Went]:
    """Everybody's share of a visit."""
    return [went for life in lives for went in life.visits if went.visit_id == visit_id]
