"""Refusals, named in the domain; `api.http.errors` holds the one table that turns them into HTTP."""

from collections.abc import Sequence
from typing import ClassVar

from rules.facts import Problem


class Refusal(Exception):
    """Something the product will not do. `detail` says what happened and what would help, never personal data."""

    code: ClassVar[str] = "refused"

    def __init__(self, detail: str, *, problems: Sequence[Problem] = (), code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.problems = tuple(problems)
        self.reason = code or self.code


class NotFound(Refusal):
    """Not there, or outside the caller's streets or committees: which of the two is not revealed."""

    code = "not_found"


class NotAllowed(Refusal):
    """The caller's role may not do this."""

    code = "forbidden"


class NotSignedIn(Refusal):
    """No valid session or key came with the request."""

    code = "unauthorized"


class Invalid(Refusal):
    """The request says something impossible."""

    code = "invalid"


class Conflict(Refusal):
    """Somebody was faster, or the thing is in another state."""

    code = "conflict"


class Busy(Refusal):
    """Too much at once, or the database is away: try again after `retry_after_seconds`."""

    code = "busy"

    def __init__(self, detail: str, *, retry_after_seconds: int = 1) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class TooMany(Busy):
    """One caller asks for more than its share: try again after `retry_after_seconds`."""

    code = "too_many_requests"
