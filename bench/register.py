"""Work that touches a whole register: a preview of a coverage, and the opening of a month."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import psycopg
from dateutil.relativedelta import relativedelta

from bench.figures import Figure
from bench.instance import Instance
from cli.embedded.postgres import SUPERUSER, as_role
from core import clock
from core.store.database import libpq_url

PREVIEW_AIM_SECONDS = 5.0
MONTH_AIM_SECONDS = 10.0
DESIGN_PEOPLE = 30_000
DRAFT_TAIL = """
  - id: general.bench
    tier: key
    clause: 二（三）
    label: 八十岁以上在库困难群众
    when: {all: [{in_register: true}, {age_at_least: 80}]}
"""


def measure(instance: Instance) -> Iterator[Figure]:
    """Seconds for the whole register, and for 30,000 people at that rate, beside the aim."""
    people = len(instance.register)
    with instance.client() as client:
        now = instance.settle(client)
        tomorrow = (clock.today(now) + timedelta(days=1)).isoformat()
        [policy, *_] = client.items("/v1/policies", token=instance.officer)
        head, rules, rest = policy["document"].partition("\nrules:\n")
        draft = head.replace("version: 1", "version: 2").replace(policy["effective_on"], tomorrow) + rules
        draft += DRAFT_TAIL.lstrip("\n") + rest
        client.call("POST", "/v1/policies/preview", {"document": draft}, token=instance.officer)
        started = time.perf_counter()
        told = client.call("POST", "/v1/policies/preview", {"document": draft}, token=instance.officer)
        seconds = time.perf_counter() - started
        yield Figure(f"preview of a policy over {sum(told['people']['before'].values()):,} people", seconds, "s")
        yield Figure("the same for 30,000, beside the aim", seconds / people * DESIGN_PEOPLE, "s", PREVIEW_AIM_SECONDS)
        yield from _month(instance, now)


def _month(instance: Instance, now: datetime) -> Iterator[Figure]:
    """The clock crosses the end of a month: duties closed and opened, tasks made and assigned."""
    with instance.client() as client:
        first = now.astimezone(clock.SHANGHAI) + relativedelta(months=1, day=1)
        eve = first.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(minutes=1)
        client.call("PUT", "/v1/sandbox/clock", {"now": eve.isoformat()}, token=instance.officer)
        before = _periodic(instance)
        started = time.perf_counter()
        then = eve + timedelta(minutes=2)
        client.call("PUT", "/v1/sandbox/clock", {"now": then.isoformat()}, token=instance.officer)
        seconds = time.perf_counter() - started
        opened = _periodic(instance) - before
        yield Figure(f"opening a month: {opened:,} duties among {len(instance.register):,} people", seconds, "s")
        scaled = seconds / len(instance.register) * DESIGN_PEOPLE
        yield Figure("the same for 30,000, beside the aim", scaled, "s", MONTH_AIM_SECONDS)


def _periodic(instance: Instance) -> int:
    """How many periodic duties there are, by the owner's look into the database."""
    with psycopg.connect(libpq_url(as_role(instance.database_url, SUPERUSER))) as connection:
        connection.execute("SET row_security = off")
        [count] = connection.execute("SELECT count(*) FROM duty WHERE kind = 'periodic'").fetchone() or (0,)
        return int(count)
