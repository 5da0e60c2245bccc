"""Who goes, and on which day: never at random, never beyond capacity while somebody has room, always with reasons."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session

from core.errors import Conflict
from core.organisation import users as people
from core.organisation.users import User
from core.policy import rulebooks
from core.staff import absences
from core.tasks import actions
from core.tasks.assignment import Choice, Roster
from tests.world import COMMITTEE, STREET, World

TODAY = date(2026, 3, 2)
END = date(2026, 6, 30)
EMPTY_COMMITTEE = "310117001002"
DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
CHANGE = {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-18"}


@contextmanager
def roster(
    world: World,
    capacities: Sequence[int],
    absences: Sequence[tuple[int, date, date]] = (),
    *,
    planned: Sequence[tuple[int, date]] = (),
) -> Iterator[tuple[Roster, list[UUID], Session]]:
    """The roster of one committee whose people have these capacities; nothing of it stays."""
    with world.database.transaction(world.scope) as session:
        users = [
            people.add_user(
                session,
                username=f"u{number}-{uuid4()}",
                password="",
                password_hash="-",
                role="committee_advisor",
                street=STREET,
                committees=[COMMITTEE],
                capacity=capacity,
            )
            for number, capacity in enumerate(capacities)
        ]
        for number, first, last in absences:
            session.execute(
                text("INSERT INTO absence VALUES (:id, :user, :first, :last, '休假', :place)"),
                {"id": uuid4(), "user": users[number], "first": first, "last": last, "place": STREET},
            )
        found = Roster(session, STREET, rulebooks.calendar(session, STREET), today=TODAY)
        for number, day in planned:
            found.plan(users[number], COMMITTEE, day)
        yield found, users, session
        session.rollback()


def test_the_paired_visitor_goes_whoever_went_last_and_however_busy(world: World) -> None:
    with roster(world, [30, 30], planned=[(0, END)] * 5) as (found, [paired, last], _):
        choice = found.choose(COMMITTEE, END, paired=paired, last_visitor=last)
    assert (choice.user_id, choice.because) == (paired, ("pairing", "committee"))


def test_without_a_pairing_whoever_went_last_goes_again(world: World) -> None:
    with roster(world, [30, 30], planned=[(1, END)] * 5) as (found, [_, last], _):
        choice = found.choose(COMMITTEE, END, last_visitor=last)
    assert (choice.user_id, choice.because) == (last, ("continuity", "committee"))


def test_otherwise_the_one_with_the_smallest_load_relative_to_capacity_goes(world: World) -> None:
    march = date(2026, 3, 31)
    with roster(world, [10, 100], planned=[(0, march), (1, march), (1, march)]) as (found, [_, large], _):
        choice = found.choose(COMMITTEE, march)
    assert (choice.user_id, choice.because) == (large, ("committee", "least_loaded"))


def test_the_only_candidate_of_a_committee_is_named_as_such(world: World) -> None:
    with roster(world, [1]) as (found, [only], _):
        choice = found.choose(COMMITTEE, END)
    assert (choice.user_id, choice.because) == (only, ("committee", "only_candidate"))


def test_a_committee_without_people_puts_its_visits_in_the_pool(world: World) -> None:
    with roster(world, [30]) as (found, _, _):
        choice = found.choose(EMPTY_COMMITTEE, END)
    assert (choice.user_id, choice.because) == (None, ("pool", "no_candidate"))
    assert TODAY <= choice.planned_on <= END


def test_somebody_recused_is_never_sent_not_even_when_paired(world: World) -> None:
    with roster(world, [30]) as (found, [paired], _):
        choice = found.choose(COMMITTEE, END, paired=paired, recused=[paired])
    assert choice.user_id is None


def test_capacity_is_visits_a_month_and_what_is_over_waits_in_the_pool(world: World) -> None:
    march = date(2026, 3, 31)
    with roster(world, [2, 1, 0]) as (found, users, _):
        given = Counter(found.choose(COMMITTEE, march).user_id for _ in range(5))
    assert given == {users[0]: 2, users[1]: 1, None: 2}


def test_who_is_full_this_month_gets_a_day_of_the_next(world: World) -> None:
    with roster(world, [2]) as (found, [only], _):
        choices = [found.choose(COMMITTEE, END) for _ in range(9)]
    months = Counter(choice.planned_on.month for choice in choices if choice.user_id == only)
    assert months == {3: 2, 4: 2, 5: 2, 6: 2}
    assert choices[8].user_id is None


def test_who_is_away_until_the_due_day_is_not_chosen_and_who_is_back_before_it_is(world: World) -> None:
    away = [(0, TODAY, date(2026, 3, 13))]
    with roster(world, [30], away) as (found, [_], _):
        assert found.choose(COMMITTEE, date(2026, 3, 13)).user_id is None
    with roster(world, [30], away) as (found, [back], _):
        choice = found.choose(COMMITTEE, date(2026, 3, 17))
    assert choice.user_id == back
    assert choice.planned_on in (date(2026, 3, 16), date(2026, 3, 17))


def test_a_late_visit_is_planned_for_the_next_working_day(world: World) -> None:
    with world.database.transaction(world.scope) as session:
        sunday = date(2026, 3, 8)
        found = Roster(session, STREET, rulebooks.calendar(session, STREET), today=sunday)
        assert found.choose(COMMITTEE, date(2026, 2, 28)).planned_on == date(2026, 3, 9)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    people_count=st.integers(1, 4),
    visits=st.integers(1, 160),
    length=st.integers(1, 120),
)
def test_no_day_of_a_period_carries_more_than_twice_its_even_share(
    world: World, people_count: int, visits: int, length: int
) -> None:
    due_on = TODAY + timedelta(days=length)
    with roster(world, [10_000] * people_count) as (found, users, _):
        days = len(found.window(due_on))
        choices = [found.choose(COMMITTEE, due_on) for _ in range(visits)]
    assert max(Counter(choice.planned_on for choice in choices).values()) <= 2 * math.ceil(visits / days)
    for user in users:
        own = [choice.planned_on for choice in choices if choice.user_id == user]
        assert max(Counter(own).values(), default=0) <= 2 * math.ceil(len(own) / days)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    capacities=st.lists(st.integers(0, 12), min_size=1, max_size=4),
    due_days=st.lists(st.integers(0, 120), min_size=1, max_size=80),
    away=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 120), st.integers(0, 60)), max_size=4),
)
def test_nobody_is_loaded_beyond_capacity_nor_left_out_while_they_have_room_and_chance_plays_no_part(
    world: World, capacities: list[int], due_days: list[int], away: list[tuple[int, int, int]]
) -> None:
    absences = [
        (number % len(capacities), TODAY + timedelta(days=first), TODAY + timedelta(days=first + days))
        for number, first, days in away
    ]
    with roster(world, capacities, absences) as (found, users, session):
        choices: list[Choice] = []
        for days in due_days:
            due_on = TODAY + timedelta(days=days)
            candidates = [found.candidate(user) for user in users]
            had_room = any(one.free(found.window(due_on)) for one in candidates if one)
            choice = found.choose(COMMITTEE, due_on)
            assert (choice.user_id is not None) == had_room
            choices.append(choice)
        again = Roster(session, STREET, rulebooks.calendar(session, STREET), today=TODAY)
        assert [again.choose(COMMITTEE, TODAY + timedelta(days=days)) for days in due_days] == choices
    load = Counter((choice.user_id, choice.planned_on.month) for choice in choices if choice.user_id)
    assert all(visits <= capacities[users.index(user)] for (user, _), visits in load.items())
    for number, first, last in absences:
        assert not any(one.user_id == users[number] and first <= one.planned_on <= last for one in choices)


def test_an_override_keeps_its_reason_beside_those_of_the_assignment(world: World) -> None:
    first, manager = world.user(), world.user("street_manager")
    resident = world.register(DIBAO)
    assert (resident.task.assignee_id, resident.task.assigned_because) == (
        first.user_id,
        ["committee", "only_candidate"],
    )
    second = world.user()
    with world.database.transaction(manager.scope) as session:
        actions.assign(session, resident.task.task_id, second.user_id, "熟悉情况", by=manager, now=world.now)
    assert (resident.task.assignee_id, resident.task.assigned_because) == (second.user_id, ["override"])
    [event] = world.rows("SELECT details FROM task_event WHERE street_code = :s AND what = 'assigned'", s=STREET)
    assert event.details["reason"] == "熟悉情况"


def test_a_decision_goes_to_the_street_advisor_with_the_fewest_open_tasks_who_is_there(world: World) -> None:
    away, there = world.user("street_advisor"), world.user("street_advisor")
    with world.database.transaction(away.scope) as session:
        absences.add(session, away.user_id, date(2026, 6, 1), date(2026, 7, 31), "病假", by=away, now=world.now)
    resident = world.register(DIBAO, CHANGE)
    world.jump_to(date(2026, 6, 16))
    [decision] = resident.tasks("decision")
    assert (decision.assignee_id, decision.assigned_because) == (there.user_id, ["street_advisor"])


def pulls(world: World, user: User) -> int:
    with world.database.transaction(user.scope) as session:
        return len(actions.pull(session, 1, by=user, now=world.now))


def test_who_leaves_many_tasks_long_overdue_takes_no_new_ones(world: World) -> None:
    advisor = world.user(capacity=100)
    for _ in range(6):
        world.register(DIBAO, CHANGE, settle=False)
    waiting = [world.register(DIBAO), world.register(DIBAO)]
    with world.database.transaction(advisor.scope) as session:
        for one in waiting:
            actions.release(session, one.task.task_id, "太远", by=advisor, now=world.now)
    # Due on 03-27: on 04-13 that is ten working days ago, on 04-14 more than ten.
    world.jump_to(date(2026, 4, 13))
    assert pulls(world, advisor) == 1
    world.jump_to(date(2026, 4, 14))
    with pytest.raises(Conflict, match=r"^您有 6 项任务逾期超过 10 个工作日") as refused:
        pulls(world, advisor)
    assert refused.value.code == "work_in_progress"
