"""Follow-ups (四（五）, A28): what a visit found as risk or urgent, the street advisor looks at again within a limit.

Follow-up duties ride on the street advisor's own `follow_up` task, one open task a resident; a visit of the street
advisor settles them, or the task is completed with its result.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text

from core.duties import history, ledger
from core.duties import rows as duty_rows
from core.duties.rows import DUTIES, Duty
from core.policy.street_pass import StreetPass
from core.residents.standing import Standing
from core.store.words import Closing, DutyReason, TaskKind, TaskState
from core.tasks import rows as task_rows
from core.tasks.desk import Desk
from core.tasks.rows import Task
from rules.duties import Contact, DutyKind, DutyState, Limit, Owed
from rules.facts import Tier

WHY: Final = "四（五）走访发现风险隐患，请跟踪回访"

# What the street advisor still has to look at again, and all that was ever found.
_OPEN: Final = text(
    f"SELECT {DUTIES.columns()} FROM duty WHERE street_code = :street AND resident_id = ANY(:residents)"
    " AND kind = 'follow_up' AND state = 'open' ORDER BY due_on, duty_id"
)
_OF_RESIDENTS: Final = text(
    f"SELECT {DUTIES.columns()} FROM duty WHERE street_code = :street AND resident_id = ANY(:residents)"
    " AND kind = 'follow_up' AND NOT carried ORDER BY due_on, duty_id"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A visit that was looked at, and with whom it found a risk: with nobody, when it stands no longer."""

    visit_id: UUID
    service_date: date
    entered_on: date
    at_risk: frozenset[UUID]
    # Those that were merged into it, and may have asked already for what it asks.
    merged: Sequence[UUID] = ()

    @property
    def occasions(self) -> list[str]:
        """As its duties name it, the first for what is asked anew."""
        return [f"visit:{visit_id}" for visit_id in (self.visit_id, *self.merged)]


@dataclass(frozen=True, slots=True)
class Followed:
    """The follow-ups of some residents as they are now, and the tasks that hold what a visit asked for anew."""

    duties: Sequence[Duty]
    raised: list[UUID]


def follow(pass_: StreetPass, residents: Sequence[Standing], finding: Finding) -> Followed:
    """Make the follow-ups of some residents what the visits that stand make them, after one of these changed.

    Each risk it found is followed up, and no other in its name; what the street advisor looked at again is settled.
    The residents are locked.
    """
    ids = [resident.resident_id for resident in residents]
    values = {"street": pass_.street, "residents": ids}
    duties = DUTIES.read(pass_.session.execute(_OF_RESIDENTS, values))
    raised: list[Duty] = []
    for resident in residents:
        asked = [
            duty for duty in duties if duty.resident_id == resident.resident_id and duty.occasion in finding.occasions
        ]
        if resident.resident_id not in finding.at_risk:
            for duty in asked:
                # It was never found, whatever became of it since.
                duty.state, duty.reason, duty.credited_visit_id = DutyState.CANCELLED, DutyReason.RETRACTED, None
            continue
        if not asked:
            asked = [_new(pass_, resident, finding)]
            duties += asked
            raised += asked
        elif all(_is_retracted(duty) for duty in asked):
            asked[0].state, asked[0].reason = DutyState.OPEN, None
            raised.append(asked[0])
        for duty in asked:
            duty.starts_on, duty.due_on = finding.service_date, _due_on(pass_, finding)
    _look_again(pass_, residents, duties)
    return Followed(duties, [duty.task_id for duty in raised if duty.task_id and duty.state is DutyState.OPEN])


def look_again(pass_: StreetPass, residents: Sequence[Standing]) -> None:
    """Settle what the visits that stand settle now, e.g. as one was approved. The residents are locked."""
    values = {"street": pass_.street, "residents": [resident.resident_id for resident in residents]}
    _look_again(pass_, residents, DUTIES.read(pass_.session.execute(_OF_RESIDENTS, values)))


def _look_again(pass_: StreetPass, residents: Sequence[Standing], duties: Sequence[Duty]) -> None:
    if not duties:
        return
    _settle_by_visits(pass_, [resident.resident_id for resident in residents], duties)
    for duty in duties:
        if DUTIES.is_changed(duty):
            duty.settled_at = None if duty.state is DutyState.OPEN else pass_.now
    _hold(pass_, residents, duties)
    history.write(pass_.session, duties, now=pass_.now)


def _is_retracted(duty: Duty) -> bool:
    return duty.state is DutyState.CANCELLED and duty.reason == DutyReason.RETRACTED


def _due_on(pass_: StreetPass, finding: Finding) -> date:
    days = int(pass_.rulebook.parameter("follow_up_days", finding.entered_on).value)
    return finding.service_date + timedelta(days=days)


def _new(pass_: StreetPass, resident: Standing, finding: Finding) -> Duty:
    owed = Owed(
        kind=DutyKind.FOLLOW_UP,
        tier=resident.tier,
        occasion=finding.occasions[0],
        period=None,
        starts_on=finding.service_date,
        due_on=_due_on(pass_, finding),
        modes=pass_.terms.modes[Tier.GENERAL],
        limit=Limit.LOCAL,
        clause=pass_.rulebook.parameter("follow_up_days", finding.entered_on).reference,
    )
    return duty_rows.new(resident, owed, pass_.terms, now=pass_.now)


