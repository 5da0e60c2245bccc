"""Who hears of what through which channel: at least once and under one key, or summed up once a morning."""

import base64
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from email import message_from_string
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from cli import doctor
from core import clock
from core.heartbeat import sandbox, sweep
from core.notifications import channels, relay
from core.notifications.channels import Wanted
from core.notifications.senders import Egress
from core.organisation import streets
from core.organisation.users import SHELL, User
from core.settings import Settings
from core.store import crypto
from core.store.business import Business
from core.store.crypto import Keys
from tests.behind import behind
from tests.receivers import Receiver, http_receiver, mail_receiver
from tests.world import COMMITTEE, STREET, Person, World

EDGE = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}
SECRET = "whsec_" + base64.b64encode(b"synthetic-secret-of-32-bytes-ok!").decode()
EGRESS = Egress(sandbox=True, smtp_url=None)
NOWHERE = "http://127.0.0.1:1/hook"


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notification-keys")


@pytest.fixture
def keys(key_folder: Path) -> Keys:
    return crypto.ensure_keys(key_folder)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with http_receiver() as found:
        yield found


@pytest.fixture
def advisor(world: World) -> User:
    return world.user()


def wants(
    world: World,
    user: User,
    *addresses: str,
    kind: str = "webhook",
    digest: bool = False,
    kinds: list[str] | None = None,
    egress: Egress = EGRESS,
) -> list[Any]:
    """A user sets their channels; returns them."""
    wanted = [Wanted(None, kind, address, SECRET if kind == "webhook" else None) for address in addresses]
    with world.database.transaction(user.scope) as session:
        answer = channels.replace(
            session, world.keys, wanted, digest=digest, kinds=kinds, egress=egress, by=user, now=world.now
        )
    found: list[Any] = answer["channels"]
    return found


def neglected(world: World, *, until: date = date(2026, 3, 24)) -> Person:
    """Somebody whose visit is due on 03-27; nobody goes. The first reminder goes out on 03-24 at 09:00."""
    resident = world.register(EDGE)
    world.send("change.accident", resident, happened_on="2026-03-20")
    world.go_to(until)
    return resident


def deliver(world: World, *, later: timedelta = timedelta(), egress: Egress = EGRESS) -> int:
    return relay.deliver_due(world.database, world.keys, egress, now=clock.real_now() + later)


def deliveries(world: World) -> list[Any]:
    return list(world.rows("SELECT * FROM delivery WHERE street_code = :street ORDER BY delivery_id", street=STREET))


def digest_texts(world: World) -> list[tuple[datetime, str]]:
    rows = world.rows(
        "SELECT created_at, text FROM notification WHERE street_code = :street AND kind = 'digest' ORDER BY created_at",
        street=STREET,
    )
    return [(row.created_at.astimezone(clock.SHANGHAI), row.text) for row in rows]


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


def test_a_service_that_apprise_knows_gets_it_under_the_same_key(
    world: World, advisor: User, receiver: Receiver
) -> None:
    receiver.status = 500
    wants(world, advisor, receiver.url.replace("http", "json") + "/notify", kind="apprise")
    neglected(world)
    assert deliver(world) == 1
    assert deliveries(world)[0].last_error == "not_accepted"
    receiver.status = 200
    assert deliver(world, later=timedelta(minutes=10)) == 1
    [row] = deliveries(world)
    assert row.state == "sent"
    assert [got.headers["idempotency-key"] for got in receiver.got] == [str(row.delivery_id)] * 2
    assert "第1级提醒" in receiver.got[0].json["message"]


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
            "kinds": ["escalation", "joined", "feed_silent", "feed_heard"],
        }


def test_only_the_kinds_somebody_asked_for_are_sent(world: World, advisor: User, receiver: Receiver) -> None:
    wants(world, advisor, receiver.url, kinds=["joined"])
    resident = neglected(world)
    assert deliveries(world) == []
    world.send("change.emergency", resident, happened_on="2026-03-24")
    deliver(world)
    assert [got.json["data"]["kind"] for got in receiver.got] == ["joined"]


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
    deliver(world, egress=Egress(sandbox=False, smtp_url=None))
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


# Once a morning


def test_a_summary_comes_each_working_morning_instead_of_a_message_a_task(
    world: World, advisor: User, receiver: Receiver
) -> None:
    wants(world, advisor, receiver.url, digest=True)
    resident = neglected(world, until=date(2026, 3, 31))
    texts = digest_texts(world)
    # Until 03-24 there is nothing to say; 03-28 and 29 are a weekend.
    assert [at.isoformat() for at, _ in texts] == [f"2026-03-{day}T09:00:00+08:00" for day in (25, 26, 27, 30, 31)]
    words = [text.splitlines() for _, text in texts]
    assert words[0][0] == "2026-03-25：逾期任务0件，即将到期1件，新消息1条。"
    # The reminder of 03-24 is in the summary of 03-25, that of 03-30 in that of 03-31.
    assert [len(lines) - 1 for lines in words] == [1, 0, 0, 0, 1]
    assert f"（任务 {resident.task.task_id}）" in words[0][1]
    assert "逾期任务1件" in words[-1][0]
    while deliver(world):
        pass
    assert [got.json["type"] for got in receiver.got] == ["notification.digest"] * 5
    for got in receiver.got:
        assert resident.id_number not in got.body.decode()
        assert "测试" not in got.body.decode()


