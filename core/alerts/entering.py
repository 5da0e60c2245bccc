"""What an alert holds, sealed, and how a user of this product puts news of their own into the inbox."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson
from sqlmodel import Session

from core.events.persons import PersonRef
from core.store import bulk
from core.store.crypto import Keys
from core.store.ids import uuid7
from core.store.json import Json
from core.store.words import AlertStatus

# What a user of this product tells has them for its source.
OWN: Final = "/tanfang/users/"


def seal_body(
    keys: Keys,
    alert_id: UUID,
    person: PersonRef,
    entry: Mapping[str, object],
    data: Mapping[str, object],
    *,
    opens: bool,
    attributes: Mapping[str, object] | None = None,
) -> bytes:
    """What an event said, encrypted: it holds ID numbers, phones and addresses. `attributes` are kept, not used."""
    said = {"person": person, "entry": entry, "data": data, "opens": opens}
    if attributes:
        said["attributes"] = attributes
    return keys.seal(orjson.dumps(said), table="alert", column="body", row=str(alert_id))


def open_body(keys: Keys, alert_id: UUID, body: bytes) -> Json:
    """The parts that `seal_body` put in; `attributes` only where the envelope had any."""
    opened: Json = orjson.loads(keys.open(body, table="alert", column="body", row=str(alert_id)))
    return opened


def enter(
    session: Session,
    street: str,
    resident_id: UUID,
    event_type: str,
    entry: Mapping[str, object],
    data: Mapping[str, object],
    keys: Keys,
    *,
    person: PersonRef | None = None,
    by: UUID,
    now: datetime,
) -> UUID:
    """News that a user of this product records about a known resident: the same inbox, the same rules and history.

    `person` carries corrected details of the register, if it is about them.
    """
    alert_id = uuid7()
    bulk.insert(
        session,
        "alert",
        [
            {
                "street_code": street,
                "alert_id": alert_id,
                "source": f"{OWN}{by}",
                "event_id": str(alert_id),
                "type": event_type,
                "event_at": now,
                "digest": b"",
                "body": seal_body(keys, alert_id, person or PersonRef(), entry, data, opens=False),
                "person_key": None,
                "resident_id": resident_id,
                "status": AlertStatus.ACCEPTED,
                "received_at": now,
                "counts_from": now,
                "attempts": 0,
                "task_ids": [],
            }
        ],
    )
    return alert_id
