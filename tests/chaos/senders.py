"""Monitoring systems that push until they are answered, and people who ask until they are served."""

import queue
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from tests.chaos.news import Event
from tests.journeys.instance import Instance

SENDERS = 4
BOTH_AT_ONCE = 0.15
PAUSE_SECONDS = 0.1
PATIENCE_SECONDS = 120
TRY_AGAIN = (429, 503)


@dataclass
class Senders:
    """Pushes batches to either API. `answers` counts what was answered, by status or kind of failure."""

    instance: Instance
    key: str
    answers: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, batches: list[list[Event]], chance: Random, *, seconds: float) -> None:
        """Spread the batches over some time; each is sent until it was taken, some to both APIs at once."""
        waiting: queue.SimpleQueue[list[Event]] = queue.SimpleQueue()
        for batch in batches:
            waiting.put(batch)
        pause = seconds * SENDERS / len(batches)
        with ThreadPoolExecutor(SENDERS) as threads:
            for sender in [threads.submit(self._work, waiting, Random(chance.random()), pause) for _ in range(SENDERS)]:
                sender.result()

    def _work(self, waiting: "queue.SimpleQueue[list[Event]]", chance: Random, pause: float) -> None:
        with httpx.Client(headers={"Authorization": f"Bearer {self.key}"}, timeout=30) as client:
            while True:
                try:
                    batch = waiting.get_nowait()
                except queue.Empty:
                    return
                urls = chance.sample(self.instance.urls, len(self.instance.urls))
                if chance.random() < BOTH_AT_ONCE:
                    with ThreadPoolExecutor(len(urls)) as at_once:
                        for push in [at_once.submit(self._push, client, [url], batch) for url in urls]:
                            push.result()
                else:
                    self._push(client, urls, batch)
                time.sleep(pause * chance.uniform(0.5, 1.0))

    def _push(self, client: httpx.Client, urls: list[str], batch: list[Event]) -> None:
        """Send a batch until it is answered; a door that does not answer is left for the next."""
        until = time.monotonic() + PATIENCE_SECONDS
        turn = 0
        while time.monotonic() < until:
            url = urls[turn % len(urls)]
            turn += 1
            try:
                answer = client.post(f"{url}/v1/alerts", json=batch)
            except httpx.HTTPError as error:
                self._note(type(error).__name__)
            else:
                self._note(str(answer.status_code))
                if answer.status_code == 202:
                    body = answer.json()
                    assert not body["rejected"], body
                    assert body["accepted"] + body["duplicates"] == len(batch), body
                    return
                assert answer.status_code in TRY_AGAIN, (answer.status_code, answer.text)
                assert int(answer.headers["retry-after"]) >= 1
            time.sleep(PAUSE_SECONDS)
        raise AssertionError(f"nobody took a batch in {PATIENCE_SECONDS} seconds")

    def _note(self, what: str) -> None:
        with self._lock:
            self.answers[what] += 1


def ask(
    instance: Instance, method: str, path: str, *, seconds: float, expect: tuple[int, ...] = (200,), **rest: Any
) -> Any:
    """Ask any API until it answers as expected, through whatever happens to it meanwhile."""
    until = time.monotonic() + seconds
    turn = 0
    last: object = None
    while time.monotonic() < until:
        url = instance.urls[turn % len(instance.urls)]
        turn += 1
        try:
            answer = httpx.request(method, url + path, timeout=max(1.0, until - time.monotonic()), **rest)
        except httpx.HTTPError as error:
            last = type(error).__name__
        else:
            if answer.status_code in expect:
                return answer
            last = (answer.status_code, answer.text)
            assert answer.status_code in TRY_AGAIN, last
        time.sleep(PAUSE_SECONDS)
    raise AssertionError(f"{method} {path} was not answered in {seconds} seconds: {last}")