def test_a21_on_the_fifth_working_day_committee_advisors_are_told_to_enter_last_months_records(
    world: World, advisor: User
) -> None:
    other, elsewhere = world.user("street_advisor"), world.user(committees=["310117001002"])
    for user in (advisor, other, elsewhere):
        wants(world, user, NOWHERE, digest=True)
    world.register(EDGE).visit(advisor)
    world.register(EDGE).visit(advisor)
    # 04-06 is the day off for 清明, so the fifth working day is Wednesday 04-08.
    world.go_to(date(2026, 4, 12))
    told = [(at.date(), text) for at, text in digest_texts(world) if "社区云" in text]
    assert [day for day, _ in told] == [date(2026, 4, 8)]
    assert "2026-03的走访记录共2条" in told[0][1]


def test_many_heartbeats_at_once_make_one_summary(world: World, advisor: User, receiver: Receiver) -> None:
    wants(world, advisor, receiver.url, digest=True)
    neglected(world, until=date(2026, 3, 24))
    world.business.at = clock.at(date(2026, 3, 25), 9)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: sweep.once(world.database, world.keys, world.business), range(8)))
        world.settle()
        list(threads.map(lambda _: deliver(world), range(4)))
    assert [at.day for at, _ in digest_texts(world)].count(25) == 1
    while deliver(world):
        pass
    assert len(receiver.ids) == len(set(receiver.ids)) == len(digest_texts(world))


def test_after_an_outage_one_summary_holds_what_was_said_before_it(world: World, advisor: User) -> None:
    wants(world, advisor, NOWHERE, digest=True)
    neglected(world, until=date(2026, 3, 24))
    world.jump_to(date(2026, 3, 31), 8)
    assert digest_texts(world) == []
    world.jump_to(date(2026, 3, 31), 15)
    at, words = digest_texts(world)[-1]
    assert (at.day, at.hour) == (31, 15)
    assert "第1级提醒" in words
    world.go_to(date(2026, 4, 1))
    assert "第2级提醒" in digest_texts(world)[-1][1]


def test_nobody_hears_that_there_is_nothing_to_hear(world: World, advisor: User) -> None:
    wants(world, advisor, NOWHERE, digest=True)
    world.go_to(date(2026, 3, 25))
    assert digest_texts(world) == []
    assert world.rows("SELECT count(*) FROM daily_digest WHERE street_code = :s", s=STREET)[0].count == 3


def test_the_district_hears_of_every_street_in_one_summary(world: World, receiver: Receiver) -> None:
    officer = world.user("district_officer")
    wants(world, officer, receiver.url, digest=True)
    committees = streets.known(world.database).committees
    for committee in (COMMITTEE, next(one for one in committees if not one.startswith(STREET))):
        world.send("change.accident", world.register(EDGE, committee=committee), happened_on="2026-03-20")
    world.go_to(date(2026, 3, 30))
    while deliver(world):
        pass
    assert len(set(receiver.ids)) == len(receiver.ids) == 4
    assert "逾期任务2件" in receiver.got[-1].json["data"]["text"]


def test_the_counts_of_a_summary_are_the_lamps_of_the_tasks(world: World, advisor: User) -> None:
    from core.tasks import queries as task_queries

    wants(world, advisor, NOWHERE, digest=True)
    for tag in ("dibao_urban", "dibao_edge", "tekun"):
        for born in (date(1930, 1, 1), date(1960, 1, 1)):
            facts = {"kind": "assistance", "tag": tag, "valid_from": "2026-01-01"}
            world.register({**facts, "support": "scattered"} if tag == "tekun" else facts, born=born, settle=False)
    world.settle()
    world.send("lead.reported", world.register(EDGE), channel="hotline")
    world.send("change.accident", world.register(EDGE), happened_on="2026-03-20")
    for day in (date(2026, 3, 25), date(2026, 3, 31), date(2026, 4, 30), date(2026, 6, 30)):
        world.go_to(day)
        with world.database.transaction(advisor.scope) as session:
            tasks = task_queries.page(
                session, task_queries.Filter(mine=True, state="open"), by=advisor, after=None, limit=500, today=day
            )
        lamps = [task["lamp"] for task in tasks]
        counted = f"逾期任务{lamps.count('overdue')}件，即将到期{lamps.count('due_soon')}件"
        assert counted in digest_texts(world)[-1][1], day


def test_a_sandbox_clock_passes_through_every_morning(world: World, advisor: User) -> None:
    business = Business(world.database, sandbox=True)
    with world.database.transaction(world.scope) as session:
        sandbox.start_at(session, clock.at(date(2027, 3, 1), 10))
    world.business.at = business.now()
    wants(world, advisor, NOWHERE, digest=True)
    with world.database.transaction(world.scope) as session:
        sandbox.request_move(session, clock.at(date(2027, 3, 12), 10), by=SHELL, now=business.now())
    assert sandbox.walk(world.database, world.keys, business)
    days = world.rows("SELECT digest_on FROM daily_digest WHERE street_code = :s ORDER BY digest_on", s=STREET)
    assert [row.digest_on.day for row in days] == [2, 3, 4, 5, 8, 9, 10, 11, 12]
