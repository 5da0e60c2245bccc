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
from tests.world import World

SECRET = "whsec_" + base64.b64encode(b"synthetic-secret-of-32-bytes-ok!").decode()


def replace(world: World, by: User, *wanted: Wanted) -> dict[str, Any]:
    egress = Egress(sandbox=False, smtp_url=None)
    with world.database.transaction(by.scope) as session:
        return channels.replace(
            session, world.keys, wanted, digest=True, kinds=None, egress=egress, by=by, now=world.now
        )


@pytest.mark.parametrize(
    ("kind", "address", "is_sandbox", "is_fine"),
    [
        ("webhook", "https://example.org/hook", False, True),
        ("webhook", "http://example.org/hook", True, False),
        ("webhook", "http://127.0.0.1:8080/hook", True, True),
        ("webhook", "http://[::1]/hook", True, True),
        ("webhook", "https://127.0.0.1/hook", False, False),
        ("webhook", "https://2130706433/hook", False, False),
        ("webhook", "https://[::ffff:127.0.0.1]/hook", False, False),
        ("webhook", "https://169.254.169.254/latest", False, False),
        ("webhook", "https://localhost/hook", False, False),
        ("webhook", "https://10.0.0.7/hook", False, False),
        ("webhook", "https://10.0.0.8/hook", False, True),
        ("webhook", "https://[fd00::7]/hook", False, False),
        ("webhook", "https://[::ffff:a00:7]/hook", False, False),
        ("webhook", "https://user:password@example.org/hook", False, False),
        ("webhook", "ftp://example.org/hook", True, False),
        ("webhook", "https://exa mple.org/\r\nX: 1", True, False),
        ("webhook", "https://example.org:99999/", True, False),
        ("email", "advisor@example.org", False, True),
        ("email", "advisor@example.org,other@example.org", False, False),
        ("email", "advisor", False, False),
        ("apprise", "dingtalk://aaaaaaaaaaaaaaaaaaaa", False, True),
        ("apprise", "wecombot://bot-key", False, True),
        ("apprise", "nothing://example.org", False, False),
        ("apprise", "syslog://", True, False),
        ("apprise", "json://localhost:8080/", True, True),
        ("apprise", "json://localhost:8080/", False, False),
    ],
)
def test_only_what_can_be_reached_and_may_be_is_a_channel(
    kind: str, address: str, is_sandbox: bool, is_fine: bool
) -> None:
    egress = Egress(is_sandbox, None, egress_hosts=frozenset({"10.0.0.8"}))
    assert (senders.flaw(kind, address, egress) is None) is is_fine


def test_addresses_and_secrets_are_sealed_to_their_owner_and_channel(world: World) -> None:
    owner, other = world.user(), world.user()
    mine = Wanted(None, "webhook", "https://example.org/hook?token=top-secret", SECRET)
    [channel] = replace(world, owner, mine)["channels"]
    [row] = world.rows("SELECT * FROM notification_channel")
    assert b"top-secret" not in row.address
    assert SECRET.encode() not in row.secret
    with pytest.raises(crypto.SealBroken):
        channels.opened(world.keys, other.user_id, channel["channel_id"], row.address, row.secret)
    with pytest.raises(Invalid):
        replace(world, other, Wanted(channel["channel_id"], "webhook", "https://example.org/", None))
