"""Every value of the policy is read for the day asked about: what is scheduled shows on its day, not before."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.alerts import feeds
from core.errors import DocumentUnreadable, Invalid, Narrowing, WorkInProgress
from core.notifications import digests
from core.organisation.users import User
from core.policy import chains, coverage, policies, rulebooks, working_hours
from core.store.crypto import Keys
from core.store.database import Database
from core.tasks import actions, attempts, excuses, queries
from rules.facts import Fact
from rules.parameters import SHAPES
from rules.policies import Terms, load_policies
from rules.rulebook import Rulebook
from tests.behind import behind
from tests.databases import Databases
from tests.rules import drafts, people
from tests.world import DISTRICT, STREET, World

BEFORE, CHANGED = date(2026, 3, 24), date(2026, 3, 25)
EDGE = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}
POOR = people.aid("expenditure_poor")
RISK = {"health": {"level": "risk", "note": "血压偏高"}}

# What a reader makes of the rules on a day.
Reading = Callable[[Rulebook, date], object]
# What the product does on a day.
Doing = Callable[[World], object]


def of_terms(part: Callable[[Terms], object]) -> Reading:
    return lambda rulebook, on: part(rulebook.terms(on))


def of_a_person(*facts: Fact) -> Reading:
    return lambda rulebook, on: rulebook.verdict(people.person("1980-01-01", *facts), on).tier


# For each parameter a value to change to, and everything that reads it by the rules alone.
READ: Mapping[str, tuple[object, tuple[Reading, ...]]] = {
    "confirm_working_days": (9, (of_terms(lambda terms: terms.confirm_working_days),)),
    "crediting_roles": (["volunteer"], (of_terms(lambda terms: terms.crediting.roles),)),
    "entry_days": ({"month": 1, "quarter": 1, "half_year": 1}, (of_terms(lambda terms: terms.entry_days),)),
    "extension_days": (30, (of_terms(lambda terms: terms.extension_days),)),
    "frequency": (
        {"high": "month", "key": "month", "general": "month"},
        (of_terms(lambda terms: terms.frequency),),
    ),
    "illness_bases": (["civil_affairs"], (of_a_person(POOR, people.illness("diagnosis", "2026-01-01")),)),
    "illness_bases_to_confirm": (
        ["warning_list"],
        (of_a_person(POOR, people.illness("found_on_visit", "2026-01-01", confirmed_on="2026-01-02")),),
    ),
    "illness_causes": (["accident"], (of_a_person(POOR, people.change("serious_illness", "2026-03-01")),)),
    "late_entry_approval_days": (30, (of_terms(lambda terms: terms.crediting.approval_days),)),
    "modes": (
        {"high": ["home_visit"], "key": ["home_visit"], "general": ["home_visit"], "none": ["home_visit"]},
        (of_terms(lambda terms: terms.modes),),
    ),
    "months_after_leaving": (6, (of_a_person(people.aid("dibao_edge", "2025-01-01", "2026-02-28")),)),
    "pause_days_after_close": (30, (of_terms(lambda terms: terms.pause_days),)),
    "recent_days": (120, (of_terms(lambda terms: terms.recent_days),)),
    "register_tags": (["tekun"], (of_a_person(POOR),)),
    "resident_initiated_tiers": (["general"], (of_terms(lambda terms: terms.crediting.resident_initiated_tiers),)),
    "response_major_change_working_days": (3, (of_terms(lambda terms: terms.response_working_days),)),
    "response_warning_working_days": (3, (of_terms(lambda terms: terms.response_working_days),)),
    "severe_disability_grades": (
        [{"grade": 1, "categories": [1]}],
        (of_a_person(POOR, people.disability(2, 2)),),
    ),
    "severe_disability_tags": (["tekun"], (of_a_person(people.aid("severe_disability_aid")),)),
    "warning_years": (
        2,
        (of_terms(lambda terms: terms.warning_years), of_a_person(people.warning("2025-03-01"))),
    ),
}


def inside(world: World, ask: Callable[[Session], Any]) -> Any:
    with world.database.transaction(world.scope) as session:
        return ask(session)


def holidays(world: World) -> object:
    """Whether people work today, in a year whose notice is still to come."""
    with behind(world.database.url) as connection:
        connection.exec_driver_sql("DELETE FROM calendar_day")
    return inside(world, lambda session: rulebooks.calendar(session, STREET).is_working(clock.today(world.now)))


def hours(world: World) -> object:
    """Whether people are at work, minute by minute around the ends of the day, and when the next step would fire."""

    def ask(session: Session) -> object:
        calendar, today = rulebooks.calendar(session, STREET), clock.today(world.now)
        moments = [clock.at(today, hour) + timedelta(minutes=minute) for hour in (8, 9, 16, 17) for minute in (0, 29)]
        return [working_hours.are_now(moment, calendar) for moment in moments], calendar.hours(today)

    return inside(world, ask)


def chain(world: World) -> object:
    by = world.user("street_manager")
    return inside(world, lambda session: chains.shown(session, STREET, by=by, now=world.now)["steps"])


def watch(world: World) -> object:
    return inside(world, lambda session: dict(feeds.Watch(session, DISTRICT, world.now).settings))


def follow_up(world: World) -> object:
    world.user("street_advisor")
    resident = world.register(EDGE)
    resident.visit(world.user(), dimensions=RISK)
    [task] = resident.tasks("follow_up")
    return (task.due_on - clock.today(world.now)).days


def welfare_check(world: World) -> object:
    advisor = world.user()
    resident = world.register(EDGE)
    with world.database.transaction(advisor.scope) as session:
        today = clock.today(world.now)
        attempts.attempt(session, resident.task.task_id, "not_home", today, None, by=advisor, now=world.now)
    return len(resident.tasks("welfare_check"))


def pulling(tasks: int, due_on: date) -> Doing:
    """Whether somebody with so many tasks that were due on a day still takes new ones."""

    def do(world: World) -> object:
        advisor = world.user()
        for _ in range(tasks):
            world.register(EDGE)
        inside(world, lambda session: session.execute(text("UPDATE task SET due_on = :due"), {"due": due_on}))
        try:
            inside(world, lambda session: actions.pull(session, 1, by=advisor, now=world.now))
        except WorkInProgress:
            return "refused"
        return "taken"

    return do


def lamp(world: World) -> object:
    """The lamp of a task that is due in June."""
    advisor, today = world.user(), clock.today(world.now)
    task_id = world.register(EDGE).task.task_id
    return inside(
        world, lambda session: queries.one(session, task_id, by=advisor, keys=world.keys, today=today)["lamp"]
    )


def batch(world: World) -> object:
    """What a committee advisor with one record of February is told about the month's batch."""
    advisor, today = world.user(), clock.today(world.now)
    world.register(EDGE).visit(advisor, on=date(2026, 2, 20))
    return inside(
        world,
        lambda session: list(
            digests.batch_lines(session, STREET, [advisor.user_id], rulebooks.calendar(session, STREET), today).values()
        ),
    )


