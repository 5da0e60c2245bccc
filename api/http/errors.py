"""What went wrong, as HTTP says it: the one table from refusals to statuses, and problem documents (RFC 9457)."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from core.errors import Busy, Conflict, Invalid, NotAllowed, NotFound, NotSignedIn, Refusal, TooMany
from core.events import strict_json
from core.events.strict_json import BodyInvalid
from rules.facts import Problem
from rules.policies import NotInForce

log = structlog.get_logger()

STATUS: Final[Mapping[type[Refusal], int]] = {
    Invalid: 422,
    NotSignedIn: 401,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    TooMany: 429,
    Busy: 503,
}
MOST_ERRORS: Final = 100
RETRY_SECONDS: Final = 2
MEDIA_TYPE: Final = "application/problem+json"

# What pydantic says is replaced where its words could hold a piece of what was sent.
_MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("missing", "must be given"),
    "extra_forbidden": ("unknown_field", "no such field here"),
    "uuid": ("uuid", "must be a UUID"),
    "date": ("date", "must be a day written YYYY-MM-DD"),
    "datetime": ("time", "must be an RFC 3339 instant with its offset"),
    "timezone": ("time", "must be an RFC 3339 instant with its offset"),
    "int": ("type", "must be a whole number"),
    "float": ("type", "must be a number"),
    "bool": ("type", "must be true or false"),
    "string_type": ("type", "must be a text"),
    "list": ("type", "must be a list"),
    "dict": ("type", "must be an object"),
    "model": ("type", "must be an object"),
    "none": ("type", "must be null"),
}
# Their words are made of our own limits and choices.
_SAFE: Final = (
    "greater_than",
    "less_than",
    "string_too",
    "too_long",
    "too_short",
    "literal_error",
    "enum",
    "multiple_of",
)


def respond(
    status: int,
    code: str,
    detail: str,
    problems: Iterable[Problem] = (),
    *,
    headers: Mapping[str, str] | None = None,
    **more: object,
) -> Response:
    """A problem document. Nothing in it repeats what was sent."""
    body = {
        "type": f"urn:tanfang:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "errors": [problem._asdict() for problem in list(problems)[:MOST_ERRORS]],
        **more,
    }
    return Response(orjson.dumps(body), status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


class Unreadable(HTTPException):
    """A request body that cannot be read, or is too large."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        problems: Sequence[Problem] = (),
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.code, self.problems = code, problems


def status_of(refusal: Refusal) -> int:
    """The status of a refusal."""
    return next(STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS)


def refused(_request: Request, error: Exception) -> Response:
    """A refusal of the domain."""
    assert isinstance(error, Refusal)
    headers = {}
    if isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = 'Bearer realm="tanfang"'
    if isinstance(error, Busy):
        headers["Retry-After"] = str(error.retry_after_seconds)
    return respond(status_of(error), error.reason, error.detail, error.problems, headers=headers)


def unreadable(error: BodyInvalid) -> Unreadable:
    """A body that is no JSON, or none of ours, as HTTP says it."""
    code = error.problems[0].code
    status = {"content_type": 415, "charset": 415, "too_large": 413, "too_many": 413}.get(code, 422)
    return Unreadable(status, code, "The body of the request cannot be read.", error.problems)


def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error, Unreadable):
        return respond(error.status_code, error.code, error.detail, error.problems, headers=error.headers)
    code, detail = {
        404: ("not_found", "There is nothing at this address."),
        405: ("method_not_allowed", "This address does not take this method."),
        400: ("bad_request", "The request cannot be read."),
        413: ("too_large", "The body of the request is too large."),
    }.get(error.status_code, ("refused", HTTPStatus(error.status_code).phrase))
    return respond(error.status_code, code, detail, headers=error.headers)


def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(one["loc"][:1] == ("path",) for one in found):
        # What cannot be an id is the id of nothing.
        return respond(404, "not_found", "There is nothing at this address.")
    problems = [_problem(one) for one in found]
    return respond(422, "invalid", "The request has fields that cannot be accepted.", problems)


def problems(found: Iterable[Mapping[str, Any]]) -> list[Problem]:
    """What pydantic found, in words that repeat nothing of what was sent."""
    return [_problem(one) for one in found]


def _problem(error: Mapping[str, Any]) -> Problem:
    kind = str(error["type"])
    loc = _loc(error["loc"])
    if kind == "value_error":
        # Raised by our own validators, whose words are ours.
        return Problem(loc, "invalid", str(error["ctx"]["error"]))
    if kind.startswith(_SAFE):
        return Problem(loc, "enum" if kind == "literal_error" else kind, str(error["msg"]))
    word = next((word for word in _MESSAGES if kind.startswith(word)), None)
    code, msg = _MESSAGES[word] if word else ("invalid", "cannot be accepted")
    return Problem(loc, code, msg)


def _loc(parts: Sequence[str | int]) -> str:
    loc = ""
    for part in parts[1:] if len(parts) > 1 and parts[0] in ("body", "query", "path", "header", "cookie") else parts:
        # A key is the sender's text too: `child` repeats only one that looks like a field name.
        loc = f"{loc}[{part}]" if isinstance(part, int) else strict_json.child(loc, part)
    return loc


def _not_in_force(_request: Request, _error: Exception) -> Response:
    return respond(
        422,
        "before_policy",
        "No policy is in force on that day.",
        [Problem("on", "before_policy", "lies before the first policy")],
    )


def database_away(_request: Request | None, error: Exception) -> Response:
    """The database does not answer, or not in time: nothing was accepted, try again."""
    log.warning("database away", error=type(getattr(error, "orig", None) or error).__name__)
    return respond(
        503,
        "database_unavailable",
        "The database does not answer; nothing was changed, try again.",
        headers={"Retry-After": str(RETRY_SECONDS)},
    )


def _clash(_request: Request, error: Exception) -> Response:
    log.warning("integrity", error=type(getattr(error, "orig", None) or error).__name__)
    return respond(409, "conflict", "Somebody else changed the same thing at the same time; look again and retry.")


def _bad_data(_request: Request, error: Exception) -> Response:
    log.warning("data refused", error=type(getattr(error, "orig", None) or error).__name__)
    return respond(422, "invalid", "A value in the request cannot be stored.")


def _database(request: Request, error: Exception) -> Response:
    assert isinstance(error, DBAPIError)
    return database_away(request, error) if error.connection_invalidated else unexpected(error)


def unexpected(error: Exception) -> Response:
    """Our own mistake. Only its type is logged: its words may hold personal data."""
    log.error("unexpected", error=type(error).__name__, where=_where(error))
    return respond(500, "internal", "Something went wrong here; it has been written down.")


def _where(error: Exception) -> str:
    """The innermost line of our own code."""
    frames = []
    trace = error.__traceback__
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "")
        if module.startswith(("api.", "core.", "rules.")):
            frames.append(f"{module}:{trace.tb_lineno}")
        trace = trace.tb_next
    return frames[-1] if frames else ""


def install(app: FastAPI) -> None:
    """Hang the handlers in; what none of them takes ends in `unexpected`."""
    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(NotInForce, _not_in_force)
    for kind in (OperationalError, InterfaceError, PoolTimeout):
        app.add_exception_handler(kind, database_away)
    app.add_exception_handler(IntegrityError, _clash)
    app.add_exception_handler(DataError, _bad_data)
    app.add_exception_handler(DBAPIError, _database)
