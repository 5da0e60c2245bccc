"""What carries a message out of the house: signed webhooks, e-mail, bots of three services, a gateway for messages.

People give a typed field of a kind; the one address of their own making is a webhook's, whose host the operator allows.
"""

import base64
import hmac
import ipaddress
import logging
import math
import re
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
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
_BOT_KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,128}", re.ASCII)
_MOBILE: Final = re.compile(r"1\d{10}", re.ASCII)
_BOT_SECRET: Final = re.compile(r"SEC[A-Za-z0-9]{8,128}", re.ASCII)
_MOST_ANSWER: Final = 65_536
_WECOM_BYTES: Final = 2_000  # The service takes 2,048 of a text.
_TITLES: Final = {"digest": "探访关爱：每日提醒"}
_TITLE: Final = "探访关爱：任务提醒"


@dataclass(frozen=True, slots=True)
class Egress:
    """What the operator lets a message take: a mail server, services, hosts of webhooks, in a sandbox this machine."""

    sandbox: bool
    smtp_url: str | None
    egress_hosts: frozenset[str] = frozenset()
    wecom_url: str = ""
    feishu_url: str = ""
    dingtalk_url: str = ""
    sms_url: str | None = None
    sms_secret: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> "Egress":
        return cls(
            settings.sandbox,
            settings.smtp_url,
            settings.egress_hosts,
            settings.wecom_url,
            settings.feishu_url,
            settings.dingtalk_url,
            settings.sms_url,
            settings.sms_secret,
        )

    def is_allowed(self, host: str) -> bool:
        """Whether the operator lets webhooks go to a host; this machine is a sandbox's own."""
        return host.lower() in self.egress_hosts or (self.sandbox and _is_loopback(host))

    def is_own(self, host: str) -> bool:
        """Whether the operator named a host, which may then lie in the house's own net."""
        set_up = (self.wecom_url, self.feishu_url, self.dingtalk_url, self.sms_url)
        return self.is_allowed(host) or host.lower() in {urlsplit(url).hostname for url in set_up if url}


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
    """Why nothing can be sent to what somebody gave of this kind, or None."""
    match kind:
        case ChannelKind.EMAIL:
            return None if _EMAIL.fullmatch(address) else "须是电子邮件地址。"
        case ChannelKind.WEBHOOK:
            return _webhook_flaw(address, egress)
        case ChannelKind.WECOM | ChannelKind.FEISHU | ChannelKind.DINGTALK:
            return None if _BOT_KEY.fullmatch(address) else "须是机器人地址末尾的那一串字母和数字。"
        case ChannelKind.SMS:
            if egress.sms_url is None:
                return "还没有短信网关，请由运维人员先设置。"
            return None if _MOBILE.fullmatch(address) else "须是 11 位手机号码。"
        case ChannelKind.APPRISE:
            return "这种渠道不再提供，请改用别的种类。"
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
    if not egress.is_allowed(host):
        return "消息不能发往这台主机，须由运维人员先允许（`TANFANG_EGRESS_HOSTS`）。"
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        return "须是 `https` 地址。"
    return None


def secret_flaw(kind: ChannelKind, secret: str) -> str | None:
    """Why a channel of this kind cannot have a secret, or None."""
    match kind:
        case ChannelKind.WEBHOOK:
            return _signing_secret_flaw(secret)
        case ChannelKind.DINGTALK:
            return None if _BOT_SECRET.fullmatch(secret) else "须是机器人“加签”的密钥，以 `SEC` 开头。"
        case ChannelKind.EMAIL | ChannelKind.WECOM | ChannelKind.FEISHU | ChannelKind.SMS | ChannelKind.APPRISE:
            return "只有 `webhook` 和 `dingtalk` 才有密钥。"
        case _:
            assert_never(kind)


def _signing_secret_flaw(secret: str) -> str | None:
    """Standard Webhooks: 24 to 64 bytes in Base64."""
    prefix, _, coded = secret.partition("_")
    try:
        size = len(base64.b64decode(coded, validate=True)) if prefix == "whsec" else 0
    except ValueError:
        size = 0
    return None if 24 <= size <= 64 else "须是 `whsec_` 加上 24 至 64 个字节的 Base64。"


