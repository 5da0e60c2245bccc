"""The streets of the district and their committees."""

from collections import defaultdict

from fastapi import APIRouter

from api.dependencies import DivisionsDep, UserDep
from api.http.paging import Cursor, LimitDep, after, page
from api.schemas.common import Page
from api.schemas.district import StreetShown

router = APIRouter(prefix="/v1/streets", tags=["district"])


@router.get("", response_model=Page[StreetShown])
def list_streets(_user: UserDep, divisions: DivisionsDep, limit: LimitDep, cursor: Cursor = None) -> dict[str, object]:
    """The 17 街镇, by code, each with its committees."""
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
