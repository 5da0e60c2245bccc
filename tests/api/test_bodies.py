"""Bodies that are too large, over a real connection: the sender always sees why."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn

from tests.api.door import Door
from tests.api.limited import application, until
from tests.world import World

MEGABYTE = 1024 * 1024


@pytest.fixture
def send(world: World, key_folder: Path) -> Iterator[Callable[..., bytes]]:
    """Sends a request as it stands, the whole of it before anything is read; returns what came back."""
    server = uvicorn.Server(
        uvicorn.Config(application(world, key_folder), port=0, http="httptools", ws="none", log_level="warning")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started)
    address = server.servers[0].sockets[0].getsockname()
    key = Door(None, world).key()["Authorization"]  # type: ignore[arg-type]  # no client is needed to make a key

    def sending(head: str, body: bytes = b"") -> bytes:
        with socket.create_connection(address, 60) as link:
            start = f"POST /v1/alerts HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\n{head}\r\n\r\n"
            link.sendall(start.encode())
            with contextlib.suppress(ConnectionError):
                link.sendall(body)
            answer = b""
            while b"\r\n\r\n" not in answer or b"}" not in answer:
                piece = link.recv(65536)
                if not piece:
                    break
                answer += piece
            return answer

    yield sending
    server.should_exit = True
    thread.join()


@pytest.mark.parametrize("megabytes", [9, 15])
def test_a_body_that_is_too_large_is_read_to_its_end_and_refused(send: Callable[..., bytes], megabytes: int) -> None:
    body = b" " * (megabytes * MEGABYTE)
    announced = send(f"Content-Type: application/json\r\nContent-Length: {len(body)}", body)
    assert announced.startswith(b"HTTP/1.1 413")
    assert b'"code":"too_large"' in announced
    chunks = b"".join(b"%x\r\n%s\r\n" % (MEGABYTE, b" " * MEGABYTE) for _ in range(megabytes)) + b"0\r\n\r\n"
    chunked = send("Content-Type: application/json\r\nTransfer-Encoding: chunked", chunks)
    assert chunked.startswith(b"HTTP/1.1 413")


def test_who_asks_before_sending_too_much_is_told_not_to(send: Callable[..., bytes]) -> None:
    answer = send(f"Content-Type: application/json\r\nContent-Length: {9 * MEGABYTE}\r\nExpect: 100-continue")
    assert answer.startswith(b"HTTP/1.1 413")


def test_who_asks_before_sending_what_fits_is_told_to_go_on(send: Callable[..., bytes]) -> None:
    answer = send("Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue", b"{}")
    assert answer.startswith(b"HTTP/1.1 100")
    assert b"HTTP/1.1 422" in answer
