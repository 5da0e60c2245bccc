"""A caller of the product's own HTTP interface, for the commands that use it as other systems and people do."""

import json
from collections.abc import Iterable, Iterator
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urlencode

import httpx

from cli.embedded.servers import CommandFailed

PAGE = 500
# Who asks shows a token: a cookie kept from one person's sign-in would come along with the next one's.
_NONE = CookieJar(DefaultCookiePolicy(allowed_domains=[]))


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
        # A proxy set in the environment is for the world outside, not for this service.
        self._http = httpx.Client(base_url=url, timeout=seconds, trust_env=False, cookies=_NONE)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()

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
        request = self._http.build_request(method, path, content=sent, headers=headers)
        try:
            answer = self._http.send(request)
        except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
            # The service closes connections that were idle; whatever is sent here may be sent twice.
            answer = self._http.send(request)
        is_json = "json" in answer.headers.get("content-type", "")
        return answer.status_code, answer.json() if is_json else answer.content

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