def _settle_by_visits(pass_: StreetPass, resident_ids: Sequence[UUID], duties: Sequence[Duty]) -> None:
    """What the street advisor's visits make of follow-ups; what was answered with a result, or excused, stays so."""
    contacts = ledger.contacts(pass_.session, pass_.street, resident_ids, since=min(duty.starts_on for duty in duties))
    for duty in duties:
        answered = duty.state in (DutyState.MET, DutyState.LATE) and duty.credited_visit_id is None
        if answered or duty.state in (DutyState.CANCELLED, DutyState.EXCUSED):
            continue
        looked = _looked_again(duty, contacts[duty.resident_id])
        duty.credited_visit_id = looked.visit_id if looked else None
        duty.state = DutyState.OPEN
        if looked:
            duty.state = DutyState.MET if looked.service_date <= duty.due_on else DutyState.LATE


def _looked_again(duty: Duty, contacts: Sequence[Contact]) -> Contact | None:
    """The first visit entered after the finding that was a street advisor's look, in a mode of the follow-up (A20)."""
    found = next((contact for contact in contacts if duty.occasion == f"visit:{contact.visit_id}"), None)
    since = found.entered_at if found else duty.created_at
    looks = [
        contact
        for contact in contacts
        if contact is not found
        and contact.looks_again
        and contact.mode in duty.modes
        and contact.service_date >= duty.starts_on
        and contact.entered_at >= since
    ]
    return min(looks, key=lambda contact: contact.entered_at, default=None)


def _hold(pass_: StreetPass, residents: Sequence[Standing], duties: Sequence[Duty]) -> None:
    """Make the one open follow-up task of each resident hold what is open, and close it with the last of it."""
    desk = Desk(pass_, [resident.resident_id for resident in residents])
    tasks = {task.resident_id: task for task in _open_tasks(pass_, [resident.resident_id for resident in residents])}
    left = {duty.task_id for duty in duties if duty.state is DutyState.OPEN and duty.task_id}
    done = {
        task.resident_id: task
        for task in reversed(task_rows.done(pass_.session, pass_.street, left, Closing.FOLLOWED_UP))
    }
    for resident in residents:
        own = [duty for duty in duties if duty.resident_id == resident.resident_id]
        still_open = [duty for duty in own if duty.state is DutyState.OPEN]
        task = tasks.get(resident.resident_id)
        if not still_open:
            if task is not None and any(duty.task_id == task.task_id for duty in own):
                is_done = any(
                    duty.state in (DutyState.MET, DutyState.LATE) for duty in own if duty.task_id == task.task_id
                )
                if is_done:
                    desk.close(task, TaskState.DONE, Closing.FOLLOWED_UP)
                else:
                    desk.close(task, TaskState.CANCELLED, Closing.NOT_OWED)
            continue
        due_on = min(duty.due_on for duty in still_open)
        if task is None and (task := done.get(resident.resident_id)) is not None:
            desk.take_up_again(task, resident, due_on=due_on)
        elif task is None:
            task = desk.open(resident, TaskKind.FOLLOW_UP, due_on=due_on, why=WHY)
        else:
            desk.follow(task, resident, due_on=due_on)
        for duty in still_open:
            duty.task_id = task.task_id
            if resident.died_on is not None:
                # Taken up again if they turn out to live (A23).
                duty.state, duty.reason, duty.settled_at = DutyState.EXCUSED, DutyReason.DEATH, pass_.now
        if resident.died_on is not None:
            desk.close(task, TaskState.CANCELLED, Closing.DEATH)
    desk.write()


def complete(pass_: StreetPass, resident_id: UUID, answered_on: date) -> None:
    """The street advisor answered with a result: what was open by then is met, or late. The resident is locked."""
    held = _open(pass_, [resident_id])
    settled = [duty for duty in held if duty.starts_on <= answered_on]
    for duty in settled:
        duty.state = DutyState.MET if answered_on <= duty.due_on else DutyState.LATE
        duty.settled_at = pass_.now
    history.write(pass_.session, settled, now=pass_.now)
    still_open = [duty for duty in held if duty.state is DutyState.OPEN]
    _close(pass_, settled, still_open, TaskState.DONE, Closing.FOLLOWED_UP)


def take_up(pass_: StreetPass, opened: Iterable[Task]) -> None:
    """What came along with people from another street rides on the tasks that were opened for them here."""
    tasks = {task.resident_id: task for task in opened if task.kind is TaskKind.FOLLOW_UP}
    if not tasks:
        return
    held = _open(pass_, list(tasks))
    for duty in held:
        duty.task_id = tasks[duty.resident_id].task_id
    history.write(pass_.session, held, now=pass_.now)


def let_go(pass_: StreetPass, excused: Duty) -> None:
    """Nobody need look again for this one; with the last one the task is over."""
    _close(pass_, [excused], _open(pass_, [excused.resident_id]), TaskState.CANCELLED, Closing.NOT_OWED)


def _open(pass_: StreetPass, resident_ids: Sequence[UUID]) -> list[Duty]:
    values = {"street": pass_.street, "residents": list(resident_ids)}
    return DUTIES.read(pass_.session.execute(_OPEN, values))


def _close(
    pass_: StreetPass, settled: Iterable[Duty], still_open: Iterable[Duty], state: TaskState, because: Closing
) -> None:
    """Close the tasks whose last follow-up was settled."""
    still_needed = {duty.task_id for duty in still_open}
    over = {duty.task_id: duty.resident_id for duty in settled if duty.task_id not in still_needed}
    if not over:
        return
    desk = Desk(pass_, over.values())
    for task in _open_tasks(pass_, over.values()):
        if task.task_id in over:
            desk.close(task, state, because)
    desk.write()


def _open_tasks(pass_: StreetPass, resident_ids: Iterable[UUID]) -> list[Task]:
    found = task_rows.open_of(pass_.session, pass_.street, resident_ids)
    return [task for task in found if task.kind is TaskKind.FOLLOW_UP]
