"""Acts on many tasks at once, to be taken back as one."""

from uuid import UUID

from fastapi import APIRouter

from api.dependencies import NowDep, SessionDep, UserDep
from api.http.bodies import StrictRoute
from api.http.refusals import refuses
from api.schemas.tasks import Batch
from core import errors
from core.tasks import batches
from core.tasks.batches import BatchDone

router = APIRouter(prefix="/v1/batches", tags=["tasks"], route_class=StrictRoute)


@router.post("/{batch_id}/undo", response_model=Batch)
@refuses(errors.UndoTooLate)
def undo_batch(batch_id: UUID, session: SessionDep, user: UserDep, now: NowDep) -> BatchDone:
    """Give every task back that is still open and still where the act put it, within ten minutes of business time."""
    return batches.undo(session, batch_id, by=user, now=now)
