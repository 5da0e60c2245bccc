"""Drafts of record forms, in."""

from typing import Annotated, Any, Final

from fastapi import Path
from pydantic import AfterValidator, Field

from api.schemas.common import Body, Whole, example
from core.visits import drafts

# Saved once a second for fourteen days.
_MOST_SEEN: Final = 10_000_000


def _key(written: str) -> str:
    try:
        return drafts.key(written)
    except ValueError:
        raise ValueError("须是 `task:` 加任务编号，或 `residents:` 加居民编号（用逗号分开，最多 20 个）。") from None


DraftKey = Annotated[
    str,
    Path(description="`task:{id}`, or `residents:{ids}` with commas between them in any order.", max_length=800),
    AfterValidator(_key),
]


class DraftSaving(
    Body,
    json_schema_extra=example(form={"mode": "home_visit", "narrative": "两位都在家"}, seen=0),
):
    """A form as far as it is filled in. `seen`: that of the draft it goes on from, 0 where there was none."""

    form: dict[str, Any]
    seen: Annotated[Whole, Field(ge=0, le=_MOST_SEEN)]
