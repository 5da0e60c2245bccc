"""What went wrong, as HTTP says it: the one table from refusals to statuses, and problem documents (RFC 9457)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from core import errors
from core.errors import Refusal
from core.events import strict_json
from core.events.strict_json import BodyInvalid
from rules.facts import Problem, listed
from rules.policies import NotInForce

log = structlog.get_logger()


class BadRequest(Refusal):
    """Not even HTTP's own forms are kept."""

    code = "bad_request"
    title = "请求无法读取"
    advice = "请核对请求是否完整发送，格式是否符合 HTTP。"


class MethodNotAllowed(Refusal):
    """The address does not take this method."""

    code = "method_not_allowed"
    title = "这个地址不接受这种方法"
    advice = "请对照接口说明核对 HTTP 方法。"


class Internal(Refusal):
    """Our own mistake."""

    code = "internal"
    title = "服务内部出错"
    advice = "错误已经记录；请稍后重试，仍然不行的请带上时间联系管理员。"


# The closest of a refusal's kinds decides.
STATUS: Final[Mapping[type[Refusal], int]] = {
    BadRequest: 400,
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    MethodNotAllowed: 405,
    errors.Conflict: 409,
    errors.Merged: 410,
    errors.VersionOld: 412,
    errors.BodyTooLarge: 413,
    errors.TooManyEvents: 413,
    errors.MediaUnsupported: 415,
    errors.CharsetUnsupported: 415,
    errors.Invalid: 422,
    errors.VersionMissing: 428,
    errors.TooMany: 429,
    Internal: 500,
    errors.Busy: 503,
}
MOST_ERRORS: Final = 100
RETRY_SECONDS: Final = 2
MEDIA_TYPE: Final = "application/problem+json"
_BODY: Final = {kind.code: kind for kind in errors.every(errors.BodyRefused)}

# What pydantic finds, as people read it: its own words are English, and could hold a piece of what was sent. The
# longest beginning of its kind that is here tells code and words; what stands in braces are our own limits and choices.
_MESSAGES: Final[Mapping[str, tuple[str | None, str]]] = {
    "missing": ("missing", "必须填写。"),
    "extra_forbidden": ("unknown_field", "没有这个字段。"),
    "uuid": ("uuid", "须是 UUID。"),
    "date": ("date", "须是 `YYYY-MM-DD` 格式的日期。"),
    "datetime": ("time", "须是带时区的时刻（RFC 3339）。"),
    "timezone": ("time", "须是带时区的时刻（RFC 3339）。"),
    "int": ("type", "须是整数。"),
    "float": ("type", "须是数字。"),
    "bool": ("type", "须是 `true` 或 `false`。"),
    "string_type": ("type", "须是文字。"),
    "list": ("type", "须是列表。"),
    "dict": ("type", "须是对象。"),
    "model": ("type", "须是对象。"),
    "none": ("type", "须是 `null`。"),
    "literal_error": ("enum", "须是下列之一：{expected}。"),
    "enum": ("enum", "须是下列之一：{expected}。"),
    "greater_than": (None, "须大于 {gt}。"),
    "greater_than_equal": (None, "不能小于 {ge}。"),
    "less_than": (None, "须小于 {lt}。"),
    "less_than_equal": (None, "不能大于 {le}。"),
    "multiple_of": (None, "须是 {multiple_of} 的整数倍。"),
    "string_too_short": (None, "至少 {min_length} 个字。"),
    "string_too_long": (None, "最多 {max_length} 个字。"),
    "too_short": (None, "至少 {min_length} 项。"),
    "too_long": (None, "最多 {max_length} 项。"),
}
_LONGEST_FIRST: Final = sorted(_MESSAGES, key=len, reverse=True)


