"""What people do to visits that were recorded already, said shortly."""

from typing import Any
from uuid import UUID

from core.organisation.users import User
from core.visits import correcting
from tests.world import Person, World

EDGE = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}
CHANGE = {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-18"}
ALL_WELL = {
    dimension: {"level": "ok"} for dimension in ("economy", "health", "education", "housing", "employment", "social")
}
RISK = {**ALL_WELL, "health": {"level": "risk", "note": "血压偏高"}}


def correct(world: World, visit: dict[str, Any], by: User, **changes: Any) -> dict[str, Any]:
    """Correct a visit, whichever version it is in."""
    with world.database.transaction(by.scope) as session:
        return correcting.correct(session, UUID(visit["visit_id"]), changes, "当时写错了", ["*"], by=by, now=world.now)


def void(world: World, visit: dict[str, Any], by: User) -> dict[str, Any]:
    """Take a visit back."""
    with world.database.transaction(by.scope) as session:
        return correcting.void(session, UUID(visit["visit_id"]), "没有去过", None, by=by, now=world.now)


def states(resident: Person, kind: str = "periodic") -> dict[str, str]:
    """How the duties of somebody stand, by occasion."""
    return {occasion: duty.state for occasion, duty in resident.duties(kind).items()}
