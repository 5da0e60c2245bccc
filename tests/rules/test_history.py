"""The fold of a person's log: what is known follows from what was said, not from the order in which it was heard."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.facts import Fact, FactKind
from rules.history import Entry, History, fold, meant, rejudged_since

EVERY = settings(max_examples=150, deadline=None, derandomize=True)
MORNING = datetime(2026, 3, 20, 1, tzinfo=UTC)
TAGS = ("dibao_edge", "expenditure_poor")
FIRST_DAYS = ("2026-03-01", "2026-03-10")


def day(text: str) -> date:
    return date.fromisoformat(text)


def entry(
    at: int,
    said: Mapping[str, Any],
    *,
    kind: str = "fact.recorded",
    heard: str = "2026-03-20",
    source: str = "/a",
    event_id: str | None = None,
) -> Entry:
    """A line of the log: said in the `at`-th minute, recorded on a day."""
    recorded_at = datetime.combine(day(heard), datetime.min.time(), UTC)
    name = event_id or f"e{at}"
    return Entry(MORNING + timedelta(minutes=at), source, name, kind, said, recorded_at, day(heard))


def aid(tag: str = "dibao_edge", valid_from: str = "2026-03-01", **more: Any) -> dict[str, Any]:
    return {"facts": [{"kind": "assistance", "tag": tag, "valid_from": valid_from, "valid_to": None, **more}]}


def change(valid_from: str = "2026-03-10", cause: str = "accident") -> dict[str, Any]:
    return {"facts": [{"kind": "major_change", "cause": cause, "valid_from": valid_from, "valid_to": None}]}


def illness(valid_from: str = "2026-03-10", **more: Any) -> dict[str, Any]:
    said = {"kind": "serious_illness", "basis": "found_on_visit", "valid_from": valid_from}
    return {"facts": [{**said, **more}]}


def in_force(history: History, on: str) -> set[str | None]:
    def holds(fact: Fact) -> bool:
        return fact.valid_from <= day(on) and (fact.valid_to is None or fact.valid_to >= day(on))

    return {fact.tag or fact.cause for fact in history.facts if holds(fact)}


# The order of effect


def statements() -> st.SearchStrategy[dict[str, Any]]:
    """Anything that the contract lets somebody say about a person."""
    tag, first, last = st.sampled_from(TAGS), st.sampled_from(FIRST_DAYS), st.sampled_from(("2026-03-09", "2026-03-15"))
    kind = st.sampled_from(("assistance", "major_change"))
    place = st.sampled_from(("310117001001", "310117001002", "310117002001"))

    def named(kind: str, tag: str) -> dict[str, str]:
        return {"kind": kind, "tag": tag} if kind == "assistance" else {"kind": kind}

    return st.one_of(
        st.builds(aid, tag, first),
        st.builds(change, first),
        st.builds(illness, first),
        st.builds(lambda first, on: illness(first, confirmed_on=on), first, last),
        st.builds(lambda kind, tag, on: {"end": {**named(kind, tag), "on": on}}, kind, tag, last),
        st.builds(lambda kind, tag, first: {"retract": {**named(kind, tag), "valid_from": first}}, kind, tag, first),
        st.builds(lambda first: {"extend": {"valid_from": first, "until": "2026-08-01"}}, first),
        st.builds(lambda on: {"left_on": on}, last),
        st.builds(lambda on: {"died_on": on}, last),
        st.just({"restored": True}),
        st.builds(lambda on, to: {"moved": {"on": on, "to_street": to[:9], "to_committee": to}}, first, place),
        st.builds(lambda born: {"corrected": {"birth_date": born}}, st.sampled_from(("1950-01-01", "1956-07-15"))),
    )


@st.composite
def logs(draw: st.DrawFn) -> list[Entry]:
    said = draw(st.lists(statements(), min_size=1, max_size=8))
    return [
        entry(
            draw(st.integers(0, 3)),
            one,
            kind=draw(st.sampled_from(("fact.recorded", "resident.registered"))),
            heard=draw(st.sampled_from(("2026-03-20", "2026-03-21"))),
            source=draw(st.sampled_from(("/a", "/b"))),
            event_id=f"e{number}",
        )
        for number, one in enumerate(said)
    ]


def knowledge(history: History, on: str = "2026-03-20") -> tuple[object, ...]:
    return (
        sorted(map(repr, history.facts)),
        history.died_on,
        history.left_on,
        history.place_on(day(on)),
        history.corrected,
        history.news(),
        history.in_vain,
    )


@EVERY
@given(logs(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_makes_no_difference(log: list[Entry], random: Any) -> None:
    shuffled = random.sample(log, len(log))
    assert knowledge(fold(shuffled)) == knowledge(fold(log))
    assert knowledge(fold(shuffled, known_on=day("2026-03-20"))) == knowledge(fold(log, known_on=day("2026-03-20")))


@EVERY
@given(logs())
def test_what_was_recorded_later_was_not_known_before(log: list[Entry]) -> None:
    known = [one for one in log if one.recorded_on <= day("2026-03-20")]
    assert knowledge(fold(log, known_on=day("2026-03-20"))) == knowledge(fold(known))
    assert knowledge(fold(log, known_on=day("2026-03-21"))) == knowledge(fold(log))


def test_of_two_events_at_one_time_the_source_decides_and_then_the_id() -> None:
    said = aid("tekun", support="scattered"), aid("tekun", support="centralised")
    by_source = [entry(0, said[0], source="/b", event_id="1"), entry(0, said[1], source="/a", event_id="2")]
    by_id = [entry(0, said[0], source="/a", event_id="2"), entry(0, said[1], source="/a", event_id="1")]
    for log in (by_source, by_id):
        [fact] = fold(log).facts
        assert fact.support == "scattered"


# Ended, left, retracted


def test_an_ended_fact_holds_through_its_last_day() -> None:
    history = fold(
        [entry(0, aid()), entry(1, {"end": {"kind": "assistance", "tag": "dibao_edge", "on": "2026-03-09"}})]
    )
    assert in_force(history, "2026-03-09") == {"dibao_edge"}
    assert in_force(history, "2026-03-10") == set()


def test_an_end_without_a_first_day_ends_all_of_that_kind_in_force_and_no_other() -> None:
    later = {"kind": "major_change", "on": "2026-03-15"}
    log = [
        entry(0, change("2026-03-01")),
        entry(1, change("2026-03-10")),
        entry(2, change("2026-03-16")),
        entry(3, aid()),
    ]
    history = fold([*log, entry(4, {"end": later})])
    assert {fact.valid_from.day: fact.valid_to for fact in history.facts if fact.kind is FactKind.MAJOR_CHANGE} == {
        1: day("2026-03-15"),
        10: day("2026-03-15"),
        16: None,
    }
    assert in_force(history, "2026-03-16") == {"dibao_edge", "accident"}


def test_an_end_with_a_first_day_ends_only_that_one() -> None:
    end = {"kind": "major_change", "on": "2026-03-15", "valid_from": "2026-03-10"}
    history = fold([entry(0, change("2026-03-01")), entry(1, change("2026-03-10")), entry(2, {"end": end})])
    assert [fact.valid_to for fact in history.facts] == [None, day("2026-03-15")]


def test_an_end_ends_nothing_that_is_said_at_a_later_time() -> None:
    end = {"kind": "assistance", "tag": "dibao_edge", "on": "2026-03-09"}
    assert in_force(fold([entry(1, {"end": end}), entry(2, aid())]), "2026-03-10") == {"dibao_edge"}
    assert in_force(fold([entry(1, {"end": end}), entry(0, aid())]), "2026-03-10") == set()


def test_a_fact_that_had_ended_before_keeps_its_last_day() -> None:
    ended = aid(valid_to="2026-03-05")
    history = fold(
        [entry(0, ended), entry(1, {"end": {"kind": "assistance", "tag": "dibao_edge", "on": "2026-03-09"}})]
    )
    assert [fact.valid_to for fact in history.facts] == [day("2026-03-05")]


def test_leaving_the_register_ends_every_aid_and_nothing_else() -> None:
    history = fold(
        [entry(0, aid()), entry(1, aid("expenditure_poor")), entry(2, change()), entry(3, {"left_on": "2026-03-15"})]
    )
    assert in_force(history, "2026-03-15") == {"dibao_edge", "expenditure_poor", "accident"}
    assert in_force(history, "2026-03-16") == {"accident"}


def test_a_retracted_fact_was_never_there_while_an_ended_one_was() -> None:
    retract = {"retract": {"kind": "major_change", "valid_from": "2026-03-10"}}
    history = fold([entry(0, aid()), entry(1, change("2026-03-10")), entry(2, change("2026-03-11")), entry(3, retract)])
    assert [fact.valid_from for fact in history.facts if fact.cause] == [day("2026-03-11")]
    assert len(history.news()) == 1


def test_a_retraction_takes_the_named_tag_only() -> None:
    retract = {"retract": {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-03-01"}}
    history = fold([entry(0, aid()), entry(1, aid("expenditure_poor")), entry(2, retract)])
    assert {fact.tag for fact in history.facts} == {"expenditure_poor"}


def test_what_is_said_again_after_a_retraction_stands() -> None:
    retract = {"retract": {"kind": "major_change", "valid_from": "2026-03-10"}}
    assert fold([entry(0, change()), entry(1, retract), entry(2, change())]).facts


def test_with_hindsight_a_retraction_counts_for_the_days_before_it_was_made() -> None:
    retract = {"retract": {"kind": "major_change", "valid_from": "2026-03-10"}}
    log = [entry(0, change()), entry(1, retract, heard="2026-04-10")]
    assert fold(log, known_on=day("2026-03-20")).facts
    assert not fold(log, known_on=day("2026-03-20"), hindsight=True).facts
    end = {"end": {"kind": "major_change", "on": "2026-03-15"}}
    ended = [entry(0, change()), entry(1, end, heard="2026-04-10")]
    [fact] = fold(ended, known_on=day("2026-03-20"), hindsight=True).facts
    assert fact.valid_to is None


def test_a27_a_retraction_puts_the_days_since_its_fact_in_question_but_none_before_anything_was_known() -> None:
    retract = {"retract": {"kind": "major_change", "valid_from": "2026-03-25"}}
    log = [entry(0, aid()), entry(1, change("2026-03-25"), heard="2026-03-26"), entry(2, retract, heard="2026-05-04")]
    assert rejudged_since(log, day("2026-05-04")) == day("2026-03-25")
    assert rejudged_since(log, day("2026-05-05")) == day("2026-05-05")
    assert rejudged_since(log[:2], day("2026-03-20")) == day("2026-03-20")
    long_ago = {"retract": {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2020-01-01"}}
    assert rejudged_since([*log, entry(3, long_ago, heard="2026-05-04")], day("2026-05-04")) == day("2026-03-20")


def test_a27_a_corrected_day_of_death_puts_the_days_since_the_earlier_one_in_question() -> None:
    log = [entry(0, aid()), entry(1, {"died_on": "2026-05-02"}, heard="2026-05-04")]
    assert rejudged_since(log, day("2026-05-04")) == day("2026-05-04")
    corrected = [*log, entry(2, {"died_on": "2026-06-02"}, heard="2026-06-10")]
    assert rejudged_since(corrected, day("2026-06-10")) == day("2026-05-02")


# Said again


def test_two_sources_that_say_the_same_are_one_fact() -> None:
    log = [entry(0, change(), heard="2026-03-22", source="/b"), entry(1, change(), heard="2026-03-20", source="/a")]
    [news] = fold(log).news()
    assert news.arrived_on == day("2026-03-20")


def test_two_causes_on_one_day_are_two_events() -> None:
    assert len(fold([entry(0, change()), entry(1, change(cause="emergency"))]).news()) == 2


def test_a33_news_arrives_when_first_heard_and_is_told_when_first_heard_other_than_in_a_registration() -> None:
    log = [entry(0, change(), kind="resident.registered", heard="2026-03-20"), entry(1, change(), heard="2026-04-02")]
    [news] = fold(log).news()
    assert (news.arrived_on, news.told_on) == (day("2026-03-20"), day("2026-04-02"))
    [carried] = fold(log[:1]).news()
    assert carried.told_on is None


def test_a8_a_confirmation_stays_when_the_illness_is_said_again() -> None:
    log = [entry(0, illness(confirmed_on="2026-03-12")), entry(1, illness())]
    assert [fact.confirmed_on for fact in fold(log).facts] == [day("2026-03-12")]


def test_a1_an_extension_moves_the_limit_of_its_change_and_survives_a_repetition() -> None:
    extend = {"extend": {"valid_from": "2026-03-10", "until": "2026-08-01"}}
    log = [entry(0, change()), entry(1, change("2026-03-11")), entry(2, extend), entry(3, change())]
    assert [fact.extended_until for fact in fold(log).facts] == [day("2026-08-01"), None]


# A40


def test_a40_what_an_event_ended_stays_ended_when_the_same_is_said_again() -> None:
    end = {"end": {"kind": "assistance", "tag": "dibao_edge", "on": "2026-03-09"}}
    again = entry(2, aid())
    history = fold([entry(0, aid()), entry(1, end), again])
    assert in_force(history, "2026-03-10") == set()
    assert history.in_vain == {again.order}


def test_a40_a_later_first_day_begins_anew() -> None:
    end = {"end": {"kind": "assistance", "tag": "dibao_edge", "on": "2026-03-09"}}
    history = fold([entry(0, aid()), entry(1, end), entry(2, aid(valid_from="2026-03-20"))])
    assert in_force(history, "2026-03-20") == {"dibao_edge"}
    assert not history.in_vain


def test_a40_an_end_told_by_a_gap_in_a_file_alone_is_undone_by_the_next_that_names_the_tag() -> None:
    for gone in ({"end": {"kind": "assistance", "tag": "dibao_edge", "on": "2026-03-09"}}, {"left_on": "2026-03-09"}):
        history = fold([entry(0, aid()), entry(1, {**gone, "absent": True}), entry(2, aid())])
        assert in_force(history, "2026-03-10") == {"dibao_edge"}
        assert not history.in_vain


def test_a40_leaving_is_not_undone_by_what_was_known_before() -> None:
    history = fold([entry(0, aid()), entry(1, {"left_on": "2026-03-09"}), entry(2, aid())])
    assert in_force(history, "2026-03-10") == set()


def test_a40_what_somebody_rejected_stays_rejected_but_other_grounds_count() -> None:
    reject = {"retract": {"kind": "serious_illness", "valid_from": "2026-03-10", "decided": True}}
    log = [entry(0, illness()), entry(1, reject), entry(2, illness())]
    assert not fold(log).facts
    assert fold(log).in_vain == {log[2].order}
    assert fold([*log, entry(3, illness(basis="diagnosis"))]).facts
    assert fold([*log, entry(3, illness(confirmed_on="2026-03-12"))]).facts


def test_a40_a_move_said_again_does_not_undo_the_one_that_corrected_it() -> None:
    first, corrected = moved("2026-04-01", "310117003001"), moved("2026-04-01", "310117002003")
    history = fold([entry(0, first), entry(1, corrected), entry(2, first)])
    place = history.place_on(day("2026-04-01"))
    assert place is not None
    assert place.to_committee == "310117002003"


# A44


def test_a44_a_cause_tells_two_changes_of_one_day_apart() -> None:
    log = [entry(0, change("2026-03-10")), entry(1, change("2026-03-10", cause="emergency"))]
    end = {"kind": "major_change", "on": "2026-03-15"}
    assert len(meant(fold(log), {"end": end})) == 2
    ended = fold([*log, entry(2, {"end": {**end, "cause": "emergency"}})])
    assert {fact.cause: fact.valid_to for fact in ended.facts} == {"accident": None, "emergency": day("2026-03-15")}
    retract = {"kind": "major_change", "valid_from": "2026-03-10"}
    assert len(meant(fold(log), {"retract": retract})) == 2
    retracted = fold([*log, entry(2, {"retract": {**retract, "cause": "accident"}})])
    assert [fact.cause for fact in retracted.facts] == ["emergency"]


# Restored


def test_a23_a_restoration_makes_a_death_and_a_leaving_as_if_never_said() -> None:
    log = [entry(0, aid()), entry(1, {"died_on": "2026-03-09"}), entry(2, {"left_on": "2026-03-09"})]
    restored = [*log, entry(3, {"restored": True}, heard="2026-04-10")]
    assert fold(restored).died_on is None
    assert fold(restored).left_on is None
    assert in_force(fold(restored), "2026-03-10") == {"dibao_edge"}
    assert fold(restored, known_on=day("2026-03-20")).died_on == day("2026-03-09")
    assert fold(restored, known_on=day("2026-03-20"), hindsight=True).died_on is None
    assert rejudged_since(restored, day("2026-04-10")) == day("2026-03-20")


def test_a40_a_death_that_was_restored_needs_another_day_to_be_told_again() -> None:
    log = [entry(0, {"died_on": "2026-03-09"}), entry(1, {"restored": True}), entry(2, {"died_on": "2026-03-09"})]
    assert fold(log).died_on is None
    assert fold(log).in_vain == {log[2].order}
    assert fold([*log, entry(3, {"died_on": "2026-03-15"})]).died_on == day("2026-03-15")


# The person


def test_a5_a_confirmed_birth_date_wins_over_the_register() -> None:
    history = fold([entry(0, {"corrected": {"birth_date": "1956-07-15", "sex": None}})])
    person = history.person(day("1960-01-01"), "female")
    assert (person.birth_date, person.sex) == (day("1956-07-15"), "female")
    assert fold([]).person(day("1960-01-01"), None).birth_date == day("1960-01-01")


def test_a23_the_day_of_death_is_the_one_said_last() -> None:
    log = [entry(0, {"died_on": "2026-03-09"}), entry(1, {"died_on": "2026-03-15"})]
    assert fold(log).died_on == day("2026-03-15")


def moved(on: str, to_committee: str) -> dict[str, Any]:
    return {"moved": {"on": on, "to_street": to_committee[:9], "to_committee": to_committee}}


def test_a23_a_person_belongs_to_the_new_committee_from_the_first_day_there() -> None:
    history = fold([entry(0, moved("2026-04-01", "310117002003")), entry(1, moved("2026-03-10", "310117001002"))])
    places = [history.place_on(day(on)) for on in ("2026-03-09", "2026-03-10", "2026-03-31", "2026-04-01")]
    assert [place and place.to_committee for place in places] == [None, "310117001002", "310117001002", "310117002003"]


def test_a_move_said_again_for_the_same_day_corrects_the_first() -> None:
    history = fold([entry(1, moved("2026-04-01", "310117003001")), entry(0, moved("2026-04-01", "310117002003"))])
    place = history.place_on(day("2026-04-01"))
    assert place is not None
    assert place.to_committee == "310117003001"
