"""What carries a message out of the house: signed webhooks, e-mail, and the services that apprise knows."""

import base64
import ipaddress
import logging
import math
import re
import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, assert_never
from urllib.parse import quote, urlsplit
from uuid import UUID

import httpcore
import httpx
import orjson
from standardwebhooks import Webhook

from core.settings import Settings
from core.store.words import ChannelKind

SECONDS: Final = 5.0  # For each of: connecting, the answer.
_EMAIL: Final = re.compile(r"[^@\s,;<>\"]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)
# Services of the machine on which the relay runs: nobody sits in front of it.
_LOCAL_SERVICES: Final = frozenset({"dbus", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows"})
_BARRED: Final = {"own_machine": "不能是本机的地址。", "private_net": "内网的地址须由运维人员先允许。"}
_TITLES: Final = {"digest": "探访关爱：每日提醒"}
_TITLE: Final = "探访关爱：任务提醒"


@dataclass(frozen=True, slots=True)
class Egress:
    """What the operator lets a message take: a mail server, hosts of the house's own net, in a sandbox this machine."""

    sandbox: bool
    smtp_url: str | None
    egress_hosts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settings: Settings) -> "Egress":
        return cls(settings.sandbox, settings.smtp_url, settings.egress_hosts)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on its way through one channel; `delivery_id` is the same at every attempt."""

    delivery_id: UUID
    notification_id: UUID
    kind: str
    street: str
    task_id: UUID | None
    text: str
    created_at: datetime


class NotDelivered(Exception):
    """The other side did not take it; `reason` names the kind of failure and nothing of the message or address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def flaw(kind: ChannelKind, address: str, egress: Egress) -> str | None:
    """Why nothing can be sent to an address of this kind, or None."""
    match kind:
        case ChannelKind.EMAIL:
            return None if _EMAIL.fullmatch(address) else "须是电子邮件地址。"
        case ChannelKind.WEBHOOK:
            return _webhook_flaw(address, egress)
        case ChannelKind.APPRISE:
            plugin = _plugin(address)
            if plugin is None or address.partition(":")[0].lower() in _LOCAL_SERVICES:
                return "须是 `apprise` 支持的服务地址。"
            barred = _barred(getattr(plugin, "host", None) or "", egress)
            return _BARRED[barred] if barred else None
        case _:
            assert_never(kind)


def _webhook_flaw(address: str, egress: Egress) -> str | None:
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "须是 URL。"
    if not host or parts.username is not None or not address.isascii() or not address.isprintable() or " " in address:
        return "须是不带用户名和密码的 `https` 地址。"
    if barred := _barred(host, egress):
        return _BARRED[barred]
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_of_this_machine(host)):
        return "须是 `https` 地址。"
    return None


def signing_secret_flaw(secret: str) -> str | None:
    """Why a webhook cannot be signed with a secret, or None (Standard Webhooks: 24 to 64 bytes in Base64)."""
    prefix, _, coded = secret.partition("_")
    try:
        size = len(base64.b64decode(coded, validate=True)) if prefix == "whsec" else 0
    except ValueError:
        size = 0
    return None if 24 <= size <= 64 else "须是 `whsec_` 加上 24 至 64 个字节的 Base64。"


def disguised(kind: ChannelKind, address: str) -> str:
    """An address as its owner sees it again: what opens a service is left out."""
    if kind != ChannelKind.APPRISE:
        return address
    plugin = _plugin(address)
    return str(plugin.url(privacy=True)).partition("?")[0] if plugin is not None else "…"


def send(
    kind: ChannelKind, address: str, secret: str | None, delivery: Delivery, egress: Egress, *, now: datetime
) -> None:
    """Hand one message over; raises `NotDelivered`. Outside any transaction: it takes seconds."""
    try:
        match kind:
            case ChannelKind.WEBHOOK:
                _post(address, secret or "", delivery, egress, now)
            case ChannelKind.EMAIL:
                if not egress.smtp_url:
                    raise NotDelivered("no_mail_server")
                joined = "&" if "?" in egress.smtp_url else "?"
                _notify(f"{egress.smtp_url}{joined}to={quote(address)}", delivery)
            case ChannelKind.APPRISE:
                _notify(address, delivery)
            case _:
                assert_never(kind)
    except httpcore.ProtocolError:
        raise NotDelivered("no_answer") from None
    except (httpcore.NetworkError, httpcore.TimeoutException) as error:
        # What went wrong below says more: a refused connection, a certificate of somebody else.
        raise NotDelivered(type(error.__context__ or error).__name__) from None
    except (OSError, ValueError) as error:
        raise NotDelivered(type(error).__name__) from None


def _post(url: str, secret: str, delivery: Delivery, egress: Egress, now: datetime) -> None:
    """A webhook as Standard Webhooks has it: only a 2xx is a yes, and a redirect is not followed."""
    body = orjson.dumps(
        {
            "type": f"notification.{delivery.kind}",
            "timestamp": delivery.created_at.isoformat(),
            "data": {
                "notification_id": delivery.notification_id,
                "kind": delivery.kind,
                "street": delivery.street,
                "task_id": delivery.task_id,
                "text": delivery.text,
            },
        }
    )
    at = now.astimezone(UTC)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "tanfang",
        "webhook-id": str(delivery.delivery_id),
        "webhook-timestamp": str(math.floor(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(str(delivery.delivery_id), at, body.decode()),
    }
    with httpx.Client(transport=_Transport(egress), timeout=SECONDS, trust_env=False) as client:
        status = client.post(url, content=body, headers=headers).status_code
    if not 200 <= status <= 299:
        raise NotDelivered(f"http_{status}")


class _Transport(httpx.BaseTransport):
    """One request on one connection; of the answer nothing is kept but its status."""

    def __init__(self, egress: Egress) -> None:
        # Webhook addresses are secrets of their owners, and httpx writes each into its log.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        # The certificates this machine trusts: an office may sign those of its own servers.
        self._pool = httpcore.ConnectionPool(ssl.create_default_context(), network_backend=_Network(egress))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self._pool.stream(
            request.method,
            str(request.url),
            headers=request.headers.raw,
            content=request.read(),
            extensions=request.extensions,
        ) as answer:
            return httpx.Response(answer.status)

    def close(self) -> None:
        self._pool.close()


class _Network(httpcore.NetworkBackend):
    """Connects to addresses that were looked at, and not to their name: it may mean another machine the next time."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        for address in addresses:
            if barred := _barred(address, self._egress, name=host):
                raise NotDelivered(barred)
        *others, last = addresses
        for address in others:
            try:
                return _Stream(self._sockets.connect_tcp(address, port, timeout, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return _Stream(self._sockets.connect_tcp(last, port, timeout, local_address, socket_options))


class _Stream(httpcore.NetworkStream):
    """A connection whose answer has an end: who sends a byte a minute keeps nobody."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._ends: float | None = None

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._ends is None:
            self._ends = time.monotonic() + SECONDS
        return self._stream.read(max_bytes, max(0.001, self._ends - time.monotonic()))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def close(self) -> None:
        self._stream.close()


def _notify(url: str, delivery: Delivery) -> None:
    plugin = _plugin(url)
    if plugin is None:
        raise NotDelivered("unknown_service")
    plugin.redirects = False
    plugin.socket_connect_timeout = plugin.socket_read_timeout = SECONDS
    headers = getattr(plugin, "headers", None)
    if isinstance(headers, dict):
        headers["Idempotency-Key"] = str(delivery.delivery_id)
    body = delivery.text if delivery.task_id is None else f"{delivery.text}\n任务 {delivery.task_id}"
    if not plugin.notify(body=body, title=_TITLES.get(delivery.kind, _TITLE)):
        raise NotDelivered("not_accepted")


def _plugin(url: str) -> Any:
    # Imported when first needed: it knows 150 services, and most processes send nothing.
    from apprise import Apprise

    # Its log holds addresses and what the other side answered.
    logging.getLogger("apprise").disabled = True
    return Apprise.instantiate(url, suppress_exceptions=True)


def _barred(host: str, egress: Egress, *, name: str | None = None) -> str | None:
    """Why nothing may go to a host, or None; `name`: what was asked for, where `host` is what that name stands for."""
    if egress.sandbox:
        return None
    if _is_of_this_machine(host):
        return "own_machine"
    address = _address(host)
    if address is None or address.is_global or (name or host).lower() in egress.egress_hosts:
        return None
    return "private_net"


def _is_of_this_machine(host: str) -> bool:
    """Whether a host is this machine, or the link-local range in which clouds keep their secrets."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = _address(host)
    return address is not None and (address.is_loopback or address.is_link_local or address.is_unspecified)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a host is written as, or None for a name."""
    written = host.strip("[]").rstrip(".").lower()
    try:
        address = ipaddress.ip_address(written.partition("%")[0])
    except ValueError:
        try:
            # What resolvers also take for an address: 127.1, 2130706433, 0x7f.0.0.1.
            address = ipaddress.ip_address(socket.inet_aton(written))
        except (OSError, ValueError):
            return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
