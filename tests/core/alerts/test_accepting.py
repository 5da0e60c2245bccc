"""Nothing lost, nothing twice: what becomes of news at the door and in the inbox."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from core.alerts.source_keys import Caller
from core.events import id_numbers
from core.inbox import claims, inbox
from core.store import scopes
from tests.world import COMMITTEE, DISTRICT, SOURCE, STREET, World

EDGE = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}


def person(serial: int, *, placed: bool = False) -> dict[str, Any]:
    told = {"id_number": id_numbers.make(date(1960, 1, 1), serial), "name": "测试"}
    return {**told, "street": STREET, "committee": COMMITTEE} if placed else told


def warning(world: World, who: dict[str, Any], **extra: Any) -> dict[str, Any]:
    return world.event("warning.illness_poverty", {"person": who, "pushed_on": "2026-03-20"}, **extra)


def statuses(world: World) -> dict[str, str]:
    rows = world.rows("SELECT event_id, status FROM alert")
    return {row.event_id: row.status for row in rows}


def test_the_same_event_again_is_a_duplicate(world: World) -> None:
    event = warning(world, person(1, placed=True))
    assert world.accept(event).accepted == 1
    again = world.accept(event)
    assert (again.accepted, again.duplicates) == (0, 1)


def test_the_same_event_twice_in_one_batch_counts_once(world: World) -> None:
    event = warning(world, person(1, placed=True))
    result = world.accept(event, event)
    assert (result.accepted, result.duplicates) == (1, 1)


def test_the_same_id_with_other_content_is_kept_as_a_conflict(world: World) -> None:
    event = warning(world, person(1, placed=True))
    world.accept(event)
    result = world.accept({**event, "data": {**event["data"], "pushed_on": "2026-03-19"}})
    assert [one.errors[0].code for one in result.rejected] == ["conflict"]
    rows = world.rows("SELECT status FROM alert WHERE street_code = :street ORDER BY status", street=STREET)
    assert [row.status for row in rows] == ["accepted", "conflict"]


def test_an_alert_follows_its_person_who_is_opened_in_the_same_request(world: World) -> None:
    late = warning(world, person(1))
    opening = world.event("resident.registered", {"person": person(1, placed=True), "facts": [EDGE]})
    assert world.accept(late, opening).accepted == 2
    world.settle()
    assert set(statuses(world).values()) == {"processed"}


def test_an_alert_about_an_unknown_person_waits_and_is_released_when_they_are_opened(world: World) -> None:
    late = warning(world, person(1))
    world.accept(late)
    world.settle()
    assert statuses(world) == {late["id"]: "quarantined"}
    world.business.at += timedelta(days=3)
    world.accept(world.event("resident.registered", {"person": person(1, placed=True), "facts": [EDGE]}))
    world.settle()
    assert set(statuses(world).values()) == {"processed"}
    [response] = world.rows("SELECT * FROM duty WHERE street_code = :street AND kind = 'response'", street=STREET)
    # A33: it counts from its release, not from its first arrival.
    assert response.starts_on == date(2026, 3, 23)


def test_a_key_is_held_to_its_source_types_and_streets(world: World) -> None:
    def code(caller: Caller, event: dict[str, Any]) -> str:
        [refused] = world.accept(event, by=caller).rejected
        return refused.errors[0].code

    everything: frozenset[str] = frozenset()
    event = warning(world, person(1, placed=True))
    write = frozenset({"alerts:write"})
    assert code(Caller(uuid4(), DISTRICT, "/elsewhere", write, everything, everything), event) == "source"
    assert (
        code(Caller(uuid4(), DISTRICT, SOURCE, write, frozenset({"resident.died"}), everything), event)
        == "type_not_allowed"
    )
    assert (
        code(Caller(uuid4(), DISTRICT, SOURCE, write, everything, frozenset({"310117002"})), event)
        == "street_not_allowed"
    )


def test_a_refused_alert_of_a_key_without_the_street_opens_nobody(world: World) -> None:
    caller = Caller(uuid4(), DISTRICT, SOURCE, frozenset({"alerts:write"}), frozenset(), frozenset({"310117002"}))
    world.accept(warning(world, person(1, placed=True)), by=caller)
    assert not world.rows("SELECT 1 FROM directory")


def test_a_committee_that_does_not_exist_is_refused(world: World) -> None:
    who = {**person(1), "street": STREET, "committee": STREET + "999"}
    [refused] = world.accept(warning(world, who)).rejected
    assert refused.errors[0].code == "unknown_committee"


def test_people_without_a_number_are_found_by_external_id_within_their_source(world: World) -> None:
    who = {"external_id": "hk-1", "name": "无号", "street": STREET, "committee": COMMITTEE}
    world.accept(world.event("resident.registered", {"person": {**who, "birth_date": "1950-01-01"}, "facts": [EDGE]}))
    world.accept(warning(world, {"external_id": "hk-1"}))
    world.settle()
    [row] = world.rows("SELECT count(*) AS people FROM resident WHERE street_code = :street", street=STREET)
    assert row.people == 1
    assert set(statuses(world).values()) == {"processed"}


def test_an_alert_that_cannot_be_processed_is_quarantined_after_five_attempts_and_holds_up_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [warning(world, person(serial, placed=True)) for serial in range(1, 6)]
    world.accept(*events)
    # What a corrupted disk would do: the sealed body of one alert no longer opens.
    world.rows(
        "UPDATE alert SET body = '\\x0101' WHERE street_code = :street AND event_id = :id RETURNING 1",
        street=STREET,
        id=events[2]["id"],
    )
    monkeypatch.setattr(inbox, "FIRST_PAUSE_SECONDS", 0.001)
    world.settle()
    found = statuses(world)
    assert found.pop(events[2]["id"]) == "quarantined"
    assert set(found.values()) == {"processed"}
    [row] = world.rows(
        "SELECT attempts, problem_code, failure FROM alert WHERE street_code = :street AND status = 'quarantined'",
        street=STREET,
    )
    assert (row.attempts, row.problem_code, row.failure) == (5, "failed", "SealBroken")


def leave_a_claim(world: World, *, server_age: timedelta = timedelta(0)) -> None:
    """What a drain leaves behind that claimed everything and never came back."""
    world.rows(
        "INSERT INTO claim (street_code, claim_id, alert_ids, server_started_at, claimed_at)"
        " SELECT street_code, gen_random_uuid(), array_agg(alert_id), pg_postmaster_start_time() - :age, :now"
        " FROM alert WHERE street_code = :street AND status = 'accepted' GROUP BY street_code RETURNING 1",
        street=STREET,
        age=server_age,
        now=world.now,
    )


def test_an_alert_whose_attempts_never_come_back_is_quarantined_without_another_try(world: World) -> None:
    event = warning(world, person(1, placed=True))
    world.accept(event)
    # Five processes died over it: each wrote its attempt down and committed that, and nothing else.
    world.rows("UPDATE alert SET attempts = 4 WHERE street_code = :street RETURNING 1", street=STREET)
    leave_a_claim(world)
    world.settle()
    assert statuses(world) == {event["id"]: "quarantined"}
    [row] = world.rows("SELECT attempts, problem_code, failure FROM alert WHERE street_code = :street", street=STREET)
    assert (row.attempts, row.problem_code, row.failure) == (5, "failed", "ProcessEnded")
    assert not world.rows("SELECT 1 FROM claim WHERE street_code = :street", street=STREET)


def test_an_attempt_that_never_came_back_counts_once_and_a_good_alert_goes_through(world: World) -> None:
    event = warning(world, person(1, placed=True))
    world.accept(event)
    leave_a_claim(world)
    world.settle()
    assert statuses(world) == {event["id"]: "processed"}
    [row] = world.rows("SELECT attempts FROM alert WHERE street_code = :street", street=STREET)
    assert row.attempts == 1


def test_an_attempt_that_ended_with_the_database_server_is_not_held_against_its_alerts(world: World) -> None:
    event = warning(world, person(1, placed=True))
    world.accept(event)
    leave_a_claim(world, server_age=timedelta(minutes=5))
    world.settle()
    assert statuses(world) == {event["id"]: "processed"}
    [row] = world.rows("SELECT attempts FROM alert WHERE street_code = :street", street=STREET)
    assert row.attempts == 0


def test_a_body_in_the_inbox_shows_no_id_number(world: World) -> None:
    event = warning(world, person(1, placed=True))
    world.accept(event)
    [row] = world.rows("SELECT body, to_jsonb(alert) AS whole FROM alert WHERE street_code = :street", street=STREET)
    number = event["data"]["person"]["id_number"]
    assert number.encode() not in bytes(row.body)
    assert number not in str(row.whole)


def test_deaths_of_other_causes_are_shared_among_the_suspects_and_none_is_quarantined(world: World) -> None:
    events = [warning(world, person(serial, placed=True)) for serial in (1, 2, 3)]
    world.accept(*events)
    # Two batches with all of them in it died; from now on each is tried alone.
    world.rows("UPDATE alert SET attempts = 2 WHERE street_code = :street RETURNING 1", street=STREET)
    for _ in range(3):
        with world.database.street_lock(STREET) as held:
            assert held is not None
            connection, server_started_at = held
            with world.database.transaction(scopes.under(STREET), connection) as session:
                claims.count_lost(session, STREET, server_started_at)
                claims.take(session, STREET, claims.NOBODY, server_started_at)
        # Here somebody kills the process.
    world.settle()
    assert set(statuses(world).values()) == {"processed"}


def test_an_alert_quarantined_in_its_street_goes_on_when_its_person_is_opened_after_all(world: World) -> None:
    opening = world.event("resident.registered", {"person": person(1, placed=True), "facts": [EDGE]})
    world.accept(opening)
    # The opening alert is not accepted any more, as after five failed attempts; who comes later finds nobody.
    world.rows(
        "UPDATE alert SET status = 'quarantined', problem_code = 'failed' WHERE street_code = :street RETURNING 1",
        street=STREET,
    )
    late = warning(world, person(1))
    world.accept(late)
    world.settle()
    assert statuses(world)[late["id"]] == "quarantined"
    world.accept({**opening, "id": "again"})
    world.settle()
    assert (statuses(world)[late["id"]], statuses(world)["again"]) == ("processed", "processed")
