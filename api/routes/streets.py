"""The streets of the district and their committees."""

from collections import defaultdict

from fastapi import APIRouter

from api.dependencies import DivisionsDep, IdentityDep, UserDep
from api.http.paging import Cursor, LimitDep, after, page
from api.http.parameters import KnownRoute
from api.schemas.common import Page
from api.schemas.district import Street
from core.organisation.streets import Divisions

router = APIRouter(prefix="/v1", tags=["district"], route_class=KnownRoute)


@router.get("/streets", response_model=Page[Street])
def list_streets(user: UserDep, divisions: DivisionsDep, limit: LimitDep, cursor: Cursor = None) -> dict[str, object]:
    """The 街镇 of the district, by code, each with its committees; for the city's people those of all districts."""
    return _page(divisions.of(user.district), limit, cursor)


@router.get("/places", response_model=Page[Street])
def list_places(
    identity: IdentityDep, divisions: DivisionsDep, limit: LimitDep, cursor: Cursor = None
) -> dict[str, object]:
    """Codes and names of streets and committees, for every key too: what an event may name as its place."""
    return _page(divisions.of(identity.district), limit, cursor)


def _page(divisions: Divisions, limit: int, cursor: str | None) -> dict[str, object]:
    committees = defaultdict(list)
    for code, street in divisions.committees.items():
        committees[street].append({"code": code, "name": divisions.committee_names[code]})
    [last] = after(cursor, int) or [0]
    rows = [
        {"code": code, "name": name, "committees": committees[code]}
        for code, name in divisions.streets.items()
        if int(code) > last
    ]
    return page(rows[: limit + 1], limit, lambda row: (int(row["code"]),))
