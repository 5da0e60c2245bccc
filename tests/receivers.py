"""The other side of a channel: real servers on this machine that note what they are sent."""

import re
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson


@dataclass(frozen=True)
class Received:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(self.body)
        return found


@dataclass
class Receiver:
    """An HTTP server that answers everything the same way; `before` runs ahead of the answer."""

    url: str = ""
    status: int = 204
    answer: bytes = b""
    before: Callable[[], object] = lambda: None
    got: list[Received] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        return [one.headers["webhook-id"] for one in self.got]


def whole_request(connection: socket.socket) -> bytes:
    """One HTTP request as it came in: who closes with some of it unread takes the answer back."""
    request = b""
    while b"\r\n\r\n" not in request:
        request += _piece(connection)
    length = re.search(rb"content-length: (\d+)", request.lower())
    whole = request.index(b"\r\n\r\n") + 4 + (int(length[1]) if length else 0)
    while len(request) < whole:
        request += _piece(connection)
    return request


def _piece(connection: socket.socket) -> bytes:
    if piece := connection.recv(65536):
        return piece
    raise ConnectionResetError("gone in the middle of a request")


@contextmanager
def http_receiver() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.got.append(Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            receiver.before()
            self.send_response(receiver.status)
            if receiver.status in (301, 302, 307, 308):
                self.send_header("location", f"{receiver.url}/elsewhere")
            self.send_header("content-length", str(len(receiver.answer)))
            self.end_headers()
            self.wfile.write(receiver.answer)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield receiver
        server.shutdown()


@contextmanager
def mail_receiver() -> Iterator[tuple[str, list[str]]]:
    """A mail server that takes everything: its apprise URL and the letters, headers and all."""
    letters: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            while line := self.rfile.readline():
                word = line.strip().upper()
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    lines = list(iter(self.rfile.readline, b".\r\n"))
                    letters.append(b"".join(lines).decode())
                elif word == b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                self.wfile.write(b"250 fine\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"mailto://127.0.0.1:{server.server_address[1]}?from=tanfang@example.org", letters
        server.shutdown()