def disguised(kind: ChannelKind, address: str) -> str:
    """What its owner gave, as they see it again: what opens a service is left out but for its end."""
    match kind:
        case ChannelKind.EMAIL | ChannelKind.WEBHOOK | ChannelKind.SMS:
            return address
        case ChannelKind.WECOM | ChannelKind.FEISHU | ChannelKind.DINGTALK:
            return f"…{address[-4:]}"
        case ChannelKind.APPRISE:
            return "…"
        case _:
            assert_never(kind)


def send(
    kind: ChannelKind, address: str, secret: str | None, delivery: Delivery, egress: Egress, *, now: datetime
) -> None:
    """Hand one message over; raises `NotDelivered`. Outside any transaction: it takes seconds."""
    try:
        match kind:
            case ChannelKind.WEBHOOK:
                if not egress.is_allowed(urlsplit(address).hostname or ""):
                    raise NotDelivered("host_not_allowed")
                _post(address, _signed(_webhook_body(delivery), secret, delivery, now), egress)
            case ChannelKind.EMAIL:
                _mail(address, delivery, egress)
            case ChannelKind.WECOM:
                words = {"content": _cut(_words(delivery), _WECOM_BYTES)}
                url = f"{egress.wecom_url}/cgi-bin/webhook/send?key={quote(address)}"
                _ask(url, {"msgtype": "text", "text": words}, egress)
            case ChannelKind.FEISHU:
                url = f"{egress.feishu_url}/open-apis/bot/v2/hook/{quote(address)}"
                _ask(url, {"msg_type": "text", "content": {"text": _words(delivery)}}, egress)
            case ChannelKind.DINGTALK:
                proof = _dingtalk_proof(secret, now) if secret else ""
                url = f"{egress.dingtalk_url}/robot/send?access_token={quote(address)}{proof}"
                _ask(url, {"msgtype": "text", "text": {"content": _words(delivery)}}, egress)
            case ChannelKind.SMS:
                if not egress.sms_url:
                    raise NotDelivered("no_sms_gateway")
                text = orjson.dumps({"number": address, "text": _words(delivery)})
                _post(egress.sms_url, _signed(text, egress.sms_secret, delivery, now), egress)
            case ChannelKind.APPRISE:
                raise NotDelivered("withdrawn")
            case _:
                assert_never(kind)
    except httpcore.ProtocolError:
        raise NotDelivered("no_answer") from None
    except (httpcore.NetworkError, httpcore.TimeoutException) as error:
        # What went wrong below says more: a refused connection, a certificate of somebody else.
        raise NotDelivered(type(error.__context__ or error).__name__) from None
    except (OSError, ValueError) as error:
        raise NotDelivered(type(error).__name__) from None


@dataclass(frozen=True, slots=True)
class _Request:
    body: bytes
    headers: dict[str, str]


