"""What carries a message out of the house: signed webhooks, e-mail, and the services that apprise knows."""

import base64
import ipaddress
import logging
import math
import re
import socket
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final
from urllib.parse import quote, urlsplit
from uuid import UUID

import orjson
from standardwebhooks import Webhook

SECONDS: Final = 5.0  # For each of: connecting, the answer.
_MOST_HEAD_BYTES: Final = 4096
_EMAIL: Final = re.compile(r"[^@\s,;<>\"]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)
# Services of the machine on which the relay runs: nobody sits in front of it.
_LOCAL_SERVICES: Final = frozenset({"dbus", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows"})
_TITLES: Final = {"digest": "探访关爱：每日提醒"}
_TITLE: Final = "探访关爱：任务提醒"


@dataclass(frozen=True, slots=True)
class Ways:
    """What the operator lets a message take: a mail server, and in a sandbox addresses of this very machine."""

    sandbox: bool
    smtp_url: str | None


@dataclass(frozen=True, slots=True)
class Letter:
    """One message for one channel; `delivery_id` is the same at every attempt."""

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


def flaw(kind: str, address: str, ways: Ways) -> str | None:
    """Why nothing can be sent to an address of this kind, or None."""
    match kind:
        case "email":
            return None if _EMAIL.fullmatch(address) else "须是电子邮件地址。"
        case "webhook":
            return _webhook_flaw(address, ways)
        case _:
            plugin = _plugin(address)
            if plugin is None or address.partition(":")[0].lower() in _LOCAL_SERVICES:
                return "须是 `apprise` 支持的服务地址。"
            if not ways.sandbox and _is_of_this_machine(getattr(plugin, "host", None) or ""):
                return "不能是本机的地址。"
            return None


def _webhook_flaw(address: str, ways: Ways) -> str | None:
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "须是 URL。"
    own = _is_of_this_machine(host)
    if not host or parts.username is not None or not address.isascii() or not address.isprintable() or " " in address:
        return "须是不带用户名和密码的 `https` 地址。"
    if own and not ways.sandbox:
        return "不能是本机的地址。"
    if parts.scheme != "https" and not (parts.scheme == "http" and own):
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


def disguised(kind: str, address: str) -> str:
    """An address as its owner sees it again: what opens a service is left out."""
    if kind != "apprise":
        return address
    plugin = _plugin(address)
    return str(plugin.url(privacy=True)).partition("?")[0] if plugin is not None else "…"


def send(kind: str, address: str, secret: str | None, letter: Letter, ways: Ways, *, now: datetime) -> None:
    """Hand one message over; raises `NotDelivered`. Outside any transaction: it takes seconds."""
    try:
        if kind == "webhook":
            _post(address, secret or "", letter, ways, now)
        elif kind == "email":
            if not ways.smtp_url:
                raise NotDelivered("no_mail_server")
            joined = "&" if "?" in ways.smtp_url else "?"
            _notify(f"{ways.smtp_url}{joined}to={quote(address)}", letter)
        else:
            _notify(address, letter)
    except (OSError, HTTPException, ValueError) as error:
        raise NotDelivered(type(error).__name__) from None


def _post(url: str, secret: str, letter: Letter, ways: Ways, now: datetime) -> None:
    """A webhook as Standard Webhooks has it: only a 2xx is a yes, and a redirect is not followed."""
    body = orjson.dumps(
        {
            "type": f"notification.{letter.kind}",
            "timestamp": letter.created_at.isoformat(),
            "data": {
                "notification_id": letter.notification_id,
                "kind": letter.kind,
                "street": letter.street,
                "task_id": letter.task_id,
                "text": letter.text,
            },
        }
    )
    at = now.astimezone(UTC)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "tanfang",
        "Connection": "close",
        "webhook-id": str(letter.delivery_id),
        "webhook-timestamp": str(math.floor(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(str(letter.delivery_id), at, body.decode()),
    }
    parts = urlsplit(url)
    connection: HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = HTTPSConnection(parts.hostname or "", parts.port, timeout=SECONDS, context=context)
    else:
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=SECONDS)
    try:
        connection.connect()
        # Asked of the connection and not of the name: a name may mean another machine the next time.
        if not ways.sandbox and _is_of_this_machine(str(connection.sock.getpeername()[0])):
            raise NotDelivered("own_machine")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, headers)
        status = _status(connection.sock)
    finally:
        connection.close()
    if not 200 <= status <= 299:
        raise NotDelivered(f"http_{status}")


def _status(sock: socket.socket) -> int:
    """The status of an answer, of which nothing else is read: who answers a byte a minute keeps nobody."""
    ends = time.monotonic() + SECONDS
    head = b""
    while b"\n" not in head and len(head) < _MOST_HEAD_BYTES:
        sock.settimeout(max(0.001, ends - time.monotonic()))
        piece = sock.recv(1024)
        if not piece:
            break
        head += piece
    found = re.match(rb"HTTP/1\.[01] (\d{3})\b", head)
    if found is None:
        raise NotDelivered("no_answer")
    return int(found[1])


def _notify(url: str, letter: Letter) -> None:
    plugin = _plugin(url)
    if plugin is None:
        raise NotDelivered("unknown_service")
    plugin.redirects = False
    plugin.socket_connect_timeout = plugin.socket_read_timeout = SECONDS
    headers = getattr(plugin, "headers", None)
    if isinstance(headers, dict):
        headers["Idempotency-Key"] = str(letter.delivery_id)
    body = letter.text if letter.task_id is None else f"{letter.text}\n任务 {letter.task_id}"
    if not plugin.notify(body=body, title=_TITLES.get(letter.kind, _TITLE)):
        raise NotDelivered("not_accepted")


def _plugin(url: str) -> Any:
    # Imported when first needed: it knows 150 services, and most processes send nothing.
    from apprise import Apprise

    # Its log holds addresses and what the other side answered.
    logging.getLogger("apprise").disabled = True
    return Apprise.instantiate(url, suppress_exceptions=True)


def _is_of_this_machine(host: str) -> bool:
    """Whether a host is this machine, or the link-local range in which clouds keep their secrets."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        try:
            # What resolvers also take for an address: 127.1, 2130706433, 0x7f.0.0.1.
            address = ipaddress.ip_address(socket.inet_aton(name))
        except (OSError, ValueError):
            return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_loopback or address.is_link_local or address.is_unspecified
