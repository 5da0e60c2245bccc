"""For operators: whether it lives, whether it is ready, and its numbers."""

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool

from api.dependencies import ContextDep
from api.http.parameters import KnownRoute
from api.operations import readiness
from api.schemas.district import Readiness

router = APIRouter(tags=["operations"], route_class=KnownRoute)


@router.get("/health/live")
async def get_liveness() -> dict[str, str]:
    """Whether the process answers."""
    return {"status": "ok"}


@router.get("/health/ready", response_model=Readiness, responses={503: {"model": Readiness}})
def get_readiness(context: ContextDep, response: Response) -> Readiness:
    """Whether it can work: 503 only for the database and its migrations; what merely lags shows as `degraded`."""
    found = readiness.readiness(context.database, context.business, context.settings.redis_url)
    if found.status == "down":
        response.status_code = 503
    return found


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def get_metrics(context: ContextDep) -> Response:
    """Everything Prometheus wants to know."""
    text = await run_in_threadpool(context.door.metrics.text)
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")
