"""Who hears of what through which channel: at least once and under one key."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from email import message_from_string
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from cli import doctor
from core import clock
from core.notifications import channels, outbox, relay
from core.notifications.senders import Egress
from core.organisation.users import User
from core.settings import Settings
from tests.behind import behind
from tests.core.notifications.telling import EDGE, NOWHERE, SECRET, deliver, deliveries, neglected, wants
from tests.receivers import Receiver, mail_receiver
from tests.world import World

# What is sent


def test_a_message_reaches_a_webhook_signed_and_without_personal_data(
    world: World, advisor: User, receiver: Receiver
) -> None:
    wants(world, advisor, f"{receiver.url}/hook?token=1")
    resident = neglected(world)
    assert deliver(world) == 1
    [got] = receiver.got
    [row] = deliveries(world)
    assert (row.state, row.attempts, row.last_error) == ("sent", 1, None)
    assert got.path == "/hook?token=1"
    assert got.headers["webhook-id"] == str(row.delivery_id)
    verified = Webhook(SECRET).verify(got.body, got.headers)
    assert verified["type"] == "notification.escalation"
    assert verified["data"]["task_id"] == str(resident.task.task_id)
    assert "第1级提醒" in verified["data"]["text"]
    for personal in (resident.id_number, "测试", str(resident.id), advisor.username):
        assert personal not in got.body.decode()
    assert deliver(world, later=timedelta(days=1)) == 0


@pytest.mark.parametrize(
    ("kind", "path", "taken", "refused"),
    [
        ("wecom", "/cgi-bin/webhook/send?key=0123456789", b'{"errcode":0}', b'{"errcode":93000,"errmsg":"invalid"}'),
        ("feishu", "/open-apis/bot/v2/hook/0123456789", b'{"code":0}', b'{"code":19001}'),
        ("dingtalk", "/robot/send?access_token=0123456789", b'{"errcode":0}', b'{"errcode":310000}'),
    ],
)
def test_a_bot_has_it_only_when_its_service_says_so_in_its_answer(
    world: World, advisor: User, receiver: Receiver, kind: str, path: str, taken: bytes, refused: bytes
) -> None:
    egress = Egress(
        sandbox=True, smtp_url=None, wecom_url=receiver.url, feishu_url=receiver.url, dingtalk_url=receiver.url
    )
    receiver.status, receiver.answer = 200, refused
    wants(world, advisor, "0123456789", kind=kind)
    neglected(world)
    assert deliver(world, egress=egress) == 1
    assert deliveries(world)[0].last_error.startswith("service_")
    receiver.answer = taken
    assert deliver(world, later=timedelta(minutes=10), egress=egress) == 1
    assert deliveries(world)[0].state == "sent"
    assert [got.path for got in receiver.got] == [path, path]
    assert "第1级提醒" in str(receiver.got[0].json)


def test_a_short_message_goes_to_the_operators_gateway_signed(world: World, advisor: User, receiver: Receiver) -> None:
    egress = Egress(sandbox=True, smtp_url=None, sms_url=f"{receiver.url}/sms", sms_secret=SECRET)
    wants(world, advisor, "13800000000", kind="sms", egress=egress)
    neglected(world)
    assert deliver(world, egress=egress) == 1
    [got] = receiver.got
    said = Webhook(SECRET).verify(got.body, got.headers)
    assert (got.path, said["number"]) == ("/sms", "13800000000")
    assert "第1级提醒" in said["text"]


def test_a_mail_goes_through_the_operators_server(world: World, advisor: User) -> None:
    with mail_receiver() as (url, letters):
        wants(world, advisor, "advisor@example.org", kind="email")
        neglected(world)
        deliver(world)
        assert deliveries(world)[0].last_error == "no_mail_server"
        deliver(world, later=timedelta(minutes=10), egress=Egress(sandbox=True, smtp_url=url))
    [row] = deliveries(world)
    assert row.state == "sent"
    letter = message_from_string(letters[0])
    assert "advisor@example.org" in str(letter["To"])
    assert letter["Idempotency-Key"] == str(row.delivery_id)


def test_a_user_without_channels_costs_no_delivery(world: World, advisor: User) -> None:
    neglected(world)
    assert deliveries(world) == []
    with world.database.transaction(advisor.scope) as session:
        assert channels.shown(session, world.keys, by=advisor) == {
            "channels": [],
            "digest": True,
            "kinds": list(outbox.KINDS),
        }


def test_only_the_kinds_somebody_asked_for_are_sent(world: World, advisor: User, receiver: Receiver) -> None:
    wants(world, advisor, receiver.url, kinds=["joined"])
    resident = neglected(world)
    assert deliveries(world) == []
    world.send("change.emergency", resident, happened_on="2026-03-24")
    deliver(world)
    assert [got.json["data"]["kind"] for got in receiver.got] == ["joined"]


def test_whoever_is_given_work_at_night_is_told_outside_when_people_are_at_work(world: World, advisor: User) -> None:
    wants(world, advisor, NOWHERE, kinds=["assigned"])
    # A Friday evening: work begins again on Monday at nine.
    world.business.at = clock.at(date(2026, 3, 20), 22)
    world.register(EDGE)
    [row] = deliveries(world)
    wait = row.next_try_at - clock.real_now()
    assert timedelta(hours=58, minutes=55) < wait <= timedelta(hours=59)
    assert deliver(world) == 0
    assert deliver(world, later=timedelta(hours=59)) == 1


# At least once


def test_a_relay_killed_between_sending_and_noting_sends_again_under_the_same_key(
    world: World, advisor: User, receiver: Receiver, key_folder: Path
) -> None:
    wants(world, advisor, receiver.url)
    neglected(world)
    program = (
        "import sys, pathlib; from core import clock; from core.notifications import relay;"
        " from core.notifications.senders import Egress; from core.store import crypto;"
        " from core.store.database import Database; relay.deliver_due(Database(sys.argv[1]),"
        " crypto.load_keys(pathlib.Path(sys.argv[2])), Egress(sandbox=True, smtp_url=None), now=clock.real_now())"
    )
    killed = subprocess.Popen([sys.executable, "-c", program, world.database.url, str(key_folder)])
    receiver.before = lambda: os.kill(killed.pid, signal.SIGKILL)
    assert killed.wait(30) == -signal.SIGKILL
    receiver.before = lambda: None
    [row] = deliveries(world)
    assert (row.state, row.attempts) == ("pending", 1)
    # The dead relay's lease is respected, and then over.
    assert deliver(world) == 0
    assert deliver(world, later=relay.LEASE + timedelta(seconds=5)) == 1
    assert receiver.ids == [str(row.delivery_id)] * 2
    assert [(row.state, row.attempts) for row in deliveries(world)] == [("sent", 2)]


def test_two_relays_send_what_is_due_once(world: World, advisor: User, receiver: Receiver) -> None:
    wants(world, advisor, *(f"{receiver.url}/{number}" for number in range(6)))
    neglected(world)
    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(lambda _: deliver(world), range(4))) == 6
    assert len(receiver.got) == len(set(receiver.ids)) == 6


def test_a_silent_channel_is_asked_ever_more_rarely_and_then_given_up(
    world: World, advisor: User, key_folder: Path, valkey_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wants(world, advisor, NOWHERE)
    neglected(world)
    later, pauses = timedelta(), []
    for attempt in range(1, relay.MOST_ATTEMPTS + 1):
        assert deliver(world, later=later) == 1
        assert deliver(world, later=later) == 0
        [row] = deliveries(world)
        assert (row.attempts, row.last_error) == (attempt, "ConnectionRefusedError")
        pause = row.next_try_at - clock.real_now() - later
        pauses.append(pause)
        later += pause + timedelta(seconds=10)
    assert row.state == "failed"
    assert deliver(world, later=later + timedelta(days=30)) == 0
    usual = [min(relay.FIRST_PAUSE * 2**number, relay.LONGEST_PAUSE) for number in range(relay.MOST_ATTEMPTS - 1)]
    assert all(abs(pause / expected - 1) < 0.25 for pause, expected in zip(pauses, usual, strict=False))
    assert not capsys.readouterr().out
    settings = Settings(database_url=world.database.url, redis_url=valkey_url, keys=key_folder)
    doctor.examine(settings)
    told = capsys.readouterr().out
    assert "1 个 webhook 渠道自" in told
    assert "ConnectionRefusedError；0 条在途，1 条已放弃" in told


def test_a_silent_channel_keeps_nobody_else_waiting_and_is_asked_once(
    world: World, advisor: User, receiver: Receiver
) -> None:
    wants(world, advisor, NOWHERE, receiver.url)
    neglected(world, until=date(2026, 3, 30))
    assert deliver(world) == 2
    # The second message goes to the one that answers; the silent one has its pause.
    assert deliver(world) == 1
    assert deliver(world) == 0
    assert len(receiver.got) == 2
    assert sorted(row.state for row in deliveries(world)) == ["pending", "pending", "sent", "sent"]


def test_a_channel_that_answers_again_gets_everything_that_waited(
    world: World, advisor: User, receiver: Receiver
) -> None:
    receiver.status = 503
    [channel] = wants(world, advisor, receiver.url)
    neglected(world, until=date(2026, 3, 30))
    deliver(world)
    [row] = world.rows("SELECT * FROM notification_channel WHERE channel_id = :id", id=channel["channel_id"])
    assert (row.failures, row.last_error) == (1, "http_503")
    receiver.status = 204
    while deliver(world, later=timedelta(minutes=10)):
        pass
    assert {row.state for row in deliveries(world)} == {"sent"}
    [row] = world.rows("SELECT * FROM notification_channel WHERE channel_id = :id", id=channel["channel_id"])
    assert (row.failures, row.failing_since, row.retry_at, row.last_error) == (0, None, None, None)


def test_a_redirect_is_no_yes_and_is_not_followed(world: World, advisor: User, receiver: Receiver) -> None:
    receiver.status = 307
    wants(world, advisor, receiver.url)
    neglected(world)
    deliver(world)
    assert [got.path for got in receiver.got] == ["/"]
    assert deliveries(world)[0].last_error == "http_307"


def test_nothing_is_sent_to_this_machine_outside_a_sandbox(world: World, advisor: User, receiver: Receiver) -> None:
    wants(world, advisor, receiver.url)
    neglected(world)
    deliver(world, egress=Egress(sandbox=False, smtp_url=None, egress_hosts=frozenset({"127.0.0.1"})))
    assert receiver.got == []
    assert deliveries(world)[0].last_error == "own_machine"


def test_what_waits_for_a_removed_channel_or_a_closed_account_is_not_sent(
    world: World, advisor: User, receiver: Receiver
) -> None:
    wants(world, advisor, receiver.url)
    neglected(world)
    wants(world, advisor)
    assert deliveries(world) == []
    wants(world, advisor, receiver.url)
    world.go_to(date(2026, 3, 30))
    with behind(world.database.url) as connection:
        connection.exec_driver_sql("UPDATE user_account SET active = false")
    assert deliver(world) == 0
    assert [(row.state, row.last_error) for row in deliveries(world)] == [("failed", "recipient_gone")]
