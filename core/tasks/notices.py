"""Whoever is given work hears of it at once: in the inbox this very moment, elsewhere in working hours (A36)."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from core.notifications import outbox
from core.notifications.outbox import Message
from core.policy import working_hours
from core.policy.street_pass import StreetPass
from core.tasks.rows import Task

ASSIGNED: Final = "assigned"


def tell(pass_: StreetPass, tasks: Iterable[Task]) -> None:
    """Tell the assignees of some open tasks, each with one message however many there are."""
    given: dict[UUID, list[Task]] = defaultdict(list)
    for task in tasks:
        if task.is_open and task.assignee_id is not None:
            given[task.assignee_id].append(task)
    if not given:
        return
    wait = working_hours.next_open(pass_.now, pass_.calendar) - pass_.now
    messages = [_message(user, given[user]) for user in sorted(given)]
    outbox.post_all(pass_.session, pass_.street, messages, now=pass_.now, wait=wait)


def _message(user: UUID, tasks: Iterable[Task]) -> Message:
    first, *others = sorted(tasks, key=lambda task: (task.due_on, task.task_id))
    number = f"{len(others) + 1}项任务，最早的一项" if others else "一项任务"
    return Message(user, ASSIGNED, f"分派给您{number}应于{first.due_on}前完成：{first.why}。", first.task_id)
