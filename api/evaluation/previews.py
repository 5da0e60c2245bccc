"""Previews: judged in the evaluation processes, told as one answer, or with their progress as they go."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any, Final

import orjson
from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from api.evaluation.evaluators import Evaluators
from core.organisation.users import User
from core.policy import preview
from core.policy.rulebooks import Spec
from core.store.database import Database

NDJSON: Final = "application/x-ndjson"
RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": f"The preview; with `Accept: {NDJSON}` first lines of `progress`, then one of `result`.",
        "content": {"application/json": {}, NDJSON: {}},
    }
}

Sides = Mapping[str, tuple[Spec, Spec]]


def respond(
    request: Request,
    database: Database,
    evaluators: Evaluators,
    user: User,
    sides: Sides,
    on: date,
) -> Response:
    """The preview of a change in some streets; `sides`: street → (rules before, rules after)."""
    lines = _lines(database, evaluators, user, sides, on)
    if NDJSON in request.headers.get("accept", ""):
        # The first line is drawn here, so that a refusal still has its own status.
        return StreamingResponse(_with_first(next(lines), lines), media_type=NDJSON)
    *_, last = lines
    return Response(json_bytes(last["result"]), media_type="application/json")


def _with_first(first: dict[str, Any], rest: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    yield json_bytes(first) + b"\n"
    for line in rest:
        yield json_bytes(line) + b"\n"


def json_bytes(value: object) -> bytes:
    """JSON of plain values, days and ids."""
    return orjson.dumps(value)


def _lines(database: Database, evaluators: Evaluators, user: User, sides: Sides, on: date) -> Iterator[dict[str, Any]]:
    totals = preview.Totals()
    with database.transaction(user.scope) as session:
        chunks = list(preview.subjects(session, list(sides)))
    people = sum(len(chunk) for chunk in chunks)
    yield {"progress": {"done": 0, "of": people}}
    done = 0
    # Two threads keep the two evaluation processes busy; the work itself is theirs.
    with ThreadPoolExecutor(max_workers=2) as threads:
        for judged in threads.map(lambda chunk: _judge(evaluators, chunk, sides, on), chunks):
            totals.add(judged)
            done += len(judged)
            yield {"progress": {"done": done, "of": people}}
    with database.transaction(user.scope) as session:
        result = preview.report(session, totals, sides, on)
    yield {"result": result}


def _judge(evaluators: Evaluators, chunk: Sequence[preview.Subject], sides: Sides, on: date) -> list[preview.Judged]:
    before, after = sides[chunk[0].street]
    judged: list[preview.Judged] = evaluators.run(preview.judge, chunk, before, after, on)
    return judged
