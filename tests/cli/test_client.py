"""The caller of the product's own interface: one connection, taken up again where the service let it go."""

import socket
import threading

import pytest

from cli.demo.client import Client, Refused
from tests.receivers import whole_request

GOOD = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"items": 12}'
REFUSED = (
    b"HTTP/1.1 404 Not Found\r\nContent-Type: application/problem+json\r\nContent-Length: 22\r\n\r\n"
    b'{"detail":"not there"}'
)


def serve(server: socket.socket, *answers: list[bytes]) -> list[bytes]:
    """Connection after connection, answers these one by one and closes; what was asked, in the end."""
    asked: list[bytes] = []

    def run() -> None:
        for of_one_connection in answers:
            connection, _ = server.accept()
            with connection:
                for answer in of_one_connection:
                    asked.append(whole_request(connection))
                    connection.sendall(answer)

    threading.Thread(target=run, daemon=True).start()
    return asked


def test_a_connection_that_the_service_lets_go_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with socket.create_server(("127.0.0.1", 0)) as server:
        # The second request is heard and not answered: the connection was on its way out.
        asked = serve(server, [GOOD, b""], [GOOD, REFUSED])
        with Client(f"http://127.0.0.1:{server.getsockname()[1]}", token="key", seconds=10) as client:
            assert client.call("GET", "/v1/tasks?limit=1") == {"items": 12}
            assert client.ask("POST", "/v1/tasks", {"a": 1}, token="other") == (200, {"items": 12})
            with pytest.raises(Refused, match="GET /v1/none answered 404: not there"):
                client.call("GET", "/v1/none")
    first, _unanswered, again, _last = asked
    assert first.startswith(b"GET /v1/tasks?limit=1 HTTP/1.1\r\n")
    assert b"\r\nauthorization: bearer key\r\n" in first.lower()
    assert b"\r\nauthorization: bearer other\r\n" in again.lower()
    assert again.endswith(b'\r\n\r\n{"a": 1}')
