"""Findings (B1 to B3): opened, raised, lowered, quiet, closed, told anew from whatever is known."""

import pickle
from datetime import date, datetime, time, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.casework.codes import Dimension, FindingState, FollowUpOutcome, Level
from rules.casework.findings import Change, Finding, Look, Word, extended, told, without
from tests.rules.casework.cases import look, random_looks

EVERY = settings(max_examples=300, deadline=None, derandomize=True)
JANUARY = date(2026, 1, 10)


def day(number: int) -> date:
    return JANUARY + timedelta(days=number)


def health(*levels: str) -> list[Look]:
    """One look a day in one dimension, from the first day on; `-` is a visit that did not look."""
    return [look("health", level, day(number)) for number, level in enumerate(levels) if level != "-"]


def findings(*levels: str, words: tuple[Word, ...] = ()) -> tuple[Finding, ...]:
    return told(health(*levels), words, watch_closes_after=2)


def word(outcome: str | None, on: date, said_on: date | None = None) -> Word:
    return Word(on, datetime.combine(said_on or on, time(18)), FollowUpOutcome(outcome) if outcome else None)


def test_an_ok_opens_nothing() -> None:
    assert findings("ok", "ok") == ()


def test_a_later_visit_raises_and_lowers_the_level_of_the_one_open_finding() -> None:
    (finding,) = findings("watch", "urgent", "urgent", "risk")
    assert finding.state is FindingState.OPEN
    assert (finding.level, finding.found_on) == (Level.RISK, day(0))
    assert finding.changes == (
        Change(day(0), None, Level.WATCH),
        Change(day(1), Level.WATCH, Level.URGENT),
        Change(day(3), Level.URGENT, Level.RISK),
    )


def test_an_ok_seen_by_somebody_does_not_close_a_risk_but_says_since_when_it_is_quiet() -> None:
    (finding,) = findings("risk", "ok", "ok", "ok")
    assert (finding.state, finding.level, finding.quiet_since) == (FindingState.OPEN, Level.RISK, day(1))
    (again,) = findings("risk", "ok", "watch")
    assert again.quiet_since is None


def test_a_watch_closes_at_the_second_ok_running() -> None:
    (finding,) = findings("watch", "ok", "ok")
    assert (finding.state, finding.closed_on) == (FindingState.CLEARED, day(2))
    assert findings("watch", "ok")[0].state is FindingState.OPEN
    assert findings("watch", "ok", "watch", "ok")[0].state is FindingState.OPEN


def test_a_dimension_left_out_is_not_looked_at_and_interrupts_no_run_of_ok() -> None:
    (finding,) = findings("watch", "ok", "-", "-", "ok")
    assert finding.state is FindingState.CLEARED


def test_two_looks_of_one_day_are_one_and_the_worse_level_counts() -> None:
    same = [look("health", "ok", day(1), contact="phone"), look("health", "ok", day(1), contact="visit")]
    (finding,) = told([*health("watch"), *same], watch_closes_after=2)
    assert finding.state is FindingState.OPEN
    both = [look("health", "ok", day(1), contact="phone"), look("health", "risk", day(1), contact="visit")]
    assert told([*health("watch"), *both], watch_closes_after=2)[0].level is Level.RISK


def test_after_a_finding_was_closed_the_next_one_is_another() -> None:
    first, second = findings("watch", "ok", "ok", "risk")
    assert (first.state, second.state) == (FindingState.CLEARED, FindingState.OPEN)
    assert second.found_on == day(3)


def test_a_watch_that_was_a_risk_waits_for_its_follow_up() -> None:
    levels = ("risk", "watch", "ok", "ok")
    assert findings(*levels)[0].state is FindingState.OPEN
    (followed,) = findings(*levels, words=(word("eased", day(1)),))
    assert (followed.state, followed.closed_on) == (FindingState.CLEARED, day(3))


def test_a_follow_up_clears_what_lay_behind_it() -> None:
    (finding,) = findings("risk", "ok", words=(word("cleared", day(5)),))
    assert (finding.state, finding.closed_on) == (FindingState.CLEARED, day(5))


def test_eased_same_and_worse_leave_a_finding_open() -> None:
    for outcome in ("eased", "same", "worse"):
        assert findings("risk", words=(word(outcome, day(5)),))[0].state is FindingState.OPEN


