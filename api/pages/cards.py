"""Tasks as cards: of one household one card, with the lamp of whoever is most urgent, in the groups of a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import cast
from uuid import UUID

from sqlmodel import Session

from api.pages import formats
from api.pages.formats import Lit
from core.organisation.users import User
from core.policy import rulebooks
from core.store.scopes import STREET_DIGITS
from core.store.words import TaskKind
from core.tasks.shown import PoolTask, TaskShown
from rules.facts import Tier


@dataclass(slots=True)
class Card:
    """What somebody goes for at one door; `known` are the tasks of which they may know whose they are."""

    first: TaskShown | PoolTask
    lit: Lit
    place: str
    known: list[TaskShown] = field(default_factory=list)

    @property
    def task_id(self) -> UUID:
        return self.first["task_id"]

    @property
    def kind(self) -> TaskKind:
        return self.first["kind"]

    @property
    def tier(self) -> Tier:
        return self.first["tier"]

    @property
    def name(self) -> str:
        """Who lives there, as far as the reader may know."""
        names = [task["resident"]["name"] for task in self.known if task["resident"]]
        return "、".join(dict.fromkeys(names)) or "待领取的走访"


@dataclass(slots=True)
class Section:
    """A stretch of time with its cards, one place after the other; the most urgent place first."""

    title: str
    places: dict[str, list[Card]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(map(len, self.places.values()))


def whole(task: TaskShown | PoolTask) -> TaskShown | None:
    """A task of which the reader may know whose it is."""
    return cast("TaskShown", task) if "resident" in task else None


def lit(session: Session, task: TaskShown | PoolTask, *, by: User, today: date) -> Lit:
    """The lamp of an open task, in words."""
    known = whole(task)
    resident = known["resident"] if known else None
    street = resident["committee"][:STREET_DIGITS] if resident else by.street
    late = 0
    if task["overdue"] and street is not None:
        late = rulebooks.calendar(session, street).passed(task["due_on"], today)
    is_provisional = known is not None and known["provisional"]
    return formats.lit(task["lamp"], task["due_on"], today=today, late_working_days=late, provisional=is_provisional)


def sections(session: Session, tasks: Sequence[TaskShown | PoolTask], *, by: User, today: date) -> list[Section]:
    """Tasks in order of urgency as the sections of a day; those without a card are left out."""
    first, week, later = Section("今天先去"), Section("本周"), Section("以后")
    sunday = today + timedelta(days=6 - today.weekday())
    doors: dict[tuple[str, str, TaskKind], Card] = {}
    for task in tasks:
        known = whole(task)
        door = _door(task, known)
        if door in doors and known is not None:
            doors[door].known.append(known)
            continue
        card = doors[door] = Card(
            task, lit(session, task, by=by, today=today), _place(task, known), [known] if known else []
        )
        day = min(task["due_on"], task["planned_on"] or task["due_on"])
        section = first if task["lamp"].place < 2 or day <= today else week if day <= sunday else later
        section.places.setdefault(card.place, []).append(card)
    return [section for section in (first, week, later) if section.places]


def _door(task: TaskShown | PoolTask, known: TaskShown | None) -> tuple[str, str, TaskKind]:
    resident = known["resident"] if known else None
    household = known["household"] if known else None
    if resident is None or not household or task["kind"] is not TaskKind.VISIT:
        return ("", str(task["task_id"]), task["kind"])
    return (resident["committee"], household, task["kind"])


def _place(task: TaskShown | PoolTask, known: TaskShown | None) -> str:
    resident = known["resident"] if known else None
    if resident is None or task["place"] == resident["committee_name"]:
        return task["place"]
    return f"{resident['committee_name']} · {task['place']}"


def names(tasks: Sequence[TaskShown]) -> Mapping[UUID, str]:
    """Who some tasks are about."""
    return {task["resident"]["resident_id"]: task["resident"]["name"] for task in tasks if task["resident"]}