def excusing(world: World) -> object:
    """Whether somebody who refused once today is excused."""
    advisor, today = world.user("street_advisor"), clock.today(world.now)
    world.user()
    task_id = world.register(EDGE).task.task_id
    inside(
        world,
        lambda session: attempts.attempt(session, task_id, "refused", today, None, by=advisor, now=world.now),
    )
    return excused(world, task_id, advisor)


def excusing_later(world: World) -> object:
    """Whether somebody whose period ended today may be excused tomorrow, if there is a ground."""
    advisor = world.user("street_advisor")
    world.user()
    task_id = world.register(EDGE).task.task_id
    inside(world, lambda session: session.execute(text("UPDATE duty SET due_on = :on"), {"on": clock.today(world.now)}))
    world.business.at += timedelta(days=1)
    return excused(world, task_id, advisor)


def excused(world: World, task_id: UUID, advisor: User) -> str:
    try:
        inside(
            world,
            lambda session: excuses.excuse(session, task_id, "periodic", None, "拒访", by=advisor, now=world.now),
        )
    except Invalid as refused:
        return refused.problems[0].code
    return "excused"


STEPS = [
    {"after_working_days": day, "to": to, "action": action}
    for day, to, action in (
        (-3, "assignee", "remind"),
        (1, "street_manager", "raise"),
    )
]
# For each parameter that the product itself reads a value to change to, and what it does by it.
DONE: Mapping[str, tuple[object, Doing]] = {
    "batch_working_day": (18, batch),
    "due_soon": ({"month_days": 100, "share_of_period": 1}, lamp),
    "escalation_chain": (STEPS, chain),
    "fixed_holidays": (["03-24", "03-25"], holidays),
    "escalation_hours": ({"from": "08:30", "to": "16:30"}, hours),
    "excuse_days_after_close": (0, excusing_later),
    "feed_watch": (
        dict(load_policies()[0].parameter("feed_watch", BEFORE).value) | {"silent_after_intervals": 3},
        watch,
    ),
    "follow_up_days": (10, follow_up),
    "not_home_before_welfare_check": (1, welfare_check),
    "refusals_before_excuse": (1, excusing),
    "wip_most_overdue": (0, pulling(1, date(2026, 3, 2))),
    "wip_overdue_working_days": (0, pulling(6, date(2026, 3, 23))),
}


