"""What lets the street advisor excuse a period (A18, A22): refusals on record, or a warning that was unfounded."""

from datetime import date
from uuid import UUID

import pytest

from core.errors import Closed, Invalid, NotAllowed
from core.organisation.users import User
from core.policy import policies
from core.tasks import attempts, excuses
from tests.rules import drafts
from tests.world import Person, World

EDGE = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}
CHANGE = {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-10"}


@pytest.fixture
def visitor(world: World) -> User:
    return world.user()


@pytest.fixture
def advisor(world: World) -> User:
    return world.user("street_advisor")


@pytest.fixture
def refuser(world: World, visitor: User) -> Person:
    """Owed a visit in March and in each month after."""
    return world.register(EDGE, CHANGE)


def met_with(resident: Person, outcome: str, *days: date, by: User) -> None:
    """Somebody went on these days and came back with this outcome."""
    world = resident.world
    for day in days:
        with world.database.transaction(by.scope) as session:
            attempts.attempt(session, resident.task.task_id, outcome, day, None, by=by, now=world.now)


def excuse(
    resident: Person, period: str | None, *, by: User, kind: str = "periodic", task_id: UUID | None = None
) -> None:
    """By the open visit task, or one that is over."""
    world = resident.world
    task_id = task_id or resident.task.task_id
    with world.database.transaction(by.scope) as session:
        excuses.excuse(session, task_id, kind, period, "不愿接受走访", by=by, now=world.now)


def refusal(resident: Person, period: str | None, *, by: User) -> str:
    """The code with which an excuse is refused."""
    with pytest.raises(Invalid) as refused:
        excuse(resident, period, by=by)
    [problem] = refused.value.problems
    return problem.code


def state(resident: Person, period: str) -> str:
    return str(resident.duties()[period].state)


def test_a18_two_refusals_on_different_days_let_the_street_advisor_excuse_the_month(
    refuser: Person, visitor: User, advisor: User
) -> None:
    refuser.world.go_to(date(2026, 3, 25))
    met_with(refuser, "refused", date(2026, 3, 23), date(2026, 3, 25), by=visitor)
    with pytest.raises(NotAllowed):
        excuse(refuser, "2026-03", by=visitor)
    excuse(refuser, "2026-03", by=advisor)
    [duty] = [duty for name, duty in refuser.duties().items() if name == "2026-03"]
    assert (duty.state, duty.reason, duty.excuse["by"]) == ("excused", "不愿接受走访", str(advisor.user_id))


def test_a18_without_two_refusals_there_is_no_ground(refuser: Person, visitor: User, advisor: User) -> None:
    assert refusal(refuser, "2026-03", by=advisor) == "no_ground"
    # The same day counts once.
    met_with(refuser, "refused", date(2026, 3, 20), date(2026, 3, 20), by=visitor)
    assert refusal(refuser, "2026-03", by=advisor) == "no_ground"
    refuser.world.go_to(date(2026, 3, 24))
    # Nobody at home and in hospital are other things: hospital becomes a pause.
    met_with(refuser, "not_home", date(2026, 3, 23), by=visitor)
    met_with(refuser, "hospital", date(2026, 3, 24), by=visitor)
    assert refusal(refuser, "2026-03", by=advisor) == "no_ground"
    assert state(refuser, "2026-03") == "open"


def test_a18_refusals_of_one_month_are_no_ground_for_the_next(refuser: Person, visitor: User, advisor: User) -> None:
    refuser.world.go_to(date(2026, 3, 25))
    met_with(refuser, "refused", date(2026, 3, 23), date(2026, 3, 25), by=visitor)
    refuser.world.go_to(date(2026, 4, 2))
    assert refusal(refuser, "2026-04", by=advisor) == "no_ground"
    excuse(refuser, "2026-03", by=advisor)
    assert (state(refuser, "2026-03"), state(refuser, "2026-04")) == ("excused", "open")


def test_a18_refusals_of_one_month_are_no_ground_for_the_month_before(
    refuser: Person, visitor: User, advisor: User
) -> None:
    refuser.world.go_to(date(2026, 4, 2))
    met_with(refuser, "refused", date(2026, 4, 1), date(2026, 4, 2), by=visitor)
    assert refusal(refuser, "2026-03", by=advisor) == "no_ground"
    assert state(refuser, "2026-03") == "missed"


def test_a18_a_period_can_be_excused_until_15_days_after_its_close(
    refuser: Person, visitor: User, advisor: User
) -> None:
    refuser.world.go_to(date(2026, 3, 25))
    met_with(refuser, "refused", date(2026, 3, 23), date(2026, 3, 25), by=visitor)
    refuser.world.go_to(date(2026, 4, 16))
    assert refusal(refuser, "2026-03", by=advisor) == "too_late"
    assert state(refuser, "2026-03") == "missed"


def test_a18_on_the_fifteenth_day_it_still_can(refuser: Person, visitor: User, advisor: User) -> None:
    refuser.world.go_to(date(2026, 3, 25))
    met_with(refuser, "refused", date(2026, 3, 23), date(2026, 3, 25), by=visitor)
    refuser.world.go_to(date(2026, 4, 15))
    excuse(refuser, "2026-03", by=advisor)
    refuser.world.go_to(date(2026, 4, 20))
    assert state(refuser, "2026-03") == "excused"


def test_without_a_period_what_is_still_open_is_meant(refuser: Person, visitor: User, advisor: User) -> None:
    refuser.world.go_to(date(2026, 4, 2))
    met_with(refuser, "refused", date(2026, 4, 1), date(2026, 4, 2), by=visitor)
    excuse(refuser, None, by=advisor)
    assert (state(refuser, "2026-03"), state(refuser, "2026-04")) == ("missed", "excused")


def test_a22_the_period_of_somebody_warned_alone_may_be_excused_as_the_warning_was_unfounded(
    world: World, visitor: User, advisor: User
) -> None:
    warned = world.register({"kind": "warning", "warning": "illness_poverty", "valid_from": "2026-03-01"})
    excuse(warned, "2026-H1", by=advisor)
    assert state(warned, "2026-H1") == "excused"
    # Who is in the register as well is owed the visit all the same.
    other = world.register(EDGE, {"kind": "warning", "warning": "illness_poverty", "valid_from": "2026-03-01"})
    assert refusal(other, "2026-H1", by=advisor) == "no_ground"


def test_a_response_is_excused_with_a_reason(refuser: Person, advisor: User) -> None:
    excuse(refuser, None, by=advisor, kind="response")
    assert [duty.state for duty in refuser.duties("response").values()] == ["excused"]


def test_a27_a_closed_month_is_excused_by_the_number_of_refusals_that_held_in_it(
    refuser: Person, visitor: User, advisor: User
) -> None:
    world = refuser.world
    officer = world.user("district_officer")
    document = drafts.text(version=2, effective_on="2026-03-20", refusals_before_excuse={"2026-04-01": 3})
    with world.database.transaction(officer.scope) as session:
        policies.put(session, document, "试行修订", by=officer, now=world.now)
    world.go_to(date(2026, 3, 25))
    met_with(refuser, "refused", date(2026, 3, 23), date(2026, 3, 25), by=visitor)
    world.go_to(date(2026, 4, 3))
    met_with(refuser, "refused", date(2026, 4, 2), date(2026, 4, 3), by=visitor)
    assert refusal(refuser, "2026-04", by=advisor) == "no_ground"
    excuse(refuser, "2026-03", by=advisor)


def test_a18_a_missed_month_can_be_excused_after_a_later_visit_closed_its_task(
    refuser: Person, visitor: User, advisor: User
) -> None:
    world = refuser.world
    world.go_to(date(2026, 3, 25))
    met_with(refuser, "refused", date(2026, 3, 23), date(2026, 3, 25), by=visitor)
    world.go_to(date(2026, 4, 2))
    refuser.visit(visitor)
    [task] = refuser.tasks()
    assert (task.state, state(refuser, "2026-03")) == ("done", "missed")
    excuse(refuser, "2026-03", by=advisor, task_id=task.task_id)
    assert (state(refuser, "2026-03"), state(refuser, "2026-04")) == ("excused", "met")
    with pytest.raises(Closed):
        excuse(refuser, "2026-03", by=advisor, task_id=task.task_id)
    assert [one.state for one in refuser.tasks()] == ["done"]


def test_a18_a_missed_month_whose_task_is_over_is_excused_by_the_task_of_the_next_month_too(
    world: World, refuser: Person, visitor: User, advisor: User
) -> None:
    met_with(refuser, "refused", world.now.date(), by=visitor)
    world.go_to(date(2026, 3, 24))
    met_with(refuser, "refused", date(2026, 3, 24), by=visitor)
    world.go_to(date(2026, 4, 2))
    refuser.visit(visitor, on=date(2026, 4, 1))
    world.send("change.accident", refuser, happened_on="2026-04-02")
    excuse(refuser, "2026-03", by=advisor)
    assert state(refuser, "2026-03") == "excused"


def test_a18_an_excuse_in_the_new_street_reaches_the_report_of_the_old_one(
    refuser: Person, visitor: User, advisor: User
) -> None:
    world = refuser.world
    world.go_to(date(2026, 3, 25))
    met_with(refuser, "refused", date(2026, 3, 23), date(2026, 3, 25), by=visitor)
    world.go_to(date(2026, 4, 2))
    world.send("resident.moved", refuser, on="2026-04-02", to_street="310117002", to_committee="310117002003")
    there = world.user("street_advisor", street="310117002")
    excuse(refuser, "2026-03", by=there)
    world.settle()
    rows = world.rows("SELECT street_code, state, excuse FROM duty WHERE period = '2026-03' ORDER BY street_code")
    assert [(row.street_code, row.state, row.excuse["by"]) for row in rows] == [
        ("310117001", "excused", str(there.user_id)),
        ("310117002", "excused", str(there.user_id)),
    ]
