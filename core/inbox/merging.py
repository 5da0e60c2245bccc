"""Two residents who are one person, merged into one of them: what is known of both, what is owed, who goes (A38).

It is one transaction, or, to be looked at before, a stretch of one that is rolled back. Who is merged away is closed
like somebody who moved; from another street they are carried into the survivor's first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from core.alerts import directory, entering
from core.alerts.directory import Place
from core.duties import history
from core.duties.rows import DUTIES, Duty
from core.errors import Invalid
from core.events.types import EventType
from core.inbox import doubts, moves
from core.organisation.roles import May
from core.organisation.users import User
from core.policy import street_pass
from core.policy.street_pass import StreetPass
from core.residents import fact_log, identities, registration, standing
from core.residents import queries as resident_queries
from core.store import bulk
from core.store.crypto import Keys
from core.store.ids import uuid7
from core.store.models import Resident
from core.store.words import Closing, DutyReason, TaskKind, TaskState
from core.tasks import follow_ups
from core.tasks import rows as task_rows
from core.tasks.desk import Desk
from core.tasks.rows import Task
from core.visits import uniting
from core.visits.uniting import United
from rules.duties import DutyKind, DutyState
from rules.facts import Problem, Tier
from rules.history import Move

_OF_BOTH: Final = text(
    f"SELECT {DUTIES.columns()} FROM duty WHERE street_code = :street AND resident_id = ANY(:residents)"
    " ORDER BY due_on, duty_id"
)
# The best that was made of a duty counts: a merge worsens nothing.
_BEST_FIRST: Final = (
    DutyState.MET,
    DutyState.LATE,
    DutyState.EXCUSED,
    DutyState.OPEN,
    DutyState.MISSED,
    DutyState.CANCELLED,
)
# Rows that say whose they are in a column that no key holds. Steps that fired are history, and stay as they were told.
_TAKEN_ALONG: Final = ("task", "attempt", "alert")


class MergedShown(TypedDict):
    """What a merge does, or would do: how much of the resident merged away goes to the other."""

    resident_id: UUID
    merged: UUID
    street: str
    from_street: str
    dry_run: bool
    facts: int
    visits: int
    credits: int
    duties: int
    tasks: int
    attempts: int
    # The visit task that is left open, and what of both is closed for it.
    open_task_id: UUID | None
    closed_task_ids: list[UUID]


def merge(
    session: Session,
    survivor_id: UUID,
    merged_id: UUID,
    reason: str,
    keys: Keys,
    *,
    by: User,
    now: datetime,
    dry_run: bool = False,
) -> MergedShown:
    """Merge one resident into another; the session's scope holds the directory and every street.

    Decisions and duties follow as soon as the news of it is worked off, as everywhere.
    """
    by.require(May.RESOLVE_DOUBTS)
    if survivor_id == merged_id:
        raise Invalid("不能与自己合并。", problems=[Problem("with", "same", "请填写另一位居民的编号。")])
    survivor = resident_queries.get(session, survivor_id, by=by)
    away = resident_queries.get(session, merged_id, by=by)
    if not dry_run:
        return _merge(session, survivor, away, reason, keys, by=by, now=now)
    with session.begin_nested() as savepoint:
        shown = _merge(session, survivor, away, reason, keys, by=by, now=now)
        savepoint.rollback()
    return {**shown, "dry_run": True}


def _merge(
    session: Session, survivor: Resident, away: Resident, reason: str, keys: Keys, *, by: User, now: datetime
) -> MergedShown:
    pass_ = street_pass.begin(session, survivor.street_code, now=now)
    from_street = away.street_code
    left: list[Task] = []
    if from_street != pass_.street:
        here = street_pass.begin(session, from_street, now=now)
        standing.lock(session, from_street, [away.resident_id])
        move = Move(pass_.today, pass_.street, survivor.committee_code)
        left = moves.carry(here, pass_, {away.resident_id: move})
    place = Place(pass_.street, survivor.resident_id)
    merger = _Merger(pass_, survivor.resident_id, away.resident_id, keys)
    shown = merger.run(left, reason, by=by.user_id)
    _take_over_details(session, place, away.resident_id, keys)
    directory.merge(session, away.resident_id, place)
    data = {"with": str(away.resident_id), "reason": reason}
    entering.enter(
        session, place.street, place.resident_id, EventType.RESIDENT_MERGED, {}, data, keys, by=by.user_id, now=now
    )
    doubts.release(session, place, keys)
    return {**shown, "from_street": from_street}


class _Merger:
    """What two residents of one street have, brought together."""

    def __init__(self, pass_: StreetPass, survivor: UUID, away: UUID, keys: Keys) -> None:
        self.pass_, self.session, self.survivor, self.away, self.keys = pass_, pass_.session, survivor, away, keys
        self._values = {"street": pass_.street, "away": away, "survivor": survivor}

    def run(self, left: Sequence[Task], reason: str, *, by: UUID) -> MergedShown:
        """Everything; `left` are tasks about the person that another street closed."""
        people = {person.resident_id: person for person in standing.lock(self.session, self.pass_.street, self._both)}
        facts = self._copy_facts()
        united = uniting.unite(self.pass_, self.survivor, self.away, reason, by=by)
        kept, closed = self._close_tasks()
        duties, credits = self._take_duties(kept, united)
        counts = {table: self._take(table) for table in _TAKEN_ALONG}
        desk = Desk(self.pass_, self._both)
        opened = [
            desk.open(people[self.survivor], task.kind, due_on=task.due_on, why=task.why, subject=task.subject)
            for task in left
        ]
        desk.write()
        follow_ups.take_up(self.pass_, opened)
        self._take_recusals()
        self._close()
        return MergedShown(
            resident_id=self.survivor,
            merged=self.away,
            street=self.pass_.street,
            from_street=self.pass_.street,
            dry_run=False,
            facts=facts,
            visits=united.shares,
            credits=credits,
            duties=duties,
            tasks=counts["task"] + len(left),
            attempts=counts["attempt"],
            open_task_id=kept,
            closed_task_ids=closed,
        )

    @property
    def _both(self) -> list[UUID]:
        return [self.survivor, self.away]

    def _rows(self, table: str, of: UUID) -> list[dict[str, object]]:
        found = self.session.execute(
            text(f"SELECT * FROM {table} WHERE street_code = :street AND resident_id = :resident"),
            {"street": self.pass_.street, "resident": of},
        )
        return [{**row} for row in found.mappings()]

    def _copy_facts(self) -> int:
        """What was said about both; where one of them moved says nothing of where the other lives."""
        copies = []
        for row in self._rows("fact_entry", self.away):
            said, told_as, sealed = row["entry"], row["entry_id"], row["words"]
            assert isinstance(said, dict)
            assert isinstance(told_as, UUID)
            assert isinstance(sealed, bytes | None)
            entry = {name: value for name, value in said.items() if name != "moved"}
            entry_id = uuid7()
            words = fact_log.open_words(self.keys, told_as, sealed)
            anew = {"entry_id": entry_id, "words": fact_log.seal_words(self.keys, entry_id, words)}
            copies.append({**row, **anew, "resident_id": self.survivor, "entry": entry})
        return bulk.insert(self.session, "fact_entry", copies)

    def _close_tasks(self) -> tuple[UUID | None, list[UUID]]:
        """Leave one task of a kind about one thing, and one visit: the one that is due first."""
        tasks = sorted(
            task_rows.open_of(self.session, self.pass_.street, self._both),
            key=lambda task: (task.due_on, task.resident_id != self.survivor),
        )
        desk = Desk(self.pass_, self._both)
        kept: dict[tuple[TaskKind, str], Task] = {}
        closed = []
        for task in tasks:
            about = (task.kind, "" if task.kind is TaskKind.VISIT else task.subject)
            if kept.setdefault(about, task) is not task:
                desk.close(task, TaskState.CANCELLED, Closing.MERGED)
                closed.append(task.task_id)
        desk.write()
        visit = kept.get((TaskKind.VISIT, ""))
        return visit.task_id if visit else None, closed

    def _take_duties(self, task_id: UUID | None, united: United) -> tuple[int, int]:
        """What is owed to both, and what visits did for it; what was owed twice is owed once, at its best.

        What reports said of either stays with the duty of whoever it was said of, which ends here; the survivor's is
        another one, so that it finds no other of its id in a street where one of them once lived.
        """
        duties = DUTIES.read(self.session.execute(_OF_BOTH, {"street": self.pass_.street, "residents": self._both}))
        ours = {_key(duty): duty for duty in duties if duty.resident_id == self.survivor}
        theirs = [duty for duty in duties if duty.resident_id == self.away and duty.state is not DutyState.CANCELLED]
        goes_to: dict[UUID, Duty] = {}
        for duty in theirs:
            if (same := ours.get(_key(duty))) is not None:
                _make_best(same, duty)
            else:
                same = ours[_key(duty)] = self._anew(duty)
            goes_to[duty.duty_id] = same
            duty.state, duty.reason, duty.settled_at = DutyState.CANCELLED, DutyReason.MERGED, self.pass_.now
            duty.excuse = None
        for duty in ours.values():
            if duty.is_held:
                duty.task_id = task_id
            duty.credited_visit_id = _now(duty.credited_visit_id, united)
            duty.made_up_visit_id = _now(duty.made_up_visit_id, united)
        history.write(self.session, [*theirs, *ours.values()], now=self.pass_.now)
        credited = [
            {**row, "resident_id": self.survivor, "duty_id": goes_to[duty_id].duty_id, "version": version}
            for row in self._rows("credit", self.away)
            if isinstance(duty_id := row["duty_id"], UUID) and duty_id in goes_to
            for version in _versions(row, united)
        ]
        once = "ON CONFLICT (street_code, visit_id, version, duty_id) DO NOTHING"
        return len(theirs), bulk.insert(self.session, "credit", credited, on_conflict=once)

    def _anew(self, duty: Duty) -> Duty:
        return replace(
            duty, duty_id=uuid7(), resident_id=self.survivor, version=0, changed_at=self.pass_.now, stored=None
        )

    def _take(self, table: str) -> int:
        moved = self.session.execute(
            text(
                f"UPDATE {table} SET resident_id = :survivor WHERE street_code = :street AND resident_id = :away"
                " RETURNING 1"
            ),
            self._values,
        )
        return len(moved.all())

    def _take_recusals(self) -> None:
        """Who must not visit one of them visits nobody."""
        found = self.session.execute(text("SELECT * FROM recusal WHERE resident_id = :away"), self._values)
        anew = {"resident_id": self.survivor, "place_code": self.pass_.street}
        bulk.insert(
            self.session,
            "recusal",
            [{**row, **anew, "recusal_id": uuid7()} for row in found.mappings()],
            on_conflict="ON CONFLICT (user_id, resident_id) DO NOTHING",
        )

    def _close(self) -> None:
        closed: dict[str, object] = {
            "street_code": self.pass_.street,
            "resident_id": self.away,
            "moved_to": self.pass_.street,
            "moved_on": self.pass_.today,
            "merged_into": self.survivor,
            "wake_on": None,
            "paired_user_id": None,
            "tier": Tier.NONE,
        }
        bulk.update(self.session, "resident", [closed], key=("street_code", "resident_id"))


def _now(visit_id: UUID | None, united: United) -> UUID | None:
    """By which record a visit goes."""
    return united.merged.get(visit_id, visit_id) if visit_id else None


def _versions(row: Mapping[str, object], united: United) -> list[object]:
    """The versions of a visit for which holds what was told of one: the one that only names the survivor, too."""
    visit_id, told_of = row["visit_id"], row["version"]
    assert isinstance(visit_id, UUID)
    renamed = united.versions.get(visit_id)
    return [told_of, renamed] if renamed is not None and told_of == renamed - 1 else [told_of]


def _key(duty: Duty) -> tuple[DutyKind, Tier | None, str]:
    """What makes it the same duty: the tier only where each tier owes its own."""
    return (duty.kind, duty.tier if duty.kind is DutyKind.PERIODIC else None, duty.occasion)


def _make_best(ours: Duty, theirs: Duty) -> None:
    """Let a duty stand as the better of two that are the same; it was owed since the earlier and due by the earlier."""
    if _BEST_FIRST.index(theirs.state) < _BEST_FIRST.index(ours.state):
        ours.state, ours.reason, ours.excuse = theirs.state, theirs.reason, theirs.excuse
        ours.credited_visit_id, ours.late_entry = theirs.credited_visit_id, theirs.late_entry
        ours.settled_at = theirs.settled_at
    ours.face_to_face = ours.face_to_face or theirs.face_to_face
    if ours.made_up_on is None:
        ours.made_up_on, ours.made_up_visit_id = theirs.made_up_on, theirs.made_up_visit_id
    ours.starts_on, ours.due_on = min(ours.starts_on, theirs.starts_on), min(ours.due_on, theirs.due_on)


def _take_over_details(session: Session, place: Place, merged_id: UUID, keys: Keys) -> None:
    """Names and numbers of both find the survivor, who takes over what is not known of them."""
    people = identities.read(session, place.street, [place.resident_id, merged_id], keys)
    people[place.resident_id].absorb(people[merged_id])
    identities.write(session, people, keys)
    found = session.exec(
        select(Resident)
        .where(Resident.street_code == place.street, col(Resident.resident_id).in_([place.resident_id, merged_id]))
        .execution_options(populate_existing=True)
    )
    both: Mapping[UUID, Resident] = {resident.resident_id: resident for resident in found}
    ours, theirs = both[place.resident_id], both[merged_id]
    row: dict[str, object] = {"street_code": place.street, "resident_id": place.resident_id}
    for column in ("birth_date", *registration.PLAIN):
        row[column] = getattr(ours, column) or getattr(theirs, column)
    for column in registration.SEALED:
        told = registration.unseal(keys, ours, column) or registration.unseal(keys, theirs, column)
        row[column] = registration.seal(keys, column, place.resident_id, told)
    row["opened_on"] = min(ours.opened_on, theirs.opened_on)
    bulk.update(session, "resident", [row], key=("street_code", "resident_id"))
