"""A district over HTTP, as its people and systems use it: news, visits, decisions, days; reusable by every journey."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from core import clock
from core.events import id_numbers
from core.store.ids import uuid7
from tests.api.door import Door

HERE, NEXT_DOOR, THERE = "310117001001", "310117001002", "310117002003"
FIRST_BORN = date(1960, 1, 1)


@dataclass(frozen=True)
class Resident:
    """Somebody on the register."""

    resident_id: str
    id_number: str


@dataclass
class District:
    """Two streets with everybody who works there, in front of a world that has not begun before `first`."""

    door: Door
    first: date
    _users: dict[str, dict[str, str]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.door.world.business.at = clock.at(self.first, 8)
        self._users["source"] = self.door.key()
        self.add("district", "district_officer")
        for street in (HERE[:9], THERE[:9]):
            self.add(f"manager-{street}", "street_manager", street=street)
            self.add(f"advisor-{street}", "street_advisor", street=street)
        for committee in (HERE, NEXT_DOOR, THERE):
            self.add(committee, "committee_advisor", street=committee[:9], committees=[committee], capacity=100)

    def add(self, name: str, role: str, **details: Any) -> None:
        """Somebody who works here, by the name that journeys call them."""
        self._users[name] = self.door.person(role, **details)

    @property
    def today(self) -> date:
        return clock.today(self.door.world.now)

    def go_to(self, day: date, hour: int) -> None:
        """Everything due until then happens, day by day."""
        self.door.world.go_to(day, hour)

    def call(self, method: str, path: str, *, by: str, json: Any = None, query: Mapping[str, Any] | None = None) -> Any:
        """One request as somebody, whose answer is good."""
        status, body = self.ask(method, path, by=by, json=json, query=query)
        assert status < 300, (status, body)
        return body

    def ask(
        self,
        method: str,
        path: str,
        *,
        by: str,
        json: Any = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """One request as somebody: the status of its answer, and what it says."""
        by_whom = {**self._users[by], **(headers or {})}
        answer = self.door.client.request(method, path, headers=by_whom, json=json, params=query)
        return answer.status_code, answer.json() if answer.content else None

    def id_of(self, name: str) -> str:
        """The id of somebody who works here."""
        return self.door.id_of(self._users[name])

    def everything(self, path: str, *, by: str, **query: Any) -> list[Any]:
        """All items of a list, page after page."""
        found: list[Any] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.call("GET", path, by=by, query={**query, "limit": 500, **cursor})
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            cursor = {"cursor": page["next_cursor"]}

    # News

    def push(self, event_type: str, person: Mapping[str, Any], **data: Any) -> None:
        """One event of a monitoring system, and what comes of it."""
        event = self.door.world.event(event_type, {"person": dict(person), **data})
        answer = self.call("POST", "/v1/alerts", by="source", json=[event])
        assert not answer["rejected"], answer
        self.door.world.settle()

    def register(self, *facts: Mapping[str, Any], committee: str = HERE, born: date = FIRST_BORN) -> Resident:
        number = id_numbers.make(born, next(self._numbers))
        person = {"id_number": number, "name": "测试", "street": committee[:9], "committee": committee}
        self.push("resident.registered", person, facts=[dict(fact) for fact in facts])
        found = self.call("POST", "/v1/residents/lookup", by="district", json={"id_number": number})
        return Resident(found["resident_id"], number)

    def tell(self, event_type: str, resident: Resident, **data: Any) -> None:
        """News about somebody who is known."""
        self.push(event_type, {"id_number": resident.id_number}, **data)

    def move(self, resident: Resident, committee: str, on: date) -> None:
        self.tell("resident.moved", resident, on=str(on), to_street=committee[:9], to_committee=committee)

    # Work

    def visit(self, by: str, *residents: Resident, on: date | None = None, **fields: Any) -> Any:
        """A visit that an advisor records."""
        form = self.form(*residents, service_date=str(on or self.today), **fields)
        return self.call("POST", "/v1/visits", by=by, json=form)

    def form(self, *residents: Resident, **fields: Any) -> dict[str, Any]:
        """A record form as an advisor fills it in."""
        return {
            "visit_id": str(uuid7()),
            "resident_ids": [resident.resident_id for resident in residents],
            "mode": "home_visit",
            "participants": ["王芳"],
            "service_date": str(self.today),
            "duration_hours": 0.5,
            "services": ["care"],
            "initiated_by": "advisor",
            "narrative": "情况稳定",
            **fields,
        }

    def tasks(self, resident: Resident, kind: str, *, by: str = "district") -> list[Any]:
        """Somebody's open tasks of a kind."""
        found = self.everything("/v1/tasks", by=by, state="open", kind=kind)
        return [task for task in found if task["resident"]["resident_id"] == resident.resident_id]

    def do(self, task: Mapping[str, Any], what: str, *, by: str, **body: Any) -> Any:
        """What somebody does with a task."""
        return self.call("POST", f"/v1/tasks/{task['task_id']}/{what}", by=by, json=body)

    def duties(self, resident: Resident) -> dict[str, Any]:
        """Somebody's periodic duties by period, the highest tier of each."""
        found = self.everything(f"/v1/residents/{resident.resident_id}/duties", by="district")
        return {duty["period"]: duty for duty in found if duty["kind"] == "periodic"}


def periods(day: date) -> list[str]:
    """The periods in which a day lies, and those that closed last before it."""
    found = []
    for on in (day, day.replace(day=1) - timedelta(days=1)):
        found += [f"{on:%Y-%m}", f"{on.year}-Q{(on.month - 1) // 3 + 1}", f"{on.year}-H{1 if on.month < 7 else 2}"]
    return list(dict.fromkeys(found))


# Day, period, by what, and whose eyes.
_Asked = tuple[date, str, str, str]


@dataclass
class Evenings:
    """The reports that were given on each evening, and whether they are given again."""

    district: District
    readers: tuple[str, ...] = ("district",)
    given: dict[_Asked, Any] = field(default_factory=dict)

    def save(self) -> None:
        """What is reported this evening: each day to the first reader, on Sundays to all of them."""
        day = self.district.today
        for period in periods(day):
            for by in ("street", "committee", "tier"):
                for reader in self.readers if day.isoweekday() == 7 else self.readers[:1]:
                    self.keep(period, by, reader)

    def keep(self, period: str, by: str = "street", reader: str = "district") -> None:
        """One report of this evening."""
        self.given[self.district.today, period, by, reader] = self._report(period, by, reader)

    def row(self, day: date, period: str, key: str, by: str = "street") -> Any:
        """One row of what was reported, or None."""
        return next((row for row in self.given[day, period, by, "district"] if row["key"] == key), None)

    def differing(self) -> dict[_Asked, tuple[Any, Any]]:
        """What is reported otherwise now than it was then, each as it was and as it is."""
        again = {
            (day, period, by, reader): self._report(period, by, reader, as_known_on=day)
            for day, period, by, reader in self.given
        }
        return {asked: (said, again[asked]) for asked, said in self.given.items() if said != again[asked]}

    def _report(self, period: str, by: str, reader: str, *, as_known_on: date | None = None) -> Any:
        known = {"as_known_on": str(as_known_on)} if as_known_on else {}
        query = {"period": period, "by": by, **known}
        return self.district.call("GET", "/v1/reports/coverage", by=reader, query=query)["rows"]
