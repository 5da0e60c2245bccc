"""Leads from a hotline, neighbours or relatives: somebody of the committee looks into each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from core.policy.street_pass import StreetPass
from core.residents.standing import Standing
from core.store.words import Closing, TaskKind, TaskState
from core.tasks.desk import Desk
from core.tasks.naming import Channel

_SUBJECT: Final = "lead:"


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead about a resident, and the day from which its limit counts."""

    alert_id: UUID
    resident: Standing
    accepted_on: date
    channel: Channel


def open_tasks(pass_: StreetPass, leads: Sequence[Lead]) -> None:
    """A `lead` task for each reported lead, due as soon after its acceptance as a confirmation (a local limit)."""
    desk = Desk(pass_, [lead.resident.resident_id for lead in leads])
    for lead in leads:
        days = pass_.rulebook.terms(lead.accepted_on).confirm_working_days
        task = desk.open(
            lead.resident,
            TaskKind.LEAD,
            due_on=pass_.calendar.shift(lead.accepted_on, days),
            why=f"{lead.channel.clause}{lead.channel.label}",
            subject=f"{_SUBJECT}{lead.alert_id}",
        )
        if lead.resident.died_on is not None:
            # Nobody is sent to the dead, and a restoration takes it up again (A23).
            desk.close(task, TaskState.CANCELLED, Closing.DEATH)
    desk.write()


def alert_of(subject: str) -> UUID | None:
    """The alert that reported what a task is about."""
    return UUID(subject.removeprefix(_SUBJECT)) if subject.startswith(_SUBJECT) else None
