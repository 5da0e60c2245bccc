"""What a report said on an evening it says for ever, whatever becomes known since (A18, A21, A23, A27)."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from tests.api.door import Door
from tests.journeys.district import HERE, NEXT_DOOR, THERE, District, Evenings

EDGE = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}
POOR = {"kind": "assistance", "tag": "expenditure_poor", "valid_from": "2026-01-01"}
ILL = {"kind": "serious_illness", "basis": "diagnosis", "valid_from": "2026-01-10"}
# High without news: at home, and past 70.
TEKUN = {"kind": "assistance", "tag": "tekun", "support": "scattered", "valid_from": "2026-01-01"}
OLD = date(1950, 1, 1)
FIRST, LAST = date(2026, 3, 2), date(2026, 5, 10)
OURS, THEIRS = HERE[:9], THERE[:9]


@pytest.fixture
def district(door: Door) -> District:
    return District(door, FIRST)


def day(month: int, number: int) -> date:
    return date(2026, month, number)


def story(district: District) -> Mapping[date, Callable[[], Any]]:
    """What happens on which day to whom."""
    old = [district.register(TEKUN, born=OLD) for _ in range(8)]
    late, moving, dying, merged, missed, leaving, next_door, refusing = old
    ill, paused = district.register(POOR, ILL), district.register(TEKUN, born=OLD)
    hurt, back = district.register(EDGE), district.register(TEKUN, born=OLD)
    chief = f"advisor-{OURS}"

    def refuse() -> None:
        [task] = district.tasks(refusing, "visit")
        district.do(task, "attempts", by=HERE, outcome="refused", on=str(district.today))

    def excuse() -> None:
        [task] = district.tasks(refusing, "visit")
        district.do(task, "excuse", by=chief, kind="periodic", period="2026-04", reason="两次拒访")

    def approve() -> None:
        [task] = district.tasks(late, "confirm")
        district.do(task, "decide", by=chief, outcome="confirm", result="当时的记录属实")

    return {
        day(3, 5): lambda: district.tell("change.accident", hurt, happened_on="2026-03-04"),
        day(3, 9): lambda: district.visit(HERE, ill, mode="phone"),
        day(3, 12): lambda: district.visit(HERE, moving, back, several_households=True),
        day(3, 14): lambda: district.visit(HERE, merged, met={merged.resident_id: False}),
        # The same visit, told by somebody else who was met.
        day(3, 15): lambda: district.visit(chief, merged, on=day(3, 14), merge=True),
        day(3, 16): lambda: district.move(back, THERE, day(3, 16)),
        # Learnt of two days after it happened.
        day(3, 20): lambda: district.move(moving, THERE, day(3, 18)),
        day(3, 24): lambda: district.move(back, HERE, day(3, 24)),
        day(3, 25): lambda: district.visit(HERE, ill),
        day(3, 27): lambda: district.tell(
            "fact.retracted", hurt, kind="major_change", valid_from="2026-03-04", reason="同名误报"
        ),
        day(3, 28): lambda: district.tell(
            "fact.recorded", paused, fact={"kind": "pause", "reason": "hospital", "valid_from": "2026-04-01"}
        ),
        # Entered after the month, by its day of service.
        day(4, 3): lambda: district.visit(HERE, dying, on=day(3, 30)),
        day(4, 6): lambda: district.move(next_door, NEXT_DOOR, day(3, 30)),
        day(4, 9): lambda: district.visit(HERE, missed),
        day(4, 10): refuse,
        day(4, 13): refuse,
        day(4, 14): lambda: district.tell("resident.died", dying, on="2026-04-08"),
        day(4, 15): lambda: district.visit(f"{THERE}", moving, mode="phone"),
        day(4, 16): excuse,
        day(4, 20): lambda: district.tell("resident.left", leaving, on="2026-04-19"),
        # So late that it needs the street advisor's approval, which comes two days after.
        day(4, 22): lambda: district.visit(HERE, late, on=day(3, 19)),
        day(4, 24): approve,
        day(5, 4): lambda: district.visit(THERE, moving, on=day(4, 28)),
        day(5, 6): lambda: district.tell("resident.died", leaving, on="2026-04-25"),
    }


def test_each_evening_report_is_given_again_for_ever(district: District) -> None:
    happens = story(district)
    evenings = Evenings(district, readers=("district", f"manager-{OURS}", HERE))
    evening = FIRST
    while evening <= LAST:
        if act := happens.pop(evening, None):
            district.go_to(evening, 10)
            act()
        district.go_to(evening, 20)
        evenings.save()
        evening += timedelta(days=1)
    assert not happens
    assert len(evenings.given) > 1_000
    for by in ("street", "committee"):
        evenings.keep("2026-03", by)
    differing = evenings.differing()
    assert not differing, (len(differing), next(iter(differing.items())))

    # Nobody is counted in two streets, on any evening.
    of_march = {on: [evenings.row(on, "2026-03", street) for street in (OURS, THEIRS)] for on in (day(3, 15), LAST)}
    assert [row and row["owed"] for row in of_march[day(3, 15)]] == [11, None]
    assert [row and row["owed"] for row in of_march[LAST]] == [9, 1]
    # What was entered late counts from when it was entered, and what needed approval from then.
    for on, met, late_entries in ((day(4, 2), 2, 0), (day(4, 3), 3, 1), (day(4, 23), 3, 1), (day(4, 24), 4, 2)):
        row = evenings.row(on, "2026-03", OURS)
        assert (on, row["met"], row["late_entry"]) == (on, met, late_entries)
    # A closed period stays with the committee of its last day.
    assert (
        evenings.row(day(4, 5), "2026-03", NEXT_DOOR, "committee"),
        evenings.row(day(4, 5), "2026-03", HERE, "committee")["owed"],
    ) == (None, 9)
    assert evenings.row(LAST, "2026-03", NEXT_DOOR, "committee")["owed"] == 1
    # A call credited the quarter, and a home visit in it makes it face to face (A42).
    for on, face_to_face in ((day(3, 24), 0), (day(3, 25), 1)):
        assert evenings.row(on, "2026-Q1", OURS)["face_to_face"] == face_to_face
    # Nothing is owed that begins after a death.
    assert evenings.row(LAST, "2026-04", OURS)["excused"] == 3
