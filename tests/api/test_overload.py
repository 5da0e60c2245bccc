"""Too much at once: who sends too fast is told, everybody when it is all of them, and nothing grows meanwhile."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson

from tests.api.door import Door, is_problem
from tests.api.limited import application, limited, stalled, stream, until
from tests.api.test_grouping import news, push
from tests.world import World


def in_time(answer: Any, status: int, code: str) -> bool:
    return is_problem(answer, status, code) and int(answer.headers["retry-after"]) >= 1


def test_a_key_with_too_many_requests_a_second_is_told_to_wait(world: World, key_folder: Path) -> None:
    with limited(world, key_folder, key_requests_per_second=3) as door:
        eager, calm = door.key(), door.key()
        answers = [push(door, (eager, news(door, number))) for number in range(12)]
        refused = [answer for answer in answers if answer.status_code != 202]
        assert refused
        assert all(in_time(answer, 429, "too_many_requests") for answer in refused)
        assert push(door, (calm, news(door, 50))).status_code == 202


def test_a_key_with_too_many_events_a_second_is_told_to_wait(world: World, key_folder: Path) -> None:
    with limited(world, key_folder, key_events_per_second=10) as door:
        key = door.key()
        answers = [push(door, (key, [news(door, 100 * n + m) for m in range(40)])) for n in range(6)]
        refused = [answer for answer in answers if answer.status_code != 202]
        assert refused
        assert all(in_time(answer, 429, "too_many_requests") for answer in refused)


def test_too_many_requests_of_one_key_or_in_all_are_refused_and_those_under_way_are_answered(
    world: World, key_folder: Path
) -> None:
    with limited(world, key_folder, key_in_flight=2, in_flight=3) as door, ThreadPoolExecutor(8) as threads:
        eager, calm = door.key(), door.key()
        for key in (eager, calm):
            push(door, (key, news(door, 0)))
        collector = door.context.door.collector
        with stalled(world.database):
            waiting = [threads.submit(push, door, (eager, news(door, number))) for number in (1, 2)]
            until(lambda: len(collector.under_way) + collector.waiting == 2)
            assert in_time(push(door, (eager, news(door, 3))), 429, "too_many_requests")
            waiting.append(threads.submit(push, door, (calm, news(door, 4))))
            until(lambda: len(collector.under_way) + collector.waiting == 3)
            assert in_time(push(door, (calm, news(door, 5))), 503, "busy")
        assert {one.result().status_code for one in waiting} == {202}
        assert push(door, (eager, news(door, 6))).status_code == 202


def test_bodies_held_in_memory_are_bounded_in_all(world: World, key_folder: Path) -> None:
    with limited(world, key_folder, megabytes_in_flight=8) as door, ThreadPoolExecutor(8) as threads:
        key, padding = door.key(), b" " * (3 * 1024 * 1024)
        push(door, (key, news(door, 0)))
        overload = door.context.door.overload
        with stalled(world.database):
            waiting = [
                threads.submit(push, door, (key, padding + orjson.dumps([news(door, number)]))) for number in (1, 2)
            ]
            until(lambda: overload.bytes_held > 6 * 1024 * 1024)
            assert in_time(push(door, (key, padding + orjson.dumps([news(door, 3)]))), 503, "busy")
        assert {one.result().status_code for one in waiting} == {202}
        assert overload.bytes_held == 0


def test_a_long_backlog_closes_the_door_until_it_has_drained(world: World, key_folder: Path) -> None:
    with limited(world, key_folder, most_pending=5) as door:
        key = door.key()
        assert push(door, (key, [news(door, number) for number in range(6)])).status_code == 202
        until(lambda: push(door, (key, news(door, 50))).status_code == 503)
        assert in_time(push(door, (key, news(door, 51))), 503, "busy")
        world.settle()
        until(lambda: push(door, (key, news(door, 52))).status_code == 202)


def test_a_stream_of_lines_takes_the_same_memory_whatever_its_length(world: World, key_folder: Path) -> None:
    app = application(world, key_folder)
    door = Door(None, world)  # type: ignore[arg-type]  # no client is needed to make a key
    key = door.key()
    line = orjson.dumps({"id": "x" * 200, "filler": "y" * 800}) + b"\n"

    async def lines(megabytes: int) -> AsyncIterator[bytes]:
        yield orjson.dumps(news(door, megabytes)) + b"\n"
        for _ in range(megabytes * 16):
            yield line * 64

    def peak(megabytes: int) -> int:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        status, body = asyncio.run(stream(app, key, lines(megabytes)))
        assert status == 202
        assert body["accepted"] == 1
        assert body["rejected_total"] == megabytes * 16 * 64
        return tracemalloc.get_traced_memory()[1] - before

    tracemalloc.start()
    try:
        peak(1)
        short, long = peak(2), peak(20)
    finally:
        tracemalloc.stop()
        app.state.context.close()
    assert long - short < 4 * 1024 * 1024, (short, long)


def test_a_line_without_an_end_is_never_held(world: World, key_folder: Path) -> None:
    app = application(world, key_folder)
    door = Door(None, world)  # type: ignore[arg-type]  # no client is needed
    key = door.key()

    async def endless() -> AsyncIterator[bytes]:
        yield orjson.dumps(news(door, 1)) + b'\n{"id": "'
        for _ in range(256):
            yield b"x" * 65536
        yield b'"}\n' + orjson.dumps(news(door, 2))

    tracemalloc.start()
    try:
        status, body = asyncio.run(stream(app, key, endless()))
        assert tracemalloc.get_traced_memory()[1] < 8 * 1024 * 1024
    finally:
        tracemalloc.stop()
        app.state.context.close()
    assert (status, body["accepted"]) == (202, 2)
    assert [(one["index"], one["errors"][0]["code"]) for one in body["rejected"]] == [(1, "too_large")]


def test_a_silent_sender_of_lines_holds_nothing_and_what_came_is_stored(world: World, key_folder: Path) -> None:
    app = application(world, key_folder, in_flight=1, key_in_flight=1)
    door = Door(None, world)  # type: ignore[arg-type]  # no client is needed
    key = door.key()

    async def scenario() -> tuple[int, Any]:
        go_on = asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield orjson.dumps(news(door, 1)) + b"\n"
            await go_on.wait()
            yield orjson.dumps(news(door, 2))

        async def quick() -> AsyncIterator[bytes]:
            yield orjson.dumps(news(door, 3))

        assert (await stream(app, key, quick()))[0] == 202
        silent = [asyncio.create_task(stream(app, key, slow())) for _ in range(10)]
        inside = app.state.context.door

        def accepted() -> int:
            return len(world.rows("SELECT 1 FROM receipt"))

        for _ in range(400):
            await asyncio.sleep(0.05)
            if accepted() == 11:
                break
        assert accepted() == 11
        assert (inside.collector.under_way, inside.collector.waiting, inside.overload.in_flight) == ([], 0, 0)
        assert (await stream(app, key, quick()))[0] == 202
        go_on.set()
        answers = await asyncio.gather(*silent)
        assert {status for status, _ in answers} == {202}
        return answers[0]

    assert asyncio.run(scenario())[1]["accepted"] == 2
    app.state.context.close()
