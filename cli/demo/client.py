"""A caller of the product's own HTTP interface, for the commands that use it as other systems and people do."""

import json
from collections.abc import Iterable, Iterator
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode, urlsplit

from cli.embedded.servers import CommandFailed

PAGE = 500


class Refused(CommandFailed):
    """The service answered with something else than was asked for."""

    def __init__(self, method: str, path: str, status: int, body: Any) -> None:
        detail = body.get("detail") or body.get("title") if isinstance(body, dict) else None
        super().__init__(f"{method} {path} answered {status}: {detail or 'no explanation'}")
        self.status = status


class Client:
    """One connection, kept alive; every thread has its own. `token` is a key or the token of a session."""

    def __init__(self, url: str, *, token: str | None = None, seconds: float = 60) -> None:
        self.token = token
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=seconds)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str | None = None,
        content_type: str = "application/json",
    ) -> tuple[int, Any]:
        """Status and parsed body of an answer, whatever it says."""
        sent = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": content_type} if sent is not None else {}
        if token or self.token:
            headers["Authorization"] = f"Bearer {token or self.token}"
        try:
            return self._exchange(method, path, sent, headers)
        except (ConnectionResetError, BrokenPipeError, HTTPException):
            # The service closes connections that were idle; whatever is sent here may be sent twice.
            self._connection.close()
            return self._exchange(method, path, sent, headers)

    def _exchange(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, Any]:
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        said = answer.read()
        if "json" in (answer.headers.get_content_type() or ""):
            return answer.status, json.loads(said)
        return answer.status, said

    def call(self, method: str, path: str, body: object = None, *, token: str | None = None) -> Any:
        """The body of a good answer; raises `Refused` for every other."""
        status, said = self.ask(method, path, body, token=token)
        if status >= 300:
            raise Refused(method, path, status, said)
        return said

    def sign_in(self, username: str, password: str) -> dict[str, Any]:
        """`token` and `user` of a new session."""
        session: dict[str, Any] = self.call("POST", "/v1/session", {"username": username, "password": password})
        return session

    def push(self, events: Iterable[object], *, key: str) -> dict[str, Any]:
        """What the door says to a batch of events."""
        batch: dict[str, Any] = self.call("POST", "/v1/alerts", list(events), token=key)
        return batch

    def items(self, path: str, *, token: str | None = None, **filters: str) -> Iterator[dict[str, Any]]:
        """Every item of a list, page after page."""
        cursor = None
        while True:
            asked = {**filters, "limit": str(PAGE), **({"cursor": cursor} if cursor else {})}
            page = self.call("GET", f"{path}?{urlencode(asked)}", token=token)
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return
