"""The desk: it alone knows how a task is opened, given to somebody and closed, each with its line of history."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import cached_property
from uuid import UUID

from core.notifications import outbox
from core.notifications.outbox import Message
from core.organisation.roles import Role
from core.policy import chains
from core.policy.chains import Step
from core.policy.street_pass import StreetPass
from core.residents.standing import Standing
from core.store.ids import uuid7
from core.store.words import TaskEventKind, TaskKind, TaskState
from core.tasks import assignment, notices, rows
from core.tasks.assignment import Barred, Choice, Preference, Roster
from core.tasks.rows import Task, TaskEvent
from rules.parameters import StepTarget


class Desk:
    """What a pass does to the tasks of some residents: decided in memory, written together.

    Everybody's days, pairings, recusals and the chain are read once, and only when somebody has to be chosen.
    """

    def __init__(self, pass_: StreetPass, resident_ids: Iterable[UUID]) -> None:
        self.pass_ = pass_
        self._resident_ids = list(dict.fromkeys(resident_ids))
        self._tasks: dict[UUID, Task] = {}
        self._events: list[TaskEvent] = []
        self._told: list[Message] = []
        self._given: dict[UUID, Task] = {}

    def open(self, resident: Standing, kind: TaskKind, *, due_on: date, why: str, subject: str = "") -> Task:
        """Open a task and give it to whoever is to do it, with the chain of the street as it stands (A36)."""
        pass_ = self.pass_
        choice = self.choose(kind, resident.resident_id, resident.committee_code, due_on)
        chain = self._chain if assignment.is_of_committee(kind) else self._chain_of_advisors
        task = Task(
            street_code=pass_.street,
            task_id=uuid7(),
            resident_id=resident.resident_id,
            committee_code=resident.committee_code,
            kind=kind,
            subject=subject,
            state=TaskState.OPEN,
            tier=resident.tier,
            why=why,
            due_on=due_on,
            planned_on=choice.planned_on,
            assignee_id=choice.user_id,
            assigned_because=choice.because,
            chain=chain,
            escalation_level=0,
            # Nothing climbs about the dead (A23).
            next_step_at=None
            if resident.died_on
            else chains.next_step_at(due_on, chain, 0, pass_.calendar, now=pass_.now),
            created_at=pass_.now,
            updated_at=pass_.now,
        )
        self._tasks[task.task_id] = task
        self.tell(task)
        self.note(
            task,
            TaskEventKind.OPENED,
            {"due_on": due_on, "why": why, "user_id": choice.user_id, "because": choice.because},
        )
        return task

    def take_up_again(self, task: Task, resident: Standing, *, due_on: date) -> None:
        """Take a closed task up again, whose visit was none: with the same person, if they can, and no step twice."""
        task.state, task.closed_because, task.closed_at = TaskState.OPEN, None, None
        task.tier, task.committee_code, task.due_on = resident.tier, resident.committee_code, due_on
        preference = self.preference(task.resident_id)
        if assignment.is_of_committee(task.kind):
            choice = self.roster.choose(
                task.committee_code,
                due_on,
                paired=preference.paired,
                last_visitor=task.assignee_id,
                recused=preference.recused,
            )
        else:
            choice = self.choose(task.kind, task.resident_id, task.committee_code, due_on)
        task.assignee_id, task.assigned_because, task.planned_on = choice.user_id, choice.because, choice.planned_on
        self.touch(task)
        self.tell(task)
        self.count_steps(task)
        self.note(task, TaskEventKind.REOPENED, {"due_on": due_on, "user_id": choice.user_id})

    def choose(
        self, kind: TaskKind, resident_id: UUID, committee: str, due_on: date, *, without: Collection[UUID] = ()
    ) -> Choice:
        """Who is to do something about a resident: nobody recused, nor any of `without`; it counts at once."""
        preference = self.preference(resident_id)
        barred = preference.recused.union(without)
        if not assignment.is_of_committee(kind):
            return self.roster.choose_advisor(due_on, recused=barred)
        return self.roster.choose(
            committee, due_on, paired=preference.paired, last_visitor=preference.last_visitor, recused=barred
        )

    def preference(self, resident_id: UUID) -> Preference:
        """Who should go to a resident rather than others, and who must not."""
        return self._preferences[resident_id]

    def reassign(self, task: Task, *, without: Collection[UUID] = ()) -> Choice:
        """Whom a task goes to now, as if it were opened anew; what is placed anew does not stand in its own way."""
        self.lift(task)
        return self.choose(task.kind, task.resident_id, task.committee_code, task.due_on, without=without)

    def somebody_else(self, task: Task) -> Choice | None:
        """Whom a task can go to instead of its assignee; when there is nobody, the diaries stay as they are."""
        without = () if task.assignee_id is None else (task.assignee_id,)
        choice = self.choose(task.kind, task.resident_id, task.committee_code, task.due_on, without=without)
        if choice.user_id is not None:
            self.lift(task)
            return choice
        if assignment.is_of_committee(task.kind):
            self.roster.give_back(None, task.committee_code, choice.planned_on)
        return None

    def lift(self, task: Task) -> None:
        """Take a visit off the diaries, before it gets another place there."""
        if task.kind is TaskKind.VISIT:
            self.roster.give_back(task.assignee_id, task.committee_code, task.planned_on)

    def barred(self, task: Task, user_id: UUID, *, by_hand: bool = False) -> Barred | None:
        """Why somebody cannot be given a task, if anything; by hand, visitors go to other committees too."""
        candidate = self.roster.candidate(user_id)
        if candidate is None:
            return Barred.OUTSIDE_STREET
        if user_id in self.preference(task.resident_id).recused:
            return Barred.RECUSED
        if candidate.role is not Role.STREET_ADVISOR:
            if not assignment.is_of_committee(task.kind):
                return Barred.ROLE
            is_sent = by_hand and candidate.role is Role.VISITOR
            if task.committee_code not in candidate.committees and not is_sent:
                return Barred.OUTSIDE_COMMITTEE
        return None if candidate.present(self.roster.window(task.due_on)) else Barred.ABSENT

    def plan(self, task: Task, user_id: UUID | None) -> date:
        """A day on which somebody can do a task."""
        self.lift(task)
        return self.roster.plan(user_id, task.committee_code, task.due_on)

    def give(
        self,
        task: Task,
        choice: Choice,
        what: TaskEventKind = TaskEventKind.ASSIGNED,
        details: Mapping[str, object] | None = None,
        *,
        by: UUID | None = None,
    ) -> None:
        """Hand a task to somebody, or put it into the pool of its committee; how it was before is kept beside."""
        before = {"user_id": task.assignee_id, "because": task.assigned_because, "planned_on": task.planned_on}
        # Whoever a step hands it to hears of the step.
        is_news = choice.user_id not in (task.assignee_id, by) and what is not TaskEventKind.ESCALATED
        task.assignee_id, task.assigned_because, task.planned_on = choice.user_id, choice.because, choice.planned_on
        self.touch(task)
        if is_news:
            self.tell(task)
        self.note(
            task,
            what,
            {
                "user_id": choice.user_id,
                "because": choice.because,
                "planned_on": choice.planned_on,
                "before": before,
                **(details or {}),
            },
            by=by,
        )

    def follow(self, task: Task, resident: Standing, *, why: str = "", due_on: date | None = None) -> None:
        """Make a task follow its resident to their tier and committee, and to another reason or due day, if given.

        In another committee its people go. With the due day the plan moves, and the steps that have not fired.
        """
        fresh = {
            "tier": resident.tier,
            "committee_code": resident.committee_code,
            "due_on": due_on or task.due_on,
            "why": why or task.why,
        }
        changed = {name: value for name, value in fresh.items() if getattr(task, name) != value}
        if not changed:
            return
        goes_elsewhere = "committee_code" in changed and assignment.is_of_committee(task.kind)
        if goes_elsewhere:
            self.lift(task)
        for name, value in changed.items():
            setattr(task, name, value)
        self.touch(task)
        if goes_elsewhere:
            self.give(task, self.choose(task.kind, task.resident_id, task.committee_code, task.due_on))
        if "due_on" in changed:
            if task.planned_on is None or task.planned_on > task.due_on:
                task.planned_on = self.plan(task, task.assignee_id)
            self.count_steps(task)
        self.note(task, TaskEventKind.CHANGED, changed)

    def count_steps(self, task: Task) -> None:
        """Work out when the next step of a task fires; that alone is no change that anybody would look for."""
        pass_ = self.pass_
        task.next_step_at = chains.next_step_at(
            task.due_on, task.chain, task.escalation_level, pass_.calendar, now=pass_.now
        )
        self._tasks[task.task_id] = task

    def keep_hours(self, task: Task) -> None:
        """Where other working hours hold than when a step was counted, count it again; one that is due stays due."""
        pass_ = self.pass_
        if task.next_step_at is None or task.next_step_at <= pass_.now:
            return
        counted = chains.next_step_at(task.due_on, task.chain, task.escalation_level, pass_.calendar, now=pass_.now)
        if counted != task.next_step_at:
            self.count_steps(task)

    def close(
        self,
        task: Task,
        state: TaskState,
        because: str,
        details: Mapping[str, object] | None = None,
        *,
        by: UUID | None = None,
    ) -> None:
        """Close a task as done or cancelled; nothing climbs any more."""
        task.state, task.closed_because, task.closed_at = state, because, self.pass_.now
        task.next_step_at = None
        self.touch(task)
        self.note(task, TaskEventKind(state.value), {"because": because} if details is None else details, by=by)

    def reopen(self, task: Task) -> None:
        """Go on with a task that was closed for a reason that never held; its steps go on where they were."""
        task.state, task.closed_because, task.closed_at = TaskState.OPEN, None, None
        self.touch(task)
        self.count_steps(task)
        self.note(task, TaskEventKind.REOPENED, None)

    def rest(self, task: Task) -> None:
        """Leave a task open, but let nothing climb."""
        task.next_step_at = None
        self.touch(task)

    def note(
        self, task: Task, what: TaskEventKind, details: Mapping[str, object] | None, *, by: UUID | None = None
    ) -> None:
        """Add a line to the history of a task."""
        self._events.append(rows.event(task, what, details, by=by, now=self.pass_.now))

    def say(self, task: Task, kind: str, words: str) -> None:
        """Let whoever has a task hear of something, or the street advisors when nobody has it."""
        if task.assignee_id is None:
            self._told.extend(Message(user_id, kind, words, task.task_id) for user_id in self.roster.advisors)
        else:
            self._told.append(Message(task.assignee_id, kind, words, task.task_id))

    def touch(self, task: Task) -> None:
        """A task was changed: it is written with the others."""
        task.updated_at = self.pass_.now
        self._tasks[task.task_id] = task

    def tell(self, task: Task) -> None:
        """Whoever has a task hears that it, or something more in it, is theirs to do."""
        self._given[task.task_id] = task

    def write(self) -> None:
        """Write everything this desk decided, a statement a table for what is new and one for what is not."""
        rows.write(self.pass_.session, self._tasks.values(), self._events)
        outbox.post_all(self.pass_.session, self.pass_.street, self._told, now=self.pass_.now)
        notices.tell(self.pass_, self._given.values())
        self._tasks, self._events, self._told, self._given = {}, [], [], {}

    @cached_property
    def roster(self) -> Roster:
        """Everybody of the street who may have tasks."""
        return Roster.shared(self.pass_)

    @cached_property
    def _preferences(self) -> dict[UUID, Preference]:
        return assignment.preferences(self.pass_.session, self.pass_.street, self._resident_ids)

    @cached_property
    def _chain(self) -> tuple[Step, ...]:
        return chains.of_street(self.pass_)

    @cached_property
    def _chain_of_advisors(self) -> tuple[Step, ...]:
        """For what a street advisor does: the committee could not."""
        return tuple(step for step in self._chain if step.to is not StepTarget.COMMITTEE)
