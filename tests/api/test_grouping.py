"""Requests committed together are answered each for itself, and only after that commit."""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import event, text

from core.alerts import entering
from core.store import crypto
from tests.api.door import Door, is_problem
from tests.api.limited import stalled, until
from tests.behind import behind
from tests.world import COMMITTEE, SOURCE, STREET

Post = tuple[dict[str, str], Any]


def news(door: Door, number: int, **extra: Any) -> dict[str, Any]:
    person = {"external_id": f"x{number}", "name": "测试", "street": STREET, "committee": COMMITTEE}
    return door.world.event("change.accident", {"person": person, "happened_on": None}, **extra)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(32) as found:
        yield found


def together(
    door: Door, threads: ThreadPoolExecutor, posts: Sequence[Post], meanwhile: str | None = None
) -> list[httpx.Response]:
    """All posts wait behind one that is stuck in the database; then they go on, in one group."""
    collector = door.context.door.collector
    key = door.key()
    assert push(door, (key, news(door, 999))).status_code == 202
    with stalled(door.world.database):
        first = threads.submit(push, door, (key, news(door, 998)))
        until(lambda: collector.under_way)
        answers: list[Future[httpx.Response]] = []
        for post in posts:
            answers.append(threads.submit(push, door, post))
            until(lambda: collector.waiting == len(answers))
        if meanwhile:
            with door.world.database.transaction(door.world.scope) as session:
                session.execute(text(meanwhile))
    assert first.result().status_code == 202
    return [answer.result() for answer in answers]


def push(door: Door, post: Post) -> httpx.Response:
    headers, body = post
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return door.client.post("/v1/alerts", content=content, headers={**headers, "content-type": "application/json"})


def known(door: Door, **limits: Any) -> dict[str, str]:
    """A key that the door has seen before."""
    key = door.key(**limits)
    assert push(door, (key, {"id": "nothing"})).status_code == 422
    return key


def stored(door: Door) -> Counter[str]:
    rows = door.world.rows("SELECT event_id FROM alert")
    return Counter(row.event_id for row in rows)


def test_requests_of_several_keys_share_a_commit_and_get_their_own_answers(
    door: Door, threads: ThreadPoolExecutor
) -> None:
    one, other = known(door), known(door, source="/other")
    commits = []
    engine = door.context.database.engine
    foreign = news(door, 50)
    posts: list[Post] = [
        *((one, news(door, number)) for number in range(5)),
        *((other, {**news(door, number), "source": "/other"}) for number in range(10, 15)),
        (other, foreign),
        (one, b"{"),
        (one, [news(door, 20), {"id": "bad"}]),
    ]
    event.listen(engine, "commit", lambda _connection: commits.append(1))
    answers = together(door, threads, posts)
    for answer in answers[:10]:
        assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "duplicates": 0, "rejected": []})
    assert is_problem(answers[10], 422, "not_accepted")
    assert is_problem(answers[11], 422, "json_invalid")
    assert answers[12].json()["accepted"] == 1
    assert [refused["index"] for refused in answers[12].json()["rejected"]] == [1]
    assert foreign["id"] not in stored(door)
    # The post in front, the one that was stuck, the group; and looks of the door at its key, clock and backlog.
    assert len(commits) < len(posts)


def test_of_equal_events_in_one_group_one_is_accepted_and_the_others_are_duplicates(
    door: Door, threads: ThreadPoolExecutor
) -> None:
    key, same = known(door), news(door, 1)
    answers = together(door, threads, [(key, same)] * 8)
    assert {answer.status_code for answer in answers} == {202}
    assert sum(answer.json()["accepted"] for answer in answers) == 1
    assert sum(answer.json()["duplicates"] for answer in answers) == 7
    assert stored(door)[same["id"]] == 1


def test_different_contents_under_one_id_in_one_group_conflict_and_both_are_kept(
    door: Door, threads: ThreadPoolExecutor
) -> None:
    key, first = known(door), news(door, 1)
    other = {**first, "type": "change.other"}
    answers = together(door, threads, [(key, first), (key, other)])
    assert sorted(answer.status_code for answer in answers) == [202, 409]
    assert stored(door)[first["id"]] == 2


def test_an_event_refused_to_one_key_is_still_accepted_from_another_in_the_same_group(
    door: Door, threads: ThreadPoolExecutor
) -> None:
    elsewhere, everywhere, same = known(door, streets=["310117002"]), known(door), news(door, 1)
    answers = together(door, threads, [(elsewhere, same), (elsewhere, same), (everywhere, same)])
    assert [answer.status_code for answer in answers] == [422, 422, 202]
    assert answers[2].json()["accepted"] == 1
    assert stored(door)[same["id"]] == 1


def test_a_key_revoked_while_its_request_waits_stores_nothing(door: Door, threads: ThreadPoolExecutor) -> None:
    good, bad = known(door), known(door)
    digest = crypto.digest(bad["Authorization"].removeprefix("Bearer ")).hex()
    posts: list[Post] = [(good, news(door, 1)), (bad, news(door, 2)), (good, news(door, 3))]
    revoke = f"UPDATE upstream_key SET revoked_at = now() WHERE key_digest = '\\x{digest}'"
    answers = together(door, threads, posts, revoke)
    assert [answer.status_code for answer in answers] == [202, 401, 202]
    assert posts[1][1]["id"] not in stored(door)
    assert is_problem(push(door, (bad, news(door, 4))), 401)


def test_what_the_database_refuses_to_one_request_costs_no_other_its_answer(
    door: Door, threads: ThreadPoolExecutor
) -> None:
    key = known(door)
    with behind(door.world.database.url) as connection:
        connection.execute(text("ALTER TABLE alert ADD CONSTRAINT for_this_test CHECK (event_id <> 'poison')"))
    posts: list[Post] = [(key, news(door, 1)), (key, {**news(door, 2), "id": "poison"}), (key, news(door, 3))]
    answers = together(door, threads, posts)
    assert [answer.status_code for answer in answers] == [202, 409, 202]
    assert SOURCE not in answers[1].text
    assert stored(door)["poison"] == 0


def test_requests_to_the_door_are_counted_under_its_route_and_outcome(door: Door) -> None:
    key = door.key()
    assert push(door, (key, [news(door, 1), {"id": "bad"}])).status_code == 202
    metrics = door.client.get("/metrics").text
    assert 'tanfang_requests_total{method="POST",route="/v1/alerts",status="202"} 1.0' in metrics
    assert 'tanfang_alerts_total{outcome="accepted"} 1.0' in metrics
    assert 'tanfang_alerts_total{outcome="rejected"} 1.0' in metrics


def test_extension_attributes_are_kept_with_the_alert(door: Door) -> None:
    key = door.key()
    assert push(door, (key, news(door, 1, sequence="42", subject="x"))).status_code == 202
    [row] = door.world.rows("SELECT alert_id, body FROM alert WHERE street_code = :street", street=STREET)
    said = entering.open_body(door.world.keys, row.alert_id, bytes(row.body))
    assert said["attributes"] == {"sequence": "42", "subject": "x"}
