"""How evenly visits are spread: the load of each advisor as a share of their capacity, street by street."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from statistics import mean, median

from bench.figures import Figure
from bench.instance import Instance

FEWEST_TASKS = 20  # A street with a handful of tasks says nothing about fairness.


def measure(instance: Instance) -> Iterator[Figure]:
    """The highest load divided by the mean one: 1 is perfectly even. Everybody serves the whole of their street."""
    tasks: Counter[str] = Counter()
    streets: dict[str, set[str]] = defaultdict(set)
    pooled = 0
    with instance.client() as client:
        for user in client.items("/v1/users", token=instance.officer, role="committee_advisor"):
            streets[user["street"]].add(user["user_id"])
        for task in client.items("/v1/tasks", token=instance.officer, state="open", kind="visit"):
            if task["assignee"]:
                tasks[task["assignee"]["user_id"]] += 1
            else:
                pooled += 1
    uneven = []
    for users in streets.values():
        loads = [tasks[user] / instance.capacities[user] for user in users]
        if sum(tasks[user] for user in users) >= FEWEST_TASKS:
            uneven.append(max(loads) / mean(loads))
    if uneven:
        yield Figure(f"load against capacity, max/mean, median of {len(uneven)} streets", median(uneven), "")
        yield Figure("load against capacity, max/mean, worst street", max(uneven), "")
    yield Figure("visit tasks assigned", tasks.total(), "")
    yield Figure("visit tasks left to a pool", pooled, "")
