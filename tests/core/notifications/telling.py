"""What tests of telling people do: set channels, let a visit come due, hand over what waits."""

import base64
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from core import clock
from core.notifications import channels, relay
from core.notifications.channels import Wanted
from core.notifications.senders import Egress
from core.organisation.users import User
from core.store.words import ChannelKind
from tests.world import STREET, Person, World

EDGE = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}
SECRET = "whsec_" + base64.b64encode(b"synthetic-secret-of-32-bytes-ok!").decode()
EGRESS = Egress(sandbox=True, smtp_url=None)
# What comes of a visit that nobody made; that it was assigned is told before.
NEGLECT = ("escalation", "joined", "refused", "feed_silent", "feed_heard")
NOWHERE = "http://127.0.0.1:1/hook"


def wants(
    world: World,
    user: User,
    *addresses: str,
    kind: str = "webhook",
    digest: bool = False,
    kinds: Sequence[str] = NEGLECT,
    egress: Egress = EGRESS,
) -> list[Any]:
    """A user sets their channels; returns them."""
    wanted = [Wanted(None, ChannelKind(kind), address, SECRET if kind == "webhook" else None) for address in addresses]
    with world.database.transaction(user.scope) as session:
        answer = channels.replace(
            session, world.keys, wanted, digest=digest, kinds=list(kinds), egress=egress, by=user, now=world.now
        )
    found: list[Any] = answer["channels"]
    return found


def neglected(world: World, *, until: date = date(2026, 3, 24)) -> Person:
    """Somebody whose visit is due on 03-27; nobody goes. The first reminder goes out on 03-24 at 09:00."""
    resident = world.register(EDGE)
    world.send("change.accident", resident, happened_on="2026-03-20")
    world.go_to(until)
    return resident


def deliver(world: World, *, later: timedelta = timedelta(), egress: Egress = EGRESS) -> int:
    return relay.deliver_due(world.database, world.keys, egress, now=clock.real_now() + later)


def deliveries(world: World) -> list[Any]:
    return list(world.rows("SELECT * FROM delivery WHERE street_code = :street ORDER BY delivery_id", street=STREET))


def digest_texts(world: World) -> list[tuple[datetime, str]]:
    rows = world.rows(
        "SELECT created_at, text FROM notification WHERE street_code = :street AND kind = 'digest' ORDER BY created_at",
        street=STREET,
    )
    return [(row.created_at.astimezone(clock.SHANGHAI), row.text) for row in rows]