def test_every_parameter_is_walked_here() -> None:
    assert {*READ, *DONE} == set(SHAPES)


@pytest.mark.parametrize("name", READ)
def test_what_a_parameter_changes_to_shows_in_the_rules_on_its_day_and_not_before(name: str) -> None:
    value, readings = READ[name]
    today = Rulebook(load_policies())
    scheduled = Rulebook([drafts.draft(version=2, effective_on="2026-03-20", **{name: {str(CHANGED): value}})])
    for reading in readings:
        assert reading(scheduled, BEFORE) == reading(today, BEFORE)
        assert reading(scheduled, CHANGED) != reading(today, CHANGED)


@pytest.fixture
def done(databases: Databases, keys: Keys) -> Iterator[Callable[[Doing, date, str | None], object]]:
    """What the product does on a day, with a draft of the policy stored on the Friday before, or without one."""
    lent: list[tuple[str, Database]] = []

    def do(doing: Doing, on: date, document: str | None) -> object:
        url = databases.lend()
        lent.append((url, Database(url, pool_size=4)))
        world = World(lent[-1][1], keys)
        if document is not None:
            officer = world.user("district_officer")
            inside(world, lambda session: policies.put(session, document, "试行修订", by=officer, now=world.now))
        world.jump_to(on)
        return doing(world)

    yield do
    for url, database in lent:
        database.dispose()
        databases.give_back(url)


@pytest.mark.parametrize("name", DONE)
def test_what_a_parameter_changes_to_is_done_on_its_day_and_not_before(
    name: str, done: Callable[[Doing, date, str | None], object]
) -> None:
    value, doing = DONE[name]
    document = drafts.text(version=2, effective_on="2026-03-20", **{name: {str(CHANGED): value}})
    assert done(doing, BEFORE, document) == done(doing, BEFORE, None)
    assert done(doing, CHANGED, document) != done(doing, CHANGED, None)


def test_steps_fire_and_summaries_go_out_to_the_minute_of_their_days_hours(world: World) -> None:
    officer = world.user("district_officer")
    document = drafts.text(
        version=2, effective_on="2026-03-20", escalation_hours={str(CHANGED): {"from": "08:30", "to": "16:30"}}
    )
    inside(world, lambda session: policies.put(session, document, "试行修订", by=officer, now=world.now))

    def at_work(day: date, hour: int, minute: int) -> bool:
        moment = clock.at(day, time(hour, minute))
        return bool(inside(world, lambda session: working_hours.are_now(moment, rulebooks.calendar(session, STREET))))

    assert [at_work(BEFORE, 8, 30), at_work(BEFORE, 9, 0), at_work(BEFORE, 16, 59), at_work(BEFORE, 17, 0)] == [
        False,
        True,
        True,
        False,
    ]
    assert [at_work(CHANGED, 8, 29), at_work(CHANGED, 8, 30), at_work(CHANGED, 16, 29), at_work(CHANGED, 16, 30)] == [
        False,
        True,
        True,
        False,
    ]

    def opening(after: datetime) -> datetime:
        calendar = inside(world, lambda session: rulebooks.calendar(session, STREET))
        return working_hours.next_opening(after, calendar)

    assert opening(clock.at(BEFORE, 8)) == clock.at(BEFORE, 9)
    assert opening(clock.at(BEFORE, 9)) == clock.at(CHANGED, time(8, 30))


