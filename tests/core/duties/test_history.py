"""Every change of a duty is a line of its history, and the duty's row is the latest of them."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.store.words import DutyChange, DutyReason
from tests.world import STREET, Person, World

EDGE = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}
ILL = {"kind": "serious_illness", "basis": "diagnosis", "valid_from": "2026-01-10"}
NEXT_DOOR, THERE = "310117001002", "310117002003"


def lines(resident: Person, period: str) -> list[tuple[str | None, str, str]]:
    """What a period went through, as the street where the resident lives now tells it."""
    rows = resident.world.rows(
        "SELECT from_state, state, because FROM duty_history WHERE street_code = :street AND resident_id = :id"
        " AND period = :period ORDER BY version",
        street=resident.row.street_code,
        id=resident.id,
        period=period,
    )
    return [(row.from_state, row.state, row.because) for row in rows]


def latest(world: World) -> list[Any]:
    """Each duty beside the latest line of its history, where they differ."""
    return list(
        world.rows(
            "SELECT d.* FROM duty d LEFT JOIN duty_history h ON h.street_code = d.street_code"
            " AND h.duty_id = d.duty_id AND h.version = d.version WHERE (d.state, d.tier, d.starts_on, d.due_on,"
            " d.committee_code, d.late_entry, d.face_to_face, d.made_up_on, d.changed_at,"
            " coalesce(d.credited_visit_id, d.made_up_visit_id)) IS DISTINCT FROM (h.state, h.tier, h.starts_on,"
            " h.due_on, h.committee_code, h.late_entry, h.face_to_face, h.made_up_on, h.recorded_at, h.visit_id)"
        )
    )


@pytest.fixture
def stroke(world: World) -> Person:
    resident = world.register(EDGE)
    world.send("change.serious_illness", resident, happened_on="2026-03-20")
    return resident


def test_a_month_that_closed_without_a_visit_tells_how_it_went_and_when_it_was_made_up(stroke: Person) -> None:
    world = stroke.world
    world.go_to(date(2026, 4, 8))
    visit = stroke.visit(world.user())
    assert lines(stroke, "2026-03") == [
        (None, "open", "owed"),
        ("open", "missed", "period_closed"),
        ("missed", "missed", "made_up"),
    ]
    [made_up] = world.rows("SELECT * FROM duty_history WHERE because = 'made_up'")
    assert (str(made_up.visit_id), made_up.made_up_on) == (visit["visit_id"], date(2026, 4, 8))
    assert not latest(world)


def test_a_duty_that_was_absorbed_and_comes_back_says_both(world: World) -> None:
    world.business.at = world.now.replace(day=2)
    resident = world.register(EDGE)
    world.send("change.accident", resident, happened_on="2026-03-02")
    world.send("fact.retracted", resident, kind="major_change", valid_from="2026-03-02", reason="误报")
    assert lines(resident, "2026-03") == [(None, "open", "owed"), ("open", "cancelled", "retracted")]
    assert lines(resident, "2026-H1") == [
        (None, "open", "owed"),
        ("open", "cancelled", "absorbed"),
        ("cancelled", "open", "owed_again"),
    ]
    assert not latest(world)


def test_a_move_to_another_street_takes_the_history_along_and_says_so_in_both(stroke: Person) -> None:
    world = stroke.world
    stroke.visit(world.user())
    world.go_to(date(2026, 4, 2))
    world.send("resident.moved", stroke, on="2026-04-02", to_street=THERE[:9], to_committee=THERE)
    assert lines(stroke, "2026-03") == [(None, "open", "owed"), ("open", "met", "visited")]
    assert lines(stroke, "2026-04") == [
        (None, "open", "owed"),
        ("open", "cancelled", "moved"),
        ("cancelled", "open", "moved"),
    ]
    here = world.rows("SELECT * FROM duty_history WHERE street_code = :street AND period = '2026-04'", street=STREET)
    assert [(row.state, row.because, row.carried) for row in here] == [
        ("open", "owed", False),
        ("cancelled", "moved", False),
    ]
    there = world.rows("SELECT * FROM duty_history WHERE street_code = '310117002' ORDER BY period, version")
    assert {row.carried for row in there if row.period == "2026-03"} == {True}
    assert [row.carried for row in there if row.period == "2026-04"] == [True, True, False]
    assert not latest(world)


def test_who_comes_back_has_one_history_and_not_two(stroke: Person) -> None:
    world = stroke.world
    world.send("resident.moved", stroke, on="2026-03-20", to_street=THERE[:9], to_committee=THERE)
    world.go_to(date(2026, 3, 25))
    world.send("resident.moved", stroke, on="2026-03-25", to_street=STREET, to_committee="310117001001")
    assert lines(stroke, "2026-03") == [
        (None, "open", "owed"),
        ("open", "cancelled", "moved"),
        ("cancelled", "open", "moved"),
        ("open", "cancelled", "moved"),
        ("cancelled", "open", "moved"),
    ]
    assert not latest(world)


def test_a_move_within_the_street_is_a_change_of_what_is_open_and_not_of_what_closed(stroke: Person) -> None:
    world = stroke.world
    world.go_to(date(2026, 4, 2))
    world.send("resident.moved", stroke, on="2026-04-02", to_street=STREET, to_committee=NEXT_DOOR)
    assert lines(stroke, "2026-04")[-1] == ("open", "open", "moved")
    assert stroke.duties()["2026-03"].committee_code == "310117001001"
    assert stroke.duties()["2026-04"].committee_code == NEXT_DOOR
    assert not latest(world)


def test_a_move_within_the_street_that_is_learnt_of_late_takes_along_what_closed_since(stroke: Person) -> None:
    world = stroke.world
    stroke.visit(world.user())
    world.go_to(date(2026, 4, 7))
    world.send("resident.moved", stroke, on="2026-03-30", to_street=STREET, to_committee=NEXT_DOOR)
    assert stroke.duties()["2026-03"].committee_code == NEXT_DOOR
    assert lines(stroke, "2026-03") == [
        (None, "open", "owed"),
        ("open", "met", "visited"),
        ("met", "met", "moved"),
    ]
    [response] = world.rows("SELECT * FROM duty WHERE kind = 'response'")
    assert response.committee_code == "310117001001"
    assert not latest(world)


def test_nothing_is_written_where_nothing_changed(stroke: Person) -> None:
    world = stroke.world
    before = world.rows("SELECT count(*) FROM duty_history")
    world.send("resident.moved", stroke, on="2026-03-20", to_street=STREET, to_committee="310117001001")
    world.go_to(date(2026, 3, 30))
    assert world.rows("SELECT count(*) FROM duty_history") == before


@pytest.mark.parametrize("statement", ["UPDATE duty_history SET state = 'met'", "DELETE FROM duty_history"])
def test_a_line_of_history_cannot_be_changed_or_removed(stroke: Person, statement: str) -> None:
    with (
        pytest.raises(DBAPIError, match="permission denied"),
        stroke.world.database.transaction(stroke.world.scope) as session,
    ):
        session.execute(text(statement))


def test_a_reason_of_a_duty_and_a_change_never_go_by_the_same_word_but_for_the_move() -> None:
    assert {word.value for word in DutyReason} & {word.value for word in DutyChange} == {"moved"}
