"""Two records of one visit become their union, under the name of the earlier one (A21)."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.organisation.users import User
from tests.core.visits.acts import ALL_WELL, CHANGE, EDGE, RISK, correct, states, void
from tests.world import COMMITTEE, World


@pytest.fixture
def li(world: World) -> User:
    return world.user()


@pytest.fixture
def advisor(world: World) -> User:
    return world.user("street_advisor")


def form_of(world: World, visit: dict[str, Any]) -> dict[str, Any]:
    [row] = world.rows("SELECT form FROM visit WHERE visit_id = :id", id=UUID(visit["visit_id"]))
    return dict(row.form)


def test_a21_a_merge_keeps_both_texts_the_worse_levels_and_that_somebody_was_met(world: World, li: User) -> None:
    resident = world.register(EDGE)
    first = resident.visit(li, met=False, dimensions={**ALL_WELL, "health": {"level": "watch", "note": "咳嗽"}})
    merged = resident.visit(world.user(), dimensions=RISK, merge=True, narrative="已讲解政策")
    said = form_of(world, first)
    assert (said["narrative"], said["met"]) == ("情况稳定\n已讲解政策", {str(resident.id): True})
    assert said["dimensions"]["health"] == {"level": "risk", "note": "咳嗽\n血压偏高"}
    assert merged["visit_id"] == first["visit_id"]
    assert states(resident) == {"2026-H1": "met"}


def test_a21_a_merge_never_turns_a_met_period_into_a_missed_one(world: World, li: User) -> None:
    resident = world.register(EDGE)
    resident.visit(li)
    world.go_to(date(2026, 8, 1))
    resident.visit(li, on=date(2026, 3, 20), met=False, merge=True)
    h1 = resident.duties()["2026-H1"]
    assert (h1.state, h1.late_entry) == ("met", False)
    assert not resident.tasks("confirm")


def test_a21_a_merge_keeps_the_best_role(world: World, li: User, advisor: User) -> None:
    resident = world.register(EDGE)
    resident.visit(li, dimensions=RISK)
    world.go_to(date(2026, 3, 27))
    second = resident.visit(li)
    resident.visit(advisor, merge=True)
    assert {duty.credited_visit_id for duty in resident.duties("follow_up").values()} == {UUID(second["visit_id"])}


def test_a21_a_merge_raises_nothing_twice(world: World, li: User, advisor: User) -> None:
    resident = world.register(EDGE)
    resident.visit(li, dimensions=RISK)
    resident.visit(li, dimensions=RISK, merge=True)
    assert len(resident.duties("follow_up")) == 1
    assert len(resident.tasks("follow_up")) == 1


def test_a21_a_merge_of_a_closed_door_raises_no_welfare_check(world: World, li: User) -> None:
    resident = world.register(EDGE)
    resident.visit(li, met=False)
    resident.visit(li, met=False, merge=True)
    assert not resident.tasks("welfare_check")


def test_a21_a_merge_that_would_credit_a_period_long_closed_is_approved_first(
    world: World, li: User, advisor: User
) -> None:
    resident = world.register(EDGE)
    resident.visit(li, met=False)
    world.go_to(date(2026, 8, 1))
    resident.visit(li, on=date(2026, 3, 20), merge=True)
    assert states(resident)["2026-H1"] == "missed"
    assert [task.state for task in resident.tasks("confirm")] == ["open"]


def test_a21_one_form_about_a_whole_family_joins_the_visits_to_each_of_them(world: World, li: User) -> None:
    one, other, third = (world.register(EDGE, CHANGE) for _ in range(3))
    first = one.visit(li)
    world.go_to(date(2026, 3, 21))
    other.visit(li, on=date(2026, 3, 20), dimensions=RISK)
    third.visit(li, on=date(2026, 3, 20), with_others=[one, other], merge=True)
    standing = world.rows("SELECT resident_id, visit_id FROM visit_resident WHERE merged_into IS NULL AND NOT voided")
    assert {row.visit_id for row in standing} == {UUID(first["visit_id"])}
    assert {row.resident_id for row in standing} == {one.id, other.id, third.id}
    assert [states(person)["2026-03"] for person in (one, other, third)] == ["met"] * 3
    # What the second visit had asked for is asked for still, and once.
    assert len(other.tasks("follow_up")) == 1
    [row] = world.rows("SELECT count(*) AS forms FROM visit WHERE merged_into = :id", id=UUID(first["visit_id"]))
    assert row.forms == 2


def test_a21_the_later_id_is_the_same_record_from_then_on(world: World, li: User) -> None:
    resident = world.register(EDGE, CHANGE)
    first = resident.visit(li)
    later = uuid4()
    merged = resident.visit(li, merge=True, visit_id=later)
    assert merged == first
    assert resident.visit(li, merge=True, visit_id=later) == first
    corrected = correct(world, {"visit_id": str(later)}, li, mode="phone")
    assert (str(corrected["visit_id"]), corrected["version"]) == (first["visit_id"], 3)
    assert states(resident) == {"2026-03": "open"}
    void(world, {"visit_id": str(later)}, li)
    [row] = world.rows("SELECT voided_at FROM visit WHERE visit_id = :id", id=UUID(first["visit_id"]))
    assert row.voided_at is not None


def test_a21_a_voided_visit_is_no_duplicate(world: World, li: User) -> None:
    resident = world.register(EDGE)
    first = resident.visit(li)
    void(world, first, li)
    second = resident.visit(li, merge=True)
    assert second["visit_id"] != first["visit_id"]


def test_a32_who_merges_reads_only_of_residents_they_see(world: World) -> None:
    one, other = world.register(EDGE, CHANGE), world.register(EDGE, CHANGE, committee="310117001002")
    one.visit(world.user("street_advisor"), with_others=[other])
    told = one.visit(world.user(committees=[COMMITTEE]), merge=True)
    assert {line["resident_id"] for line in told["credits"]} == {str(one.id)}
    assert states(other)["2026-03"] == "met"