def test_what_was_found_after_the_follow_up_is_another_finding() -> None:
    first, second = findings("risk", "-", "-", "risk", words=(word("cleared", day(2), said_on=day(9)),))
    assert (first.state, second.state) == (FindingState.CLEARED, FindingState.OPEN)


def test_what_was_seen_before_the_follow_up_but_entered_after_it_is_news() -> None:
    late = look("health", "urgent", day(1), recorded=day(8))
    first, second = told([*health("risk"), late], [word("cleared", day(5))], watch_closes_after=2)
    assert (first.level, first.state) == (Level.RISK, FindingState.CLEARED)
    assert (second.level, second.state, second.found_on) == (Level.URGENT, FindingState.OPEN, day(1))


def test_a_finding_recorded_in_error_is_mistaken() -> None:
    (finding,) = findings("risk", words=(word(None, day(3)),))
    assert (finding.state, finding.closed_on) == (FindingState.MISTAKEN, day(3))


def test_a_finding_whose_only_visit_is_voided_is_mistaken() -> None:
    (finding,) = findings("risk")
    assert without(finding, "visit of 2026-01-10", watch_closes_after=2).state is FindingState.MISTAKEN
    (two,) = findings("watch", "risk")
    rest = without(two, "visit of 2026-01-11", watch_closes_after=2)
    assert (rest.state, rest.level) == (FindingState.OPEN, Level.WATCH)


def test_a_late_entry_between_two_ok_keeps_a_watch_open_as_if_it_had_been_known() -> None:
    (closed,) = findings("watch", "ok", "-", "ok")
    assert closed.state is FindingState.CLEARED
    late = look("health", "risk", day(2), recorded=day(20))
    (opened,) = told([*health("watch", "ok", "-", "ok"), late], watch_closes_after=2)
    assert (opened.state, opened.level, opened.quiet_since) == (FindingState.OPEN, Level.RISK, day(3))


def test_the_signs_are_those_of_the_day_that_gave_the_level() -> None:
    looks = [
        look("health", "watch", day(0), "medicine_cost"),
        look("health", "risk", day(1), "acute", "mental"),
        look("health", "ok", day(2)),
    ]
    (finding,) = told(looks, watch_closes_after=2)
    assert finding.signs == {"acute", "mental"}


def test_a_finding_travels_to_another_process() -> None:
    (finding,) = findings("risk", "ok", words=(word("eased", day(1)),))
    assert pickle.loads(pickle.dumps(finding)) == finding


@EVERY
@given(st.randoms(use_true_random=False))
def test_whatever_is_known_at_most_one_finding_of_a_dimension_stands_open_and_none_is_lost(random: Random) -> None:
    looks = [one for one in random_looks(random, most=20) if one.dimension in (Dimension.HEALTH, Dimension.ECONOMY)]
    looks = [Look(**{**_fields(one), "dimension": Dimension.HEALTH}) for one in looks]
    words = [
        word(random.choice(("cleared", "same", "eased", None)), random.choice(looks).on, date(2026, 9, 3))
        for _ in range(random.randint(0, 2))
        if looks
    ]
    found = told(looks, words, watch_closes_after=2)
    assert sum(finding.state is FindingState.OPEN for finding in found) <= 1
    assert all(finding.state is not FindingState.OPEN for finding in found[:-1])
    told_of = [each for finding in found for each in finding.looks]
    assert len(told_of) == len(set(told_of))
    assert {each for each in looks if each.level is not Level.OK} <= set(told_of)
    random.shuffle(looks)
    assert told(looks, reversed(words), watch_closes_after=2) == found


@EVERY
@given(st.randoms(use_true_random=False))
def test_findings_extended_look_by_look_are_those_told_at_once(random: Random) -> None:
    levels = [random.choice(("ok", "watch", "risk", "urgent", "-")) for _ in range(random.randint(1, 12))]
    looks = health(*levels)
    step_by_step: tuple[Finding, ...] = ()
    for each in looks:
        step_by_step = extended(step_by_step, [each], watch_closes_after=2)
    assert step_by_step == findings(*levels)


def _fields(one: Look) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__slots__}
