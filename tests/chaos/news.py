"""What monitoring systems tell about some hundred people: out of order, some of it twice, and a little of it poison."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from core import clock
from core.events import id_numbers
from tests.chaos.poisoned_worker import KILLS, RAISES
from tests.core.inbox.stories import person_of, story
from tests.world import SOURCE

HOMES = ("310117001001", "310117001002", "310117002003", "310117003001", "310117004001")
TWICE = 0.15
MOST_IN_A_BATCH = 25
# Each kills every process that tries it, five times: of these there is one among so many people, and at least one.
PEOPLE_A_KILLER = 150

Event = dict[str, Any]


@dataclass
class News:
    """`people` by ID number: each with their events, poison left aside. `poison` by event id: what it does."""

    people: dict[str, list[Event]] = field(default_factory=dict)
    poison: dict[str, str] = field(default_factory=dict)
    batches: list[list[Event]] = field(default_factory=list)

    @property
    def wholesome(self) -> list[Event]:
        return [event for events in self.people.values() for event in events]


def invent(chance: Random, people: int, now: datetime) -> News:
    """Stories of some people, with what makes news from several systems hard."""
    news = News()
    for number in range(people):
        told = story(chance, now)
        # The serial ends at 999; who comes after that is a year older.
        born = told.born.replace(year=told.born.year - number // 999)
        id_number = id_numbers.make(born, number % 999 + 1)
        home = chance.choice(HOMES)
        news.people[id_number] = [
            _event(
                f"{number}-{index:02}",
                said["type"],
                said["at"],
                person_of(id_number, told, index, home),
                _not_past(said, now),
            )
            for index, said in enumerate(told.events)
        ]
    poisoned = []
    killers = max(1, people // PEOPLE_A_KILLER)
    for number, what in enumerate([KILLS] * killers + [RAISES] * (killers + 1)):
        victim = chance.choice(list(news.people))
        event = _event(f"poison-{number}", "change.other", now, {"id_number": victim}, {"description": what})
        news.poison[event["id"]] = what
        poisoned.append(event)
    news.batches = _batches(chance, news.wholesome + poisoned)
    return news


def _not_past(said: dict[str, Any], now: datetime) -> dict[str, Any]:
    """An aid or a change ends today at the earliest.

    What ended in the past was never a reason today, if it is heard of together with its beginning, and was one in
    between, if it is not; the due day of a task keeps what was known in between (A34).
    """
    data: dict[str, Any] = said["data"]
    if said["type"] in ("fact.ended", "fact.retracted") and data["kind"] == "major_change":
        # Which of several is said: without, it would be held back (A44).
        data = {**data, "cause": "accident"}
    if said["type"] not in ("fact.ended", "resident.left"):
        return data
    return {**data, "on": max(data["on"], clock.today(now).isoformat())}


def _event(event_id: str, kind: str, at: datetime, person: dict[str, Any], data: dict[str, Any]) -> Event:
    return {
        "specversion": "1.0",
        "source": SOURCE,
        "id": event_id,
        "type": kind,
        "time": at.isoformat(),
        "data": {"person": person, **data},
    }


def _batches(chance: Random, events: list[Event]) -> list[list[Event]]:
    everything = events + chance.sample(events, int(len(events) * TWICE))
    chance.shuffle(everything)
    batches = []
    while everything:
        size = chance.randint(1, MOST_IN_A_BATCH)
        batches.append(everything[:size])
        everything = everything[size:]
    return batches
