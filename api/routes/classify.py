"""The rules alone, for persons given in the request."""

from fastapi import APIRouter

from api import evaluation
from api.bodies import LargeRoute
from api.dependencies import ContextDep, DivisionsDep, IdentityDep
from api.schemas.residents import Classified, Classify
from core.errors import Invalid
from core.keys import Caller
from core.roles import May
from rules.facts import Problem

router = APIRouter(prefix="/v1/classify", tags=["decisions"], route_class=LargeRoute)


@router.post("", response_model=Classified)
def classify_persons(
    body: Classify, identity: IdentityDep, context: ContextDep, divisions: DivisionsDep
) -> dict[str, object]:
    """A decision for each person; nothing is stored."""
    if isinstance(identity, Caller):
        identity.require("classify")
    else:
        identity.require(May.CLASSIFY)
    if body.street is not None and body.street not in divisions.streets:
        raise Invalid(
            "There is no such street in this district.",
            problems=[Problem("street", "unknown_street", "no such street in this district")],
        )
    decided = context.evaluators.run(evaluation.classify_all, body.persons, body.on)
    problems = [problem for one in decided if isinstance(one, list) for problem in one]
    if problems:
        raise Invalid("Persons in the request cannot be judged.", problems=problems)
    return {"decisions": decided}
