"""What the invented staff does, week after week, through the product's own interface: most of its visits, not all."""

import random
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from cli.demo.client import Client, Refused
from cli.demo.people import SEED, Resident, Staff

Task = dict[str, Any]

THREADS = 3
_BUSY_SERVICES = ("policy_explain", "apply_on_behalf", "need_screen", "need_assess", "match_resource", "counsel")
_NARRATIVES = (
    "老人精神尚可，血压偏高，已提醒按时服药。",
    "家中整洁，近期无新增困难，告知救助政策变化。",
    "反映医药费负担较重，已说明医疗救助申请方法。",
    "独居，子女周末来看望，邻里关系好。",
    "情绪低落，陪伴交谈四十分钟，约定下周再来。",
    "居室灯具损坏，已联系居委会维修。",
)
_DIMENSIONS = ("economy", "health", "education", "housing", "employment", "social")


@dataclass(frozen=True, slots=True)
class _Action:
    """One request of one user."""

    who: str
    path: str
    body: dict[str, Any]


class Office:
    """Everybody who works here, signed in when first needed; sees the tasks as the district does."""

    def __init__(self, url: str, password: str, staff: Mapping[str, Staff], register: Mapping[str, Resident]) -> None:
        """`staff` by user id, `register` by resident id."""
        self._url, self._password, self._staff, self._register = url, password, staff, register
        self._tokens: dict[str, str] = {}
        self._local = threading.local()
        self._pool = ThreadPoolExecutor(THREADS)
        self._open: dict[str, Task] = {}
        self._seen_until: str | None = None
        self._tried: Counter[str] = Counter()
        self._advisors = {
            account.street: account.username for account in staff.values() if account.role == "street_advisor"
        }
        self.refused: Counter[str] = Counter()
        self.done: Counter[str] = Counter()

    def __enter__(self) -> "Office":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    @property
    def client(self) -> Client:
        """The connection of this thread."""
        if not hasattr(self._local, "client"):
            self._local.client = Client(self._url)
        found: Client = self._local.client
        return found

    def token(self, username: str) -> str:
        """The session of somebody."""
        if username not in self._tokens:
            self._tokens[username] = self.client.sign_in(username, self._password)["token"]
        return self._tokens[username]

    def work(self, last: date, today: date) -> None:
        """Everybody does what is due by today and was not before the day `last`."""
        self._look()
        visits, others = self._visits(last, today), self._others(today)
        # One street after the other in each thread, so that two threads do not wait for the same people.
        lanes: dict[str, list[_Action]] = defaultdict(list)
        for action in (*visits, *others):
            lanes[action.who.rpartition("-")[0]].append(action)
        for who in sorted({action.who for lane in lanes.values() for action in lane} - self._tokens.keys()):
            self.token(who)
        for _ in self._pool.map(self._do_all, lanes.values()):
            pass

    def _look(self) -> None:
        """Every task that changed since the last look."""
        since = {"updated_since": self._seen_until} if self._seen_until else {"state": "open"}
        for task in self.client.items("/v1/tasks", token=self.token("district"), **since):
            self._seen_until = max(self._seen_until or "", task["updated_at"])
            if task["state"] == "open" and task["resident"]["resident_id"] in self._register:
                self._open[task["task_id"]] = task
            else:
                self._open.pop(task["task_id"], None)

    def _visits(self, last: date, today: date) -> list[_Action]:
        tasks = [task for task in self._open.values() if task["kind"] == "visit" and task["assignee"]]
        at_home: dict[tuple[str, str], list[Task]] = defaultdict(list)
        for task in tasks:
            at_home[self._resident(task).household, task["resident"]["committee"]].append(task)
        taken: set[str] = set()
        actions = []
        for task in sorted(tasks, key=lambda task: (task["planned_on"] or task["due_on"], self._resident(task).number)):
            if task["task_id"] in taken or (action := self._go(task, last, today)) is None:
                continue
            taken.add(task["task_id"])
            if action.body.get("mode") == "home_visit":
                # Whoever lives there is met on the same visit; everybody has their own credit (A11).
                household = at_home[self._resident(task).household, task["resident"]["committee"]]
                also = [other for other in household if other["task_id"] not in taken and not self._is_forgotten(other)]
                action.body["resident_ids"] += [other["resident"]["resident_id"] for other in also]
                taken.update(other["task_id"] for other in also)
            actions.append(action)
        return actions

    def _go(self, task: Task, last: date, today: date) -> _Action | None:
        """The visit that is made, the attempt that fails, or None while nobody goes."""
        resident, dice = self._resident(task), self._dice(task)
        planned = date.fromisoformat(task["planned_on"] or task["due_on"])
        who = self._staff[task["assignee"]["user_id"]]
        mood = dice.random()
        if resident.number == 1:
            # They are there to be tried out on: visited at once, so that the next news opens a new task.
            planned = today
        elif self._is_forgotten(task):
            return None
        elif mood < 0.08:
            planned += timedelta(days=dice.randint(4, 15))
        if planned > today:
            return None
        # Planned before the last look, it had not been known then: somebody goes today.
        on = planned if planned > last else today
        if 0.08 <= mood < 0.14 and resident.number > 1 and self._tried[task["task_id"]] < (2 if mood < 0.1 else 1):
            self._tried[task["task_id"]] += 1
            note = {"outcome": "not_home", "on": on.isoformat(), "note": "敲门无人应答，已留联系卡"}
            return _Action(who.username, f"/v1/tasks/{task['task_id']}/attempts", note)
        return _Action(who.username, "/v1/visits", self._form(task, who, on))

    def _form(self, task: Task, who: Staff, on: date) -> dict[str, Any]:
        dice = self._dice(task, on.isoformat())
        allowed = set.intersection(*(set(duty["modes"]) for duty in task["duties"])) if task["duties"] else set()
        remote = sorted(allowed & {"phone", "wechat"})
        mode = dice.choice(remote) if remote and dice.random() < 0.25 else "home_visit"
        return {
            "visit_id": str(UUID(int=dice.getrandbits(128), version=4)),
            "resident_ids": [task["resident"]["resident_id"]],
            "mode": mode,
            "participants": [who.name],
            "service_date": on.isoformat(),
            "duration_hours": dice.choice((0.3, 0.5, 0.5, 1.0, 1.5)) if mode == "home_visit" else 0.2,
            "services": ["care", *dice.sample(_BUSY_SERVICES, dice.randint(0, 2))],
            "initiated_by": "advisor",
            "narrative": dice.choice(_NARRATIVES),
            "task_id": task["task_id"],
            **({"dimensions": {name: _level(dice) for name in _DIMENSIONS}} if dice.random() < 0.3 else {}),
        }

    def _others(self, today: date) -> list[_Action]:
        """Decisions, confirmations, leads and checks: three out of four are done when they are seen."""
        actions = []
        for task in self._open.values():
            dice = self._dice(task)
            if task["kind"] == "visit" or dice.random() > 0.75:
                continue
            own = self._staff.get(task["assignee"]["user_id"]) if task["assignee"] else None
            who = own.username if own else self._advisors[task["resident"]["committee"][:9]]
            path, body = _SETTLED[task["kind"]](dice, today)
            actions.append(_Action(who, f"/v1/tasks/{task['task_id']}/{path}", body))
        return sorted(actions, key=lambda action: action.path)

    def _do_all(self, actions: Sequence[_Action]) -> None:
        for action in actions:
            status, said = self.client.ask("POST", action.path, action.body, token=self._tokens[action.who])
            kind = action.path.rpartition("/")[2]
            if status < 300:
                self.done[kind] += 1
            elif status in (404, 409):
                # The person moved, died or was seen to by somebody else since the look.
                self.refused[f"{kind} {said.get('code', status)}"] += 1
            else:
                raise Refused("POST", action.path, status, said)

    def _resident(self, task: Task) -> Resident:
        return self._register[task["resident"]["resident_id"]]

    def _dice(self, task: Task, more: str = "") -> random.Random:
        """The same for the same person and due day, whatever ids the database gave."""
        return random.Random(f"{SEED} {self._resident(task).number} {task['kind']} {task['due_on']} {more}")

    def _is_forgotten(self, task: Task) -> bool:
        resident = self._resident(task)
        return resident.number > 1 and random.Random(f"{SEED} {resident.number} {task['due_on'][:7]}").random() < 0.06


def _level(dice: random.Random) -> str:
    return dice.choices(("ok", "watch", "risk", "urgent"), (70, 20, 8, 2))[0]


def _decide(dice: random.Random, today: date) -> tuple[str, dict[str, Any]]:
    if dice.random() < 0.3:
        until = (today + timedelta(days=30)).isoformat()
        return "decide", {"outcome": "extend", "until": until, "result": "仍在康复，继续按高风险走访"}
    return "decide", {"outcome": "close", "result": "生活已恢复稳定，变故影响消除"}


def _confirm(dice: random.Random, today: date) -> tuple[str, dict[str, Any]]:
    if dice.random() < 0.2:
        return "decide", {"outcome": "reject", "result": "与医院核实，非重病"}
    return "decide", {"outcome": "confirm", "result": "已核对门诊大病登记"}


def _complete(_dice: random.Random, _today: date) -> tuple[str, dict[str, Any]]:
    return "complete", {"result": "已上门核实，本人平安，继续关注"}


_SETTLED: Mapping[str, Callable[[random.Random, date], tuple[str, dict[str, Any]]]] = {
    "decision": _decide,
    "confirm": _confirm,
    "lead": _complete,
    "welfare_check": _complete,
    "follow_up": _complete,
}
