"""Many alerts in batches: how fast they are decided and assigned, and what `COPY` alone would do."""

import json
import time
from collections.abc import Iterator

from bench import accepting, raw_limit
from bench.figures import Figure
from bench.instance import Instance
from cli.demo.client import Refused
from core import clock

_PREFIX = "batch-"


def measure(instance: Instance, count: int, size: int) -> Iterator[Figure]:
    """The end-to-end rate, and the raw limit of the same rows in the same tables of the same server."""
    events = accepting.events(list(instance.register.values()), _PREFIX, count, clock.real_now())
    bodies = [json.dumps(events[first : first + size]).encode() for first in range(0, count, size)]
    with instance.client() as client:
        instance.settle(client)
        started = time.perf_counter()
        for body in bodies:
            status, said = client.ask("POST", "/v1/alerts", body)
            if status != 202 or said["rejected"]:
                raise Refused("POST", "/v1/alerts", status, said)
        instance.settle(client)
        settled = time.perf_counter() - started
    limit = raw_limit.measure(instance, _PREFIX, count, size)
    yield Figure(
        f"{count:,} alerts in batches of {size}, until decided and assigned", count / settled, "alerts/s", limit
    )
    yield Figure("  raw limit: one connection, COPY into alert and receipt", limit, "alerts/s")
