"""One alert alone, on an instance that has nothing else to do: from the push to the assigned task in the list."""

import time
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

from bench.figures import Figure, percentile
from bench.instance import Instance
from cli.demo import news
from cli.demo.client import Client
from cli.embedded.servers import CommandFailed
from core import clock

PAUSE_SECONDS = 0.002
LONGEST_SECONDS = 30.0


def measure(instance: Instance, tries: int) -> Iterator[Figure]:
    """Median and p95 of some tries, each about a person who had no task."""
    untouched = [(known, one) for known, one in instance.register.items() if not one.facts][:tries]
    with instance.client() as client:
        taken = []
        for number, (resident_id, one) in enumerate(untouched):
            instance.settle(client)
            now = clock.real_now()
            data = {"person": one.reference, "pushed_on": clock.today(now).isoformat()}
            event = news.event(news.CIVIL, f"alone-{number}", "warning.illness_poverty", now, data)
            since = (now - timedelta(seconds=1)).isoformat()
            asked = urlencode({"street": one.place.street, "state": "open", "updated_since": since})
            started = time.perf_counter()
            client.push([event], key=instance.key)
            _wait(client, f"/v1/tasks?{asked}", resident_id, instance)
            taken.append(1000 * (time.perf_counter() - started))
    yield Figure(f"one alert alone to the assigned task, median of {len(taken)}", percentile(taken, 0.5), "ms")
    yield Figure(f"one alert alone to the assigned task, p95 of {len(taken)}", percentile(taken, 0.95), "ms")


def _wait(client: Client, path: str, resident_id: str, instance: Instance) -> None:
    until = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < until:
        for task in client.call("GET", path, token=instance.officer)["items"]:
            if task["resident"]["resident_id"] == resident_id and task["assignee"]:
                return
        time.sleep(PAUSE_SECONDS)
    raise CommandFailed(f"No task {LONGEST_SECONDS:g} s after an alert; the logs of the workers may say why.")