def test_a_step_that_waits_fires_by_the_hours_of_its_day(world: World) -> None:
    world.user()
    officer = world.user("district_officer")
    resident = world.register(EDGE)
    # Due on Friday 03-27: the first step fires three working days before, the second one after.
    world.send("change.accident", resident, happened_on="2026-03-20")
    early = {"2026-03-24": {"from": "08:30", "to": "16:30"}, "2026-03-30": {"from": "09:30", "to": "17:00"}}
    document = drafts.text(version=2, effective_on="2026-03-20", escalation_hours=early)
    inside(world, lambda session: policies.put(session, document, "试行修订", by=officer, now=world.now))
    for day in (date(2026, 3, 24), date(2026, 3, 30)):
        world.go_to(day - timedelta(days=1), 18)
        for hour, minute in ((0, 0), (8, 29), (8, 30), (9, 29), (9, 30)):
            world.business.at = clock.at(day, time(hour, minute))
            world.settle()
    fired = world.rows("SELECT level, due_at, fired_at FROM escalation ORDER BY level")
    first, second = clock.at(date(2026, 3, 24), time(8, 30)), clock.at(date(2026, 3, 30), time(9, 30))
    assert [(row.level, row.due_at, row.fired_at) for row in fired] == [(1, first, first), (2, second, second)]


def test_a_street_s_rules_are_measured_against_what_the_district_has_scheduled(world: World) -> None:
    officer, manager = world.user("district_officer"), world.user("street_manager")
    monthly = {"high": "month", "key": "month", "general": "quarter"}
    document = drafts.text(version=2, effective_on="2026-03-20", frequency={"2026-07-01": monthly})
    inside(world, lambda session: policies.put(session, document, "试行修订", by=officer, now=world.now))
    own: coverage.Document = {"frequency": {"key": "quarter"}}
    with pytest.raises(Narrowing):
        inside(world, lambda session: coverage.put(session, STREET, own, BEFORE, "", by=manager, now=world.now))


def test_a_policy_is_measured_on_every_day_on_which_it_changes(world: World) -> None:
    officer, manager = world.user("district_officer"), world.user("street_manager")
    own: coverage.Document = {"frequency": {"key": "quarter"}}
    inside(world, lambda session: coverage.put(session, STREET, own, BEFORE, "", by=manager, now=world.now))
    monthly = {"high": "month", "key": "month", "general": "quarter"}
    document = drafts.text(version=2, effective_on="2026-03-20", frequency={"2026-07-01": monthly})
    with pytest.raises(Narrowing):
        inside(world, lambda session: policies.put(session, document, "试行修订", by=officer, now=world.now))
    # Less often for those in the higher tier than for those below.
    odd = {"high": "month", "key": "half_year", "general": "quarter"}
    document = drafts.text(version=2, effective_on="2026-03-20", frequency={"2026-07-01": odd})
    with pytest.raises(DocumentUnreadable) as refused:
        policies.read(document)
    assert [problem.loc for problem in refused.value.problems] == ["rules.frequency.key"]


def test_a_streets_chain_is_measured_against_what_the_district_has_scheduled_and_the_other_way_round(
    world: World,
) -> None:
    officer, manager = world.user("district_officer"), world.user("street_manager")
    own = load_policies()[0].parameter("escalation_chain", BEFORE).value
    own = [{**step, "to": str(step["to"]), "action": str(step["action"])} for step in own]
    sooner = [{**step, "after_working_days": min(step["after_working_days"], 4)} for step in own]
    document = drafts.text(version=2, effective_on="2026-03-20", escalation_chain={"2026-07-01": sooner})
    with world.database.transaction(world.scope) as session:
        policies.put(session, document, "试行修订", by=officer, now=world.now)
        with pytest.raises(Narrowing):
            chains.put(session, STREET, own, by=manager, now=world.now)
        assert chains.put(session, STREET, sooner, by=manager, now=world.now) == 1
    soonest = [{**step, "after_working_days": min(step["after_working_days"], 2)} for step in own]
    document = drafts.text(version=3, effective_on="2026-03-20", escalation_chain={"2026-07-01": soonest})
    with pytest.raises(Narrowing) as refused:
        inside(world, lambda session: policies.put(session, document, "试行修订", by=officer, now=world.now))
    assert {problem.loc.rpartition(".")[0] for problem in refused.value.problems} == {f"streets.{STREET}.steps"}
