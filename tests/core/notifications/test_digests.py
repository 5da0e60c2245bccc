"""Summed up once a morning, for those who want that."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

from core import clock
from core.heartbeat import sandbox, sweep
from core.organisation import streets
from core.organisation.users import SHELL, User
from core.store.business import Business
from tests.core.notifications.telling import EDGE, NOWHERE, deliver, digest_texts, neglected, wants
from tests.receivers import Receiver
from tests.world import COMMITTEE, STREET, World


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
            wanted = task_queries.Filter(mine=True, state="open")
            tasks = task_queries.page(session, wanted, by=advisor, after=None, limit=500, keys=None, today=day)
        lamps = [found.task["lamp"] for found in tasks]
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
