"""How a webhook is posted: to the machine that was looked at, to nobody else, and never for long."""

import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.notifications import senders
from core.notifications.senders import Delivery, Egress, NotDelivered
from core.store.words import ChannelKind
from tests.receivers import whole_request

NOW = datetime(2026, 3, 20, 2, tzinfo=UTC)
SECRET = "whsec_c3ludGhldGljLXNlY3JldC1vZi0zMi1ieXRlcy1vayE="
LETTER = Delivery(UUID(int=1), UUID(int=2), "assigned", "310117001", UUID(int=3), "有一项新任务。", NOW)
SANDBOX = Egress(sandbox=True, smtp_url=None, egress_hosts=frozenset({"hook.example.org", "other.example.org"}))
OUTSIDE = Egress(sandbox=False, smtp_url=None, egress_hosts=frozenset({"hook.example.org"}))
YES = b"HTTP/1.1 204 No Content\r\n\r\n"

Answer = Callable[[socket.socket], object]


@contextmanager
def listener(answer: Answer, context: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """Answers whoever connects and asks; its port, and what came in."""
    heard: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                heard.append(b"")
                try:
                    with context.wrap_socket(connection, server_side=True) if context else connection as peer:
                        heard[-1] = whole_request(peer)
                        answer(peer)
                except OSError:
                    continue  # whoever did not trust us has gone

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1], heard
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def says(words: bytes) -> Answer:
    return lambda peer: peer.sendall(words)


def reason(url: str, egress: Egress = SANDBOX) -> str | None:
    """Why a message did not arrive, or None."""
    try:
        senders.send(ChannelKind.WEBHOOK, url, SECRET, LETTER, egress, now=NOW)
    except NotDelivered as error:
        return error.reason
    return None


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What names stand for, first to last time of asking: the network's directory is not ours."""
    known: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *args: Any, **named: Any) -> Any:
        return real(known[host].pop(0) if host in known else host, port, *args, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


# Where it goes


def test_a_name_that_means_this_machine_is_not_even_connected_to(names: dict[str, list[str]]) -> None:
    with listener(says(YES)) as (port, heard):
        names["hook.example.org"] = ["127.0.0.1"]
        assert reason(f"http://hook.example.org:{port}/", OUTSIDE) == "own_machine"
    assert heard == []


@pytest.mark.parametrize("address", ["10.0.0.7", "fd00::7", "::ffff:10.0.0.7", "114.114.114.114", "2400:3200::1"])
def test_only_hosts_that_the_operator_allows_are_connected_to_also_in_the_house(
    names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    tried: list[str] = []

    def refuse(place: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        tried.append(place[0])
        raise ConnectionRefusedError

    # The networks of the test's machine are not ours.
    monkeypatch.setattr(socket, "create_connection", refuse)
    names["hook.example.org"] = [address, address]
    assert reason("https://hook.example.org/", Egress(sandbox=False, smtp_url=None)) == "host_not_allowed"
    assert tried == []
    assert reason("https://hook.example.org/", OUTSIDE) == "ConnectionRefusedError"
    assert tried == [address]


@pytest.mark.parametrize(
    "address", ["10.0.0.7", "172.16.0.7", "192.168.0.7", "100.64.0.7", "fd00::7", "::ffff:10.0.0.7"]
)
def test_a_service_whose_name_means_a_net_of_the_house_is_reached_only_where_the_operator_said_so(
    names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("connected"))
    names["qyapi.weixin.qq.com"] = [address]
    # Where the kind's own service is asked under another name than the operator set.
    with pytest.raises(NotDelivered, match="private_net"):
        senders._post("https://qyapi.weixin.qq.com/", senders._Request(b"{}", {}), Egress(False, None))


def test_this_machine_is_no_host_of_the_house(names: dict[str, list[str]]) -> None:
    names["hook.example.org"] = ["127.0.0.1"]
    allowed = Egress(sandbox=False, smtp_url=None, egress_hosts=frozenset({"hook.example.org"}))
    assert reason("https://hook.example.org/", allowed) == "own_machine"


def test_one_address_that_is_barred_bars_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("114.114.114.114", "169.254.1.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert reason("https://hook.example.org/", OUTSIDE) == "own_machine"


def test_a_name_is_asked_once_so_that_it_cannot_mean_another_machine_afterwards(names: dict[str, list[str]]) -> None:
    with listener(says(YES)) as (port, heard):
        # A second question would find nothing left to answer with.
        names["hook.example.org"] = ["127.0.0.1"]
        assert reason(f"http://hook.example.org:{port}/hook?token=1") is None
    [request] = heard
    assert request.startswith(b"POST /hook?token=1 HTTP/1.1\r\n")
    assert f"\r\nhost: hook.example.org:{port}\r\n" in request.decode().lower()


def test_a_proxy_set_for_this_machine_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with listener(says(YES)) as (port, heard):
        assert reason(f"http://127.0.0.1:{port}/") is None
    assert len(heard) == 1


# Who answers


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for `hook.example.org`, one for another name: `<name>.pem`, key and all."""
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("hook.example.org", "other.example.org"):
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        today = datetime.now(UTC)  # noqa: TID251 - certificates are held against the machine's own clock
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(today - timedelta(days=1))
            .not_valid_after(today + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ip_address("::1"))]), False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
            .sign(key, hashes.SHA256())
        )
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / f"{name}.pem").write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return folder


@pytest.mark.parametrize(
    ("shown", "trusted", "expected"),
    [
        ("hook.example.org", "hook.example.org", None),
        ("other.example.org", "other.example.org", "SSLCertVerificationError"),
        ("hook.example.org", "other.example.org", "SSLCertVerificationError"),
    ],
)
def test_a_server_shows_a_trusted_certificate_of_the_name_and_not_of_the_address(
    names: dict[str, list[str]],
    certificates: Path,
    monkeypatch: pytest.MonkeyPatch,
    shown: str,
    trusted: str,
    expected: str | None,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / f"{trusted}.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / f"{shown}.pem")
    with listener(says(YES), context) as (port, heard):
        names["hook.example.org"] = ["127.0.0.1"]
        assert reason(f"https://hook.example.org:{port}/") == expected
    assert [len(request) > 0 for request in heard] == [expected is None]


# What it says


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\nx", None),
        (b"HTTP/1.0 202 Accepted\r\nContent-Encoding: gzip\r\n\r\nno gzip at all", None),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", "http_302"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", "http_404"),
        (b"HTTP/1.1 500 Oh\r\n\r\n", "http_500"),
        (b"220 mail.example.org ESMTP\r\n", "no_answer"),
        (b"", "no_answer"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000_000, "no_answer"),
    ],
)
def test_only_a_2xx_is_a_yes_and_of_no_answer_more_than_its_status_is_read(words: bytes, expected: str | None) -> None:
    with listener(says(words)) as (port, heard):
        assert reason(f"http://127.0.0.1:{port}/") == expected
    assert len(heard) == 1


def test_who_answers_a_byte_at_a_time_keeps_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(senders, "SECONDS", 1.0)

    def trickle(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 204 No Content\r\nX: ")
        while True:
            peer.sendall(b"x")
            time.sleep(0.1)

    with listener(trickle) as (port, _):
        started = time.monotonic()
        assert reason(f"http://127.0.0.1:{port}/") == "TimeoutError"
        assert 1 <= time.monotonic() - started < 5


def test_an_address_stands_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with listener(says(YES)) as (port, _):
        assert reason(f"http://127.0.0.1:{port}/hook?token=top-secret") is None
    assert "top-secret" not in caplog.text
    assert str(port) not in caplog.text
