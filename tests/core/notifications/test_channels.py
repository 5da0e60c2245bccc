"""What may be a way to somebody, and that nobody reads where it leads."""

import base64
from typing import Any

import pytest

from core.errors import Invalid
from core.notifications import channels, senders
from core.notifications.channels import Wanted
from core.notifications.senders import Egress
from core.organisation.users import User
from core.store import crypto
from core.store.words import ChannelKind
from tests.world import World

SECRET = "whsec_" + base64.b64encode(b"synthetic-secret-of-32-bytes-ok!").decode()


def replace(world: World, by: User, *wanted: Wanted) -> dict[str, Any]:
    egress = Egress(sandbox=False, smtp_url=None, egress_hosts=frozenset({"example.org"}))
    with world.database.transaction(by.scope) as session:
        return channels.replace(
            session, world.keys, wanted, digest=True, kinds=None, egress=egress, by=by, now=world.now
        )


KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"


@pytest.mark.parametrize(
    ("kind", "address", "is_sandbox", "is_fine"),
    [
        ("webhook", "https://hook.example.org/hook", False, True),
        ("webhook", "https://HOOK.example.org/hook", False, True),
        ("webhook", "https://example.org/hook", False, False),
        ("webhook", "https://example.org/hook", True, False),
        ("webhook", "http://hook.example.org/hook", True, False),
        ("webhook", "http://127.0.0.1:8080/hook", True, True),
        ("webhook", "http://[::1]/hook", True, True),
        ("webhook", "https://127.0.0.1/hook", False, False),
        ("webhook", "https://2130706433/hook", False, False),
        ("webhook", "https://[::ffff:127.0.0.1]/hook", False, False),
        ("webhook", "https://169.254.169.254/latest", False, False),
        ("webhook", "http://169.254.169.254/latest", True, False),
        ("webhook", "https://localhost/hook", False, False),
        ("webhook", "https://10.0.0.7/hook", False, False),
        ("webhook", "https://10.0.0.8/hook", False, True),
        ("webhook", "https://[fd00::7]/hook", False, False),
        ("webhook", "https://[::ffff:a00:7]/hook", False, False),
        ("webhook", "https://user:password@hook.example.org/hook", False, False),
        ("webhook", "https://hook.example.org@evil.example/hook", False, False),
        ("webhook", "ftp://hook.example.org/hook", True, False),
        ("webhook", "https://hook.exa mple.org/\r\nX: 1", True, False),
        ("webhook", "https://hook.example.org:99999/", True, False),
        ("email", "advisor@example.org", False, True),
        ("email", "advisor@example.org,other@example.org", False, False),
        ("email", "advisor", False, False),
        ("wecom", KEY, False, True),
        ("wecom", f"{KEY}&debug=1", False, False),
        ("wecom", "https://example.org/?key=12345678", False, False),
        ("feishu", KEY, False, True),
        ("feishu", "../../elsewhere", False, False),
        ("dingtalk", "a" * 64, False, True),
        ("dingtalk", "a" * 64 + "?template=file:///etc/passwd", False, False),
        ("sms", "13800000000", False, True),
        ("sms", "+8613800000000", False, False),
        ("apprise", "dingtalk://aaaaaaaaaaaaaaaaaaaa", True, False),
    ],
)
def test_only_what_can_be_reached_and_may_be_is_a_channel(
    kind: str, address: str, is_sandbox: bool, is_fine: bool
) -> None:
    allowed = frozenset({"10.0.0.8", "hook.example.org"})
    egress = Egress(is_sandbox, None, egress_hosts=allowed, sms_url="https://sms.example.org")
    assert (senders.flaw(ChannelKind(kind), address, egress) is None) is is_fine


def test_without_a_gateway_nobody_gets_short_messages() -> None:
    assert "短信网关" in (senders.flaw(ChannelKind.SMS, "13800000000", Egress(False, None)) or "")


@pytest.mark.parametrize(
    ("kind", "secret", "is_fine"),
    [
        ("webhook", SECRET, True),
        ("webhook", "SEC0123456789", False),
        ("dingtalk", "SEC0123456789abcdef", True),
        ("dingtalk", SECRET, False),
        ("wecom", "SEC0123456789abcdef", False),
        ("sms", SECRET, False),
    ],
)
def test_webhooks_and_bots_of_dingtalk_alone_have_secrets_each_of_its_own_form(
    kind: str, secret: str, is_fine: bool
) -> None:
    assert (senders.secret_flaw(ChannelKind(kind), secret) is None) is is_fine


def test_addresses_and_secrets_are_sealed_to_their_owner_and_channel(world: World) -> None:
    owner, other = world.user(), world.user()
    mine = Wanted(None, ChannelKind.WEBHOOK, "https://example.org/hook?token=top-secret", SECRET)
    [channel] = replace(world, owner, mine)["channels"]
    [row] = world.rows("SELECT * FROM notification_channel")
    assert b"top-secret" not in row.address
    assert SECRET.encode() not in row.secret
    with pytest.raises(crypto.SealBroken):
        channels.opened(world.keys, other.user_id, channel["channel_id"], row.address, row.secret)
    with pytest.raises(Invalid):
        replace(world, other, Wanted(channel["channel_id"], ChannelKind.WEBHOOK, "https://example.org/", None))
