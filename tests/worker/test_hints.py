"""What a hint sets off, with a real broker."""

import time

import dramatiq
import pytest

from core.inbox import claims, inbox
from tests.world import World
from worker import broker
from worker.actors import Hints

PEOPLE = 200
SECONDS = 30.0


def _left(world: World) -> int:
    [row] = world.rows("SELECT count(*) AS left FROM alert WHERE status = 'accepted'")
    return int(row.left)


@pytest.fixture
def flooded(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A street with four batches of alerts, each as long as a worker stays."""
    for _ in range(PEOPLE):
        world.register(settle=False)
    monkeypatch.setattr(claims, "MOST_ALERTS", PEOPLE // 4)
    monkeypatch.setattr(inbox, "LONGEST_SECONDS", 0.0)
    return world


def test_a_flooded_street_is_left_after_a_while_and_says_so(flooded: World) -> None:
    street = "310117001"
    drained = inbox.drain(flooded.database, street, flooded.keys, flooded.business.now)
    assert drained == inbox.Drained(PEOPLE // 4, is_left=True)
    assert _left(flooded) == PEOPLE * 3 // 4


def test_a_flooded_street_is_worked_off_by_whoever_is_free_without_waiting_for_the_next_heartbeat(
    flooded: World, valkey_url: str
) -> None:
    link = broker.connect(valkey_url)
    hints = Hints(link, lambda street: inbox.drain(flooded.database, street, flooded.keys, flooded.business.now))
    worker = dramatiq.Worker(link, worker_threads=2, worker_timeout=100)
    worker.start()
    try:
        hints.leave("310117001")
        until = time.monotonic() + SECONDS
        while _left(flooded):
            assert time.monotonic() < until, "the street was left alone"
            time.sleep(0.02)
    finally:
        worker.stop()
        link.close()
