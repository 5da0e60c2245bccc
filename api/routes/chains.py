"""The escalation chain of a street: its own, or the district's (A36)."""

from typing import Any

from fastapi import APIRouter

from api.dependencies import NowDep, SessionDep, UserDep
from api.http.bodies import StrictRoute
from api.http.refusals import refuses
from api.schemas.district import EscalationChain, EscalationChainChange
from core import errors
from core.policy import chains

router = APIRouter(prefix="/v1/streets/{code}/escalation", tags=["escalation"], route_class=StrictRoute)


@router.get("", response_model=EscalationChain)
def get_escalation_chain(code: str, session: SessionDep, user: UserDep, now: NowDep) -> dict[str, Any]:
    """Who is told when, in working days after a task's due day."""
    return chains.shown(session, code, by=user, now=now)


@router.put("", response_model=EscalationChain)
@refuses(errors.Narrowing)
def put_escalation_chain(
    code: str, body: EscalationChainChange, session: SessionDep, user: UserDep, now: NowDep
) -> dict[str, Any]:
    """Set a street's own chain for the tasks made from now on; nobody may hear of anything later than the district."""
    chains.put(session, code, [step.model_dump() for step in body.steps], by=user, now=now)
    return chains.shown(session, code, by=user, now=now)