def respond(
    kind: type[Refusal],
    detail: str,
    problems: Iterable[Problem] = (),
    *,
    headers: Mapping[str, str] | None = None,
    **more: object,
) -> Response:
    """A problem document. Nothing in it repeats what was sent."""
    status = status_of(kind)
    body = {
        "type": f"urn:tanfang:problem:{kind.code}",
        "title": kind.title,
        "status": status,
        "detail": detail,
        "code": kind.code,
        "errors": [problem._asdict() for problem in list(problems)[:MOST_ERRORS]],
        **more,
    }
    return Response(orjson.dumps(body), status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


class Unreadable(HTTPException):
    """A body refused while it is read, where FastAPI lets nothing else pass."""

    def __init__(self, refusal: Refusal, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status_of(type(refusal)), refusal.detail, headers)
        self.refusal = refusal


def status_of(kind: type[Refusal]) -> int:
    """The status of a kind of refusal."""
    return next(STATUS[above] for above in kind.__mro__ if above in STATUS)


def refused(_request: Request, error: Exception) -> Response:
    """A refusal of the domain."""
    assert isinstance(error, Refusal)
    headers = {}
    if isinstance(error, errors.NotSignedIn):
        headers["WWW-Authenticate"] = 'Bearer realm="tanfang"'
    if isinstance(error, errors.Busy):
        headers["Retry-After"] = str(error.retry_after_seconds)
    return respond(type(error), error.detail, error.problems, headers=headers, **error.more)


def unreadable(error: BodyInvalid) -> Unreadable:
    """A body that is no JSON, or none of ours, as HTTP says it."""
    return Unreadable(_BODY[error.problems[0].code]("请求体无法读取。", problems=error.problems))


def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error, Unreadable):
        refusal = error.refusal
        return respond(type(refusal), refusal.detail, refusal.problems, headers=error.headers)
    kind, detail = {
        404: (errors.NotFound, "这个地址没有内容。"),
        405: (MethodNotAllowed, "这个地址不接受这种方法。"),
        413: (errors.BodyTooLarge, "请求体太大。"),
    }.get(error.status_code, (BadRequest, "请求无法读取。"))
    return respond(kind, detail, headers=error.headers)


def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(flaw["loc"][:1] == ("path",) for flaw in found):
        # What cannot be an id is the id of nothing.
        return respond(errors.NotFound, "这个地址没有内容。")
    return respond(errors.Invalid, "请求中有不能接受的内容。", [_problem(flaw) for flaw in found])


def problems(found: Iterable[Mapping[str, Any]]) -> list[Problem]:
    """What pydantic found, in words that repeat nothing of what was sent."""
    return [_problem(error) for error in found]


def _problem(error: Mapping[str, Any]) -> Problem:
    kind, context = str(error["type"]), error.get("ctx", {})
    loc = _loc(error["loc"])
    if kind == "value_error":
        # Raised by our own validators, whose words are ours.
        return Problem(loc, "invalid", str(context["error"]))
    word = next((word for word in _LONGEST_FIRST if kind.startswith(word)), None)
    code, msg = _MESSAGES[word] if word else ("invalid", "不能接受。")
    if "expected" in context:
        context = {**context, "expected": _choices(context["expected"])}
    return Problem(loc, code or kind, msg.format(**context) if "{" in msg else msg)


def _choices(expected: str) -> str:
    """`'a', 'b' or 'c'`, as pydantic lists choices."""
    return listed(re.findall(r"'([^']*)'", expected))


def _loc(parts: Sequence[str | int]) -> str:
    loc = ""
    for part in parts[1:] if len(parts) > 1 and parts[0] in ("body", "query", "path", "header", "cookie") else parts:
        # A key is the sender's text too: `child` repeats only one that looks like a field name.
        loc = f"{loc}[{part}]" if isinstance(part, int) else strict_json.child(loc, part)
    return loc


def _not_in_force(_request: Request, _error: Exception) -> Response:
    return respond(
        errors.BeforePolicy,
        "这一天还没有生效的政策。",
        [Problem("on", "before_policy", "这一天早于第一份政策。")],
    )


def database_away(_request: Request | None, error: Exception) -> Response:
    """The database does not answer, or not in time: nothing was accepted, try again."""
    log.warning("database away", error=type(getattr(error, "orig", None) or error).__name__)
    return respond(
        errors.DatabaseAway, "数据库没有应答，没有作任何改动，请重试。", headers={"Retry-After": str(RETRY_SECONDS)}
    )


def _clash(_request: Request, error: Exception) -> Response:
    log.warning("integrity", error=type(getattr(error, "orig", None) or error).__name__)
    return respond(errors.Conflict, "同一内容刚刚被别人修改，请重新查看后再试。")


def _bad_data(_request: Request, error: Exception) -> Response:
    log.warning("data refused", error=type(getattr(error, "orig", None) or error).__name__)
    return respond(errors.Invalid, "请求中有无法保存的值。")


def _database(request: Request, error: Exception) -> Response:
    assert isinstance(error, DBAPIError)
    return database_away(request, error) if error.connection_invalidated else unexpected(error)


def unexpected(error: Exception) -> Response:
    """Our own mistake. Only its type is logged: its words may hold personal data."""
    log.error("unexpected", error=type(error).__name__, where=_where(error))
    return respond(Internal, "服务内部出错，已经记录。")


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
