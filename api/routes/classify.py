"""The rules alone, for persons given in the request."""

import orjson
from fastapi import APIRouter, Response

from api.dependencies import ContextDep, DivisionsDep, IdentityDep, IdentitySessionDep
from api.evaluation import evaluators
from api.http.bodies import LargeRoute
from api.http.refusals import refuses
from api.schemas.residents import ClassifyRequest, Decisions
from core import errors
from core.errors import Invalid
from core.policy import rulebooks

router = APIRouter(prefix="/v1/classify", tags=["decisions"], route_class=LargeRoute)


@router.post("", response_model=Decisions)
@refuses(errors.NotFound, errors.BeforePolicy)
def classify_persons(
    body: ClassifyRequest,
    session: IdentitySessionDep,
    identity: IdentityDep,
    context: ContextDep,
    divisions: DivisionsDep,
) -> Response:
    """A decision for each person by the rules of a street, or the district's alone; nothing is stored."""
    spec = rulebooks.asked_for(session, body.street, divisions, by=identity)
    # The connection goes back before the evaluation, which may take a while.
    session.commit()
    decided = context.evaluators.run(evaluators.classify_all, spec, body.persons, body.on)
    problems = [problem for decision in decided if isinstance(decision, list) for problem in decision]
    if problems:
        raise Invalid("请求中有的人不能判定。", problems=problems)
    # Spelt out by the rules already: checking ten thousand of them again would take longer than deciding them.
    return Response(orjson.dumps({"decisions": decided}), media_type="application/json")
