"""Whoever opens a task, the desk decides to whom it goes: never to somebody recused, first to whoever is paired."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from core.organisation.users import User
from core.policy import chains
from core.staff import recusals
from core.store.ids import uuid7
from core.tasks import actions, attempts
from tests.world import STREET, Person, World

DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
CHANGE = {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-18"}
RISK = {
    **{dimension: {"level": "ok"} for dimension in ("economy", "education", "housing", "employment", "social")},
    "health": {"level": "risk"},
}
NEXT_STREET, THERE = "310117002", "310117002003"


def recuse(resident: Person, user: User) -> None:
    """A relative: must not visit this resident."""
    world = resident.world
    with world.database.transaction(user.scope) as session:
        recusals.add(session, user.user_id, resident.id, "亲属", by=user, now=world.now)


def pair(resident: Person, user: User) -> None:
    with resident.world.database.transaction(resident.world.scope) as session:
        session.execute(
            text("UPDATE resident SET paired_user_id = :user WHERE street_code = :street AND resident_id = :resident"),
            {"user": user.user_id, "street": STREET, "resident": resident.id},
        )


def nobody_is_at_home(resident: Person, user: User, *days: date) -> None:
    world = resident.world
    for day in days:
        world.go_to(day)
        with world.database.transaction(user.scope) as session:
            attempts.attempt(session, resident.task.task_id, "not_home", day, None, by=user, now=world.now)


@pytest.fixture
def kin(world: World) -> User:
    """Has nothing to do yet, so everything would go to them."""
    return world.user()


@pytest.fixture
def resident(world: World, kin: User) -> Person:
    """Visited by somebody else, as the first advisor of the committee is a relative."""
    found = world.register(DIBAO, CHANGE)
    recuse(found, kin)
    return found


@pytest.fixture
def other(world: World, resident: Person) -> User:
    user = world.user()
    with world.database.transaction(user.scope) as session:
        actions.claim(session, resident.task.task_id, by=user, now=world.now)
    return user


def test_a_recused_advisor_is_not_given_the_lead_about_their_relative(resident: Person, kin: User, other: User) -> None:
    resident.world.send("lead.reported", resident, channel="neighbour")
    [lead] = resident.tasks("lead")
    assert lead.assignee_id == other.user_id


def test_a_recused_advisor_is_not_given_the_welfare_check_of_their_relative(
    resident: Person, kin: User, other: User
) -> None:
    nobody_is_at_home(resident, other, date(2026, 3, 20), date(2026, 3, 23))
    [check] = resident.tasks("welfare_check")
    assert check.assignee_id == other.user_id


def test_a_recused_advisor_is_not_given_the_lead_that_moves_along_with_their_relative(world: World) -> None:
    resident = world.register(DIBAO)
    kin = world.user(street=NEXT_STREET, committees=[THERE])
    other = world.user(street=NEXT_STREET, committees=[THERE])
    # The street to which the person moves does not see them yet, so nobody there could enter it.
    with world.database.transaction(world.scope) as session:
        session.execute(
            text(
                "INSERT INTO recusal (recusal_id, user_id, resident_id, place_code, reason)"
                " VALUES (:id, :user, :resident, :place, '亲属')"
            ),
            {"id": uuid7(), "user": kin.user_id, "resident": resident.id, "place": NEXT_STREET},
        )
    world.send("lead.reported", resident, channel="neighbour")
    world.send("resident.moved", resident, on="2026-03-20", to_street=NEXT_STREET, to_committee=THERE)
    [lead] = [task for task in resident.tasks("lead") if task.state == "open"]
    assert lead.assignee_id == other.user_id


def test_a_lead_goes_to_whoever_visited_the_person_last(world: World) -> None:
    idle, known = world.user(), world.user()
    resident = world.register(DIBAO)
    resident.visit(known)
    world.send("lead.reported", resident, channel="neighbour")
    [lead] = resident.tasks("lead")
    assert idle.user_id < known.user_id
    assert (lead.assignee_id, lead.assigned_because) == (known.user_id, ["continuity", "committee"])


def test_a_visit_handed_on_by_the_chain_goes_to_the_paired_person_first(world: World) -> None:
    late = world.user()
    manager = world.user("street_manager")
    with world.database.transaction(manager.scope) as session:
        steps: list[dict[str, Any]] = [{"after_working_days": 1, "to": "committee", "action": "reassign"}]
        district = chains.shown(session, STREET, by=manager, now=world.now)["steps"]
        chains.put(session, STREET, [*district[:1], *steps, *district[1:]], by=manager, now=world.now)
    resident = world.register(DIBAO, CHANGE)
    assert resident.task.assignee_id == late.user_id
    idle, paired = world.user(), world.user()
    pair(resident, paired)
    world.go_to(date(2026, 3, 31))
    assert idle.user_id < paired.user_id
    assert resident.task.assignee_id == paired.user_id


def lines(resident: Person, kind: str) -> list[tuple[str, Any]]:
    """The history of a resident's tasks of a kind, in whatever street."""
    rows = resident.world.rows(
        "SELECT e.what, e.details FROM task_event e JOIN task t USING (street_code, task_id)"
        " WHERE t.resident_id = :resident AND t.kind = :kind AND t.street_code = :street ORDER BY e.at, e.event_id",
        resident=resident.id,
        kind=kind,
        street=STREET,
    )
    return [(row.what, row.details.get("because")) for row in rows]


def test_a_question_that_nothing_asks_any_more_says_in_its_history_why_it_was_closed(world: World) -> None:
    advisor = world.user("street_advisor")
    resident = world.register(DIBAO, CHANGE)
    world.jump_to(date(2026, 6, 16))
    world.send("fact.ended", resident, kind="major_change", on="2026-06-15")
    [decision] = resident.tasks("decision")
    assert (decision.state, decision.assignee_id) == ("cancelled", advisor.user_id)
    assert lines(resident, "decision")[0] == ("opened", ["street_advisor"])
    assert lines(resident, "decision")[-1] == ("cancelled", "decided_or_gone")


def test_a_task_that_is_left_behind_by_a_move_says_so_in_its_history(world: World) -> None:
    resident = world.register(DIBAO)
    world.send("resident.moved", resident, on="2026-03-20", to_street=NEXT_STREET, to_committee=THERE)
    assert lines(resident, "visit") == [("opened", ["pool", "no_candidate"]), ("cancelled", "moved")]


def test_who_has_least_to_do_is_counted_over_the_street_also_by_who_sees_one_committee(world: World) -> None:
    busy, idle = world.user("street_advisor"), world.user("street_advisor")
    next_door, here = world.user(committees=["310117001002"]), world.user()
    world.register(DIBAO, committee="310117001002").visit(next_door, dimensions=RISK)
    resident = world.register(DIBAO)
    resident.visit(here, dimensions=RISK)
    [follow_up] = resident.tasks("follow_up")
    assert busy.user_id < idle.user_id
    assert follow_up.assignee_id == idle.user_id
