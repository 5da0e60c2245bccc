"""Alerts in doubt about whom they are: which they are, and how those go on that are in doubt no more (A38)."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.alerts import entering
from core.alerts.directory import Place
from core.errors import Conflict
from core.events.persons import PersonRef
from core.inbox import inbox
from core.residents import identities
from core.store.crypto import Keys
from core.store.words import AlertProblem


class NotInDoubt(Conflict):
    """Only of an alert that is in doubt does somebody settle whom it is about."""

    code = "not_in_doubt"
    title = "这条消息没有对不上人"
    advice = "请查看消息现在的状态；其他待处理的消息可以更正后重放。"


IN_DOUBT: Final = (AlertProblem.NAME_DIFFERS, AlertProblem.TWO_RESIDENTS)

_WAITING: Final = text(
    "SELECT alert_id, problem_code, body FROM alert WHERE street_code = :street AND resident_id = :resident"
    " AND status = 'quarantined' AND problem_code = ANY(:problems)"
)


def release(session: Session, place: Place, keys: Keys) -> None:
    """Let go on what is no doubt any more about a resident: the name is known by now, or two residents are one.

    It counts from its arrival, as it was nobody's fault but that of the numbers.
    """
    problems = {"street": place.street, "resident": place.resident_id, "problems": list(IN_DOUBT)}
    waiting = session.execute(_WAITING, problems).all()
    if not waiting:
        return
    identity = identities.read(session, place.street, [place.resident_id], keys)[place.resident_id]
    changes: dict[UUID, Mapping[str, object]] = {}
    for row in waiting:
        person = PersonRef.of(entering.open_body(keys, row.alert_id, bytes(row.body))["person"])
        if row.problem_code == AlertProblem.TWO_RESIDENTS or person.name is None or identity.knows(person.name):
            changes[row.alert_id] = {"street_code": place.street, "due_on": None}
    inbox.reroute(session, place.street, changes)