def _webhook_body(delivery: Delivery) -> bytes:
    return orjson.dumps(
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


def _signed(body: bytes, secret: str | None, delivery: Delivery, now: datetime) -> _Request:
    """A request as Standard Webhooks has it; a gateway without a secret gets it unsigned."""
    at = now.astimezone(UTC)
    headers = {
        "webhook-id": str(delivery.delivery_id),
        "webhook-timestamp": str(math.floor(at.timestamp())),
    }
    if secret:
        headers["webhook-signature"] = Webhook(secret).sign(str(delivery.delivery_id), at, body.decode())
    return _Request(body, headers)


def _ask(url: str, said: Mapping[str, object], egress: Egress) -> None:
    """Tell a bot something; its service answers 200 also when it took nothing, and says so in the body."""
    answer = _post(url, _Request(orjson.dumps(said), {}), egress, is_read=True)
    told = orjson.loads(answer)
    code = told.get("errcode", told.get("code")) if isinstance(told, dict) else None
    if code != 0:
        raise NotDelivered(f"service_{code}" if isinstance(code, int) else "not_accepted")


def _dingtalk_proof(secret: str, now: datetime) -> str:
    """What proves to DingTalk that the sender knows a bot's secret (HMAC-SHA256 over time and secret)."""
    milliseconds = math.floor(now.timestamp() * 1000)
    digest = hmac.digest(secret.encode(), f"{milliseconds}\n{secret}".encode(), "sha256")
    return f"&timestamp={milliseconds}&sign={quote(base64.b64encode(digest), safe='')}"


def _post(url: str, request: _Request, egress: Egress, *, is_read: bool = False) -> bytes:
    """Only a 2xx is a yes, and a redirect is not followed; returns the beginning of the answer where it is read."""
    headers = {"Content-Type": "application/json", "User-Agent": "tanfang", **request.headers}
    with httpx.Client(transport=_Transport(egress, is_read=is_read), timeout=SECONDS, trust_env=False) as client:
        answer = client.post(url, content=request.body, headers=headers)
    if not 200 <= answer.status_code <= 299:
        raise NotDelivered(f"http_{answer.status_code}")
    return answer.content


def _words(delivery: Delivery) -> str:
    title = _TITLES.get(delivery.kind, _TITLE)
    return f"{title}\n{delivery.text}" + ("" if delivery.task_id is None else f"\n任务 {delivery.task_id}")


def _cut(text: str, most_bytes: int) -> str:
    """The beginning of a text, whole characters only, where it is longer than a service takes."""
    coded = text.encode()
    return text if len(coded) <= most_bytes else coded[: most_bytes - 3].decode(errors="ignore") + "…"


class _Transport(httpx.BaseTransport):
    """One request on one connection; of the answer its status is kept, and its beginning where it is read."""

    def __init__(self, egress: Egress, *, is_read: bool) -> None:
        self._is_read = is_read
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
            content = _beginning(answer.iter_stream()) if self._is_read else b""
            return httpx.Response(answer.status, content=content)

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


def _beginning(pieces: Iterable[bytes]) -> bytes:
    found = bytearray()
    for piece in pieces:
        found += piece
        if len(found) >= _MOST_ANSWER:
            break
    return bytes(found[:_MOST_ANSWER])


def _mail(address: str, delivery: Delivery, egress: Egress) -> None:
    """Hand a letter to the operator's mail server."""
    # Imported when first needed: it knows 150 services, and most processes send nothing.
    from apprise import Apprise

    if not egress.smtp_url:
        raise NotDelivered("no_mail_server")
    # Its log holds addresses and what the other side answered.
    logging.getLogger("apprise").disabled = True
    joined = "&" if "?" in egress.smtp_url else "?"
    server: Any = Apprise.instantiate(f"{egress.smtp_url}{joined}to={quote(address)}", suppress_exceptions=True)
    if server is None:
        raise NotDelivered("no_mail_server")
    server.socket_connect_timeout = server.socket_read_timeout = SECONDS
    headers = getattr(server, "headers", None)
    if isinstance(headers, dict):
        headers["Idempotency-Key"] = str(delivery.delivery_id)
    body = delivery.text if delivery.task_id is None else f"{delivery.text}\n任务 {delivery.task_id}"
    if not server.notify(body=body, title=_TITLES.get(delivery.kind, _TITLE)):
        raise NotDelivered("not_accepted")


def _barred(address: str, egress: Egress, *, name: str) -> str | None:
    """Why nothing may go to the address that a host's name stands for, or None."""
    if _is_of_this_machine(address):
        return None if egress.sandbox and _is_loopback(address) else "own_machine"
    written = _address(address)
    if written is None or written.is_global or egress.is_own(name):
        return None
    return "private_net"


def _is_loopback(host: str) -> bool:
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def _is_of_this_machine(host: str) -> bool:
    """Whether a host is this machine, or the link-local range in which clouds keep their secrets."""
    address = _address(host)
    return _is_loopback(host) or (address is not None and (address.is_link_local or address.is_unspecified))


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
