"""The fairness of the counting (A15 to A17, A27), as it reaches the duties of a person."""

import pytest

from core.policy import coverage
from tests.core.duties.test_ledger import EDGE, day
from tests.world import STREET, Person, World


def standing(resident: Person) -> dict[str, tuple[str, str | None]]:
    """Every period with what became of it, and why."""
    return {period: (duty.state, duty.reason) for period, duty in resident.duties().items()}


# A15: gaps and returns


def test_a15_a_return_in_the_same_period_reopens_what_the_gap_cancelled(world: World) -> None:
    resident = world.register(EDGE)
    world.go_to(day("2026-03-25"))
    world.send("fact.ended", resident, kind="assistance", tag="dibao_edge", on="2026-03-24")
    assert standing(resident) == {"2026-H1": ("cancelled", "tier_none")}
    # Eleven days are left of the half-year: a newcomer would owe nothing of it.
    world.go_to(day("2026-06-20"))
    world.send("fact.recorded", resident, fact={**EDGE, "valid_from": "2026-06-20"})
    assert standing(resident) == {"2026-H1": ("open", None)}
    assert resident.task.due_on == day("2026-06-30")


def test_a15_a_half_year_that_was_visited_before_the_gap_stays_met_after_the_return(world: World) -> None:
    resident = world.register(EDGE)
    resident.visit(world.user())
    world.go_to(day("2026-03-25"))
    world.send("fact.ended", resident, kind="assistance", tag="dibao_edge", on="2026-03-24")
    world.go_to(day("2026-04-20"))
    world.send("fact.recorded", resident, fact={**EDGE, "valid_from": "2026-04-20"})
    assert standing(resident) == {"2026-H1": ("met", None)}


# A15: a frequency raised in mid-period


@pytest.mark.parametrize(
    ("effective_on", "half_year", "quarter"),
    [
        ("2026-06-01", ("cancelled", "absorbed"), ("open", None)),  # thirty days left of the quarter
        ("2026-06-02", ("open", None), None),  # one less
    ],
)
def test_a15_a_frequency_raised_in_mid_period_owes_from_the_day_it_takes_effect(
    world: World, effective_on: str, half_year: tuple[str, str | None], quarter: tuple[str, str | None] | None
) -> None:
    resident = world.register(EDGE)
    manager = world.user("street_manager")
    document: coverage.Document = {"frequency": {"general": "quarter"}}
    with world.database.transaction(manager.scope) as session:
        coverage.put(session, STREET, document, day(effective_on), "", by=manager, now=world.now)
    world.jump_to(day("2026-06-03"))
    assert (standing(resident)["2026-H1"], standing(resident).get("2026-Q2")) == (half_year, quarter)
    world.jump_to(day("2026-07-02"))
    assert standing(resident)["2026-Q3"] == ("open", None)
    missed = {period for period, (state, _) in standing(resident).items() if state == "missed"}
    assert missed == ({"2026-Q2"} if quarter else {"2026-H1"})
