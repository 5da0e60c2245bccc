"""The history of duties: every change is a line that is never changed, and duties are written here alone.

What was known on a day can only be told from what was known then, never from rows that were overwritten since.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from core.duties.rows import DUTIES, Duty
from core.store import bulk
from core.store.words import DutyChange, DutyReason
from rules.duties import DutyState

# What a report or a reader sees of a duty; which task holds it, and by which version of the rules, is not among it.
_TOLD: Final = (
    "state",
    "reason",
    "tier",
    "starts_on",
    "due_on",
    "committee_code",
    "credited_visit_id",
    "late_entry",
    "face_to_face",
    "made_up_on",
    "made_up_visit_id",
)
_LINES: Final = text("SELECT * FROM duty_history WHERE street_code = :street AND duty_id = ANY(:duties)")


def write(session: Session, duties: Iterable[Duty], *, now: datetime) -> None:
    """Write what is new or changed about some duties, each change with its line of history.

    The residents are locked: the changes of a duty come one after the other.
    """
    duties = list(duties)
    lines = []
    for duty in duties:
        before = DUTIES.before(duty)
        if before is None or any(before[name] != getattr(duty, name) for name in _TOLD):
            lines.append(_change(duty, before, _because(duty, before), now))
    DUTIES.write(session, duties)
    bulk.insert(session, "duty_history", lines)


def carry(session: Session, moved: Sequence[tuple[Duty, Duty]], *, now: datetime) -> None:
    """Write duties of people who came from another street; `moved` pairs each as it was left there and stands here.

    Their history comes along. Those that `carried` says were dealt with there do not change by the move.
    """
    if not moved:
        return
    left, taken = zip(*moved, strict=True)
    values = {"street": left[0].street_code, "duties": [duty.duty_id for duty in left]}
    street = taken[0].street_code
    lines = [
        {**line, "street_code": street, "carried": True} for line in session.execute(_LINES, values).mappings().all()
    ]
    arrived = []
    for before, duty in moved:
        duty.version, duty.changed_at = before.version, before.changed_at
        if not duty.carried:
            arrived.append(_change(duty, {"state": before.state}, DutyChange.MOVED, now))
    DUTIES.write(session, taken)
    # Who comes back finds the lines that were written here.
    bulk.insert(session, "duty_history", lines, on_conflict="ON CONFLICT (street_code, duty_id, version) DO NOTHING")
    bulk.insert(session, "duty_history", arrived)


def _change(duty: Duty, before: Mapping[str, object] | None, because: str, now: datetime) -> dict[str, object]:
    """Count a change of a duty, and its line."""
    duty.version += 1
    # Who waited for a lock asked the clock before; what a duty went through is told in the order in which it did.
    duty.changed_at = max(now, duty.changed_at)
    excuse = duty.excuse if duty.state is DutyState.EXCUSED else None
    return {
        "street_code": duty.street_code,
        "duty_id": duty.duty_id,
        "version": duty.version,
        "resident_id": duty.resident_id,
        "committee_code": duty.committee_code,
        "kind": duty.kind,
        "tier": duty.tier,
        "period": duty.period,
        "starts_on": duty.starts_on,
        "due_on": duty.due_on,
        "recorded_at": duty.changed_at,
        "from_state": before["state"] if before else None,
        "state": duty.state,
        "because": because,
        "words": excuse.reason if excuse else None,
        "by_user_id": excuse.by if excuse else None,
        "visit_id": duty.credited_visit_id or duty.made_up_visit_id,
        "late_entry": duty.late_entry,
        "face_to_face": duty.face_to_face,
        "made_up_on": duty.made_up_on,
        "carried": duty.carried,
    }


def _because(duty: Duty, before: Mapping[str, object] | None) -> str:
    """Why a duty is as it is now, as a code."""
    was = before["state"] if before else None
    differs = {name for name in _TOLD if before and before[name] != getattr(duty, name)}
    if before and not differs & {"state", "reason", "credited_visit_id", "made_up_on"}:
        for name, change in (("committee_code", DutyChange.MOVED), ("face_to_face", DutyChange.FACE_TO_FACE)):
            if name in differs:
                return change
        return DutyChange.COUNTED_ANEW
    match duty.state:
        case DutyState.OPEN if was is None:
            return DutyChange.OWED
        case DutyState.OPEN | DutyState.MISSED if was in (DutyState.MET, DutyState.LATE):
            return DutyChange.CREDIT_WITHDRAWN
        case DutyState.OPEN:
            return DutyChange.OWED_AGAIN
        case DutyState.MISSED:
            return DutyChange.MADE_UP if duty.made_up_on else DutyChange.PERIOD_CLOSED
        case DutyState.MET | DutyState.LATE:
            return DutyChange.VISITED if duty.credited_visit_id else DutyChange.FOLLOWED_UP
        case DutyState.EXCUSED if duty.excuse:
            return DutyChange.EXCUSED
        case DutyState.EXCUSED | DutyState.CANCELLED:
            return DutyReason(str(duty.reason))
