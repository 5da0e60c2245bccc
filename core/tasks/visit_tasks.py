"""Visit tasks: one open task a resident at most, holding every duty that somebody still has to go for (A34)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.duties.ledger import Draft
from core.duties.owing import Row, Waiting, is_held
from core.policy import chains
from core.residents.standing import Standing
from core.store import bulk
from core.store.ids import uuid7
from core.tasks import assignment, escalation
from rules.calendar import WorkingCalendar
from rules.duties import DutyKind
from rules.rulebook import Rulebook

COLUMNS = (
    "street_code, task_id, resident_id, committee_code, kind, subject, state, tier, why, due_on, planned_on,"
    " assignee_id, assigned_because, chain, escalation_level, next_step_at, details, created_at, updated_at, closed_at,"
    " closed_because"
)

OF_COMMITTEE = assignment.OF_COMMITTEE


def reconcile(
    session: Session,
    street: str,
    residents: Sequence[Standing],
    duties: Mapping[UUID, list[Row]],
    draft: Draft,
    reasons: Mapping[UUID, str],
    rulebook: Rulebook,
    calendar: WorkingCalendar,
    *,
    now: datetime,
    today: date,
) -> dict[UUID, UUID]:
    """Make the open visit task of some residents hold what they are owed; returns the task of each that has one.

    What is held is noted in the draft of their duties.
    """
    work = _Work(session, street, residents, draft, rulebook, calendar, now=now, today=today)
    for resident in residents:
        key = resident.resident_id
        work.bring_in_line(resident, duties.get(key, []), draft.waiting.get(key), reasons.get(key, ""))
    work.write()
    return {resident_id: task["task_id"] for resident_id, task in work.tasks.items()}


class _Work:
    """One pass over some residents of a street: reads once, decides in memory, writes once."""

    def __init__(
        self,
        session: Session,
        street: str,
        residents: Sequence[Standing],
        draft: Draft,
        rulebook: Rulebook,
        calendar: WorkingCalendar,
        *,
        now: datetime,
        today: date,
    ) -> None:
        self.draft = draft
        self.session, self.street, self.calendar = session, street, calendar
        self.rulebook, self.now, self.today = rulebook, now, today
        ids = [resident.resident_id for resident in residents]
        self.tasks, self._others = _open_tasks(session, street, ids)
        self._ids = ids
        self._new: list[Row] = []
        self._changed: dict[UUID, Row] = {}
        self._events: list[Row] = []
        self._lazy: tuple[assignment.Roster, dict[UUID, UUID], dict[UUID, set[UUID]], list[dict[str, Any]]] | None = (
            None
        )

    def bring_in_line(self, resident: Standing, duties: Sequence[Row], waiting: Waiting | None, why: str) -> None:
        """Open, change or close the task of one resident."""
        for other in self._others[resident.resident_id]:
            self._follow(other, resident)
        # Nobody is sent to the dead (A23).
        if resident.died_on is not None:
            waiting = None
        task = self.tasks.get(resident.resident_id)
        if waiting is None:
            if task is not None:
                self._close(task, duties)
                del self.tasks[resident.resident_id]
            return
        held = [duty for duty in duties if is_held(duty)]
        if task is not None and waiting.anew_on and clock.today(task["created_at"]) < waiting.anew_on:
            # It would have been closed in between, had anybody looked.
            self._close(task, duties)
            task = None
        if task is None:
            self._open(resident, held, waiting.due_on, why)
        else:
            self._refresh(task, resident, held, waiting, why)

    def _open(self, resident: Standing, held: Sequence[Row], due_on: date, why: str) -> None:
        chain = self._who_goes()[3]
        choice = self._choose(resident, due_on)
        task = new_row(
            resident, "visit", why=why, due_on=due_on, choice=choice, chain=chain, calendar=self.calendar, now=self.now
        )
        self.tasks[resident.resident_id] = task
        self._new.append(task)
        self._hold(task, held)

    def _refresh(self, task: Row, resident: Standing, held: Sequence[Row], waiting: Waiting, why: str) -> None:
        joined = [duty for duty in held if duty["task_id"] != task["task_id"]]
        # The due day never moves later while the task is open, a retraction apart (A34).
        due_on = waiting.due_on if waiting.retracted else min(waiting.due_on, task["due_on"])
        fresh = {"tier": resident.tier, "due_on": due_on, "committee_code": resident.committee_code}
        if joined and why:
            fresh["why"] = why
        changed = {column: value for column, value in fresh.items() if task[column] != value}
        if changed:
            task.update(changed, updated_at=self.now)
            if "committee_code" in changed:
                self._reassign(task, resident)
            if "due_on" in changed:
                self._pulled(task)
            self._changed[task["task_id"]] = task
            self._event(task, "changed", changed)
        self._hold(task, joined)
        if task["escalation_level"] and any(duty["kind"] == DutyKind.RESPONSE for duty in joined):
            escalation.tell_those_reached(
                self.session, self.street, task["task_id"], f"新增响应走访要求：{task['why']}", now=self.now
            )

    def _follow(self, task: Row, resident: Standing) -> None:
        """What else is to be done about somebody goes with them to their tier and committee."""
        fresh = {"tier": resident.tier, "committee_code": resident.committee_code}
        changed = {column: value for column, value in fresh.items() if task[column] != value}
        if not changed:
            return
        task.update(changed, updated_at=self.now)
        if "committee_code" in changed and task["kind"] in OF_COMMITTEE:
            self._reassign(task, resident)
        self._changed[task["task_id"]] = task
        self._event(task, "changed", changed)

    def _choose(self, resident: Standing, due_on: date) -> assignment.Choice:
        roster, visitors, recused, _ = self._who_goes()
        return roster.choose(
            resident.committee_code,
            due_on,
            paired=resident.paired_user_id,
            last_visitor=visitors.get(resident.resident_id),
            recused=recused.get(resident.resident_id, ()),
        )

    def _reassign(self, task: Row, resident: Standing) -> None:
        """The person belongs to another committee now: its people go."""
        choice = self._choose(resident, task["due_on"])
        task.update(assignee_id=choice.user_id, assigned_because=list(choice.because), planned_on=choice.planned_on)
        self._event(task, "assigned", {"user_id": choice.user_id, "because": list(choice.because)})

    def _pulled(self, task: Row) -> None:
        """The due day moved: plan the visit again, and count the steps that have not fired from the new day."""
        if task["planned_on"] is None or task["planned_on"] > task["due_on"]:
            roster = self._who_goes()[0]
            task["planned_on"] = roster.plan(task["assignee_id"], task["committee_code"], task["due_on"])
        task["next_step_at"] = escalation.next_step_at(
            task["due_on"], task["chain"], task["escalation_level"], self.calendar, now=self.now
        )

    def _close(self, task: Row, duties: Sequence[Row]) -> None:
        own = [duty for duty in duties if duty["task_id"] == task["task_id"]]
        visited = [duty for duty in own if duty["state"] in ("met", "late") or duty["made_up_on"]]
        reasons = sorted({duty["reason"] for duty in own if duty["reason"]})
        task.update(
            state="done" if visited else "cancelled",
            closed_because="visited" if visited else ",".join(reasons) or "not_owed",
            closed_at=self.now,
            updated_at=self.now,
            next_step_at=None,
        )
        self._changed[task["task_id"]] = task
        self._event(task, task["state"], {"because": task["closed_because"]})

    def _hold(self, task: Row, duties: Sequence[Row]) -> None:
        for duty in duties:
            self.draft.hold(duty, task["task_id"])

    def _event(self, task: Row, what: str, details: Row) -> None:
        self._events.append(event(task["street_code"], task["task_id"], what, details, now=self.now))

    def _who_goes(
        self,
    ) -> tuple[assignment.Roster, dict[UUID, UUID], dict[UUID, set[UUID]], list[dict[str, Any]]]:
        if self._lazy is None:
            roster = assignment.Roster.shared(self.session, self.street, self.calendar, today=self.today)
            visitors, recused = assignment.preferences(self.session, self.street, self._ids)
            chain = chains.of_street(self.session, self.street, self.rulebook, today=self.today)
            self._lazy = (roster, visitors, recused, chain)
        return self._lazy

    def write(self) -> None:
        """Everything this pass decided, a statement a table."""
        # What closes comes first: a resident has at most one open visit task.
        bulk.update(self.session, "task", list(self._changed.values()), key=("street_code", "task_id"))
        open_all(self.session, self._new, now=self.now)
        bulk.insert(self.session, "task_event", self._events)


def new_row(
    resident: Standing,
    kind: str,
    *,
    subject: str = "",
    why: str,
    due_on: date,
    choice: assignment.Choice,
    chain: list[dict[str, Any]],
    calendar: WorkingCalendar,
    now: datetime,
) -> Row:
    """An open task, with the chain of its street as it stands (A36), ready to be written."""
    return {
        "street_code": resident.street_code,
        "task_id": uuid7(),
        "resident_id": resident.resident_id,
        "committee_code": resident.committee_code,
        "kind": kind,
        "subject": subject,
        "state": "open",
        "tier": resident.tier,
        "why": why,
        "due_on": due_on,
        "planned_on": choice.planned_on,
        "assignee_id": choice.user_id,
        "assigned_because": list(choice.because),
        "chain": chain,
        "escalation_level": 0,
        "next_step_at": escalation.next_step_at(due_on, chain, 0, calendar, now=now),
        "details": None,
        "created_at": now,
        "updated_at": now,
        "closed_at": None,
        "closed_because": None,
    }


def open_all(session: Session, rows: Sequence[Row], *, now: datetime) -> None:
    """Write new tasks with the first line of their history."""
    bulk.insert(session, "task", rows)
    bulk.insert(
        session,
        "task_event",
        [
            event(
                row["street_code"],
                row["task_id"],
                "opened",
                {"due_on": row["due_on"], "why": row["why"], "because": row["assigned_because"]},
                now=now,
            )
            for row in rows
        ],
    )


def event(
    street: str, task_id: UUID, what: str, details: Mapping[str, Any] | None, *, by: UUID | None = None, now: datetime
) -> Row:
    """One line of a task's history, ready to be written."""
    return {
        "street_code": street,
        "event_id": uuid7(),
        "task_id": task_id,
        "at": now,
        "what": what,
        "by_user_id": by,
        "details": dict(details) if details is not None else None,
    }


def _open_tasks(
    session: Session, street: str, resident_ids: Sequence[UUID]
) -> tuple[dict[UUID, Row], dict[UUID, list[Row]]]:
    """The open visit task of each resident that has one, and their other open tasks; locked until the end."""
    rows = session.execute(
        text(
            f"SELECT {COLUMNS} FROM task WHERE street_code = :street AND resident_id = ANY(:residents)"
            " AND state = 'open' ORDER BY task_id FOR UPDATE"
        ),
        {"street": street, "residents": list(resident_ids)},
    ).mappings()
    visits: dict[UUID, Row] = {}
    others: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        if row["kind"] == "visit":
            visits[row["resident_id"]] = dict(row)
        else:
            others[row["resident_id"]].append(dict(row))
    return visits, others
