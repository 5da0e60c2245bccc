"""A district over HTTP, as its people and systems use it: news, visits, decisions, days; reusable by every journey."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from core.events import id_numbers
from core.store.ids import uuid7
from tests.journeys.instance import Instance

HERE, NEXT_DOOR, THERE = "310117001001", "310117001002", "310117002003"
FIRST_BORN = date(1960, 1, 1)


@dataclass(frozen=True)
class Resident:
    """Somebody on the register."""

    resident_id: str
    id_number: str


@dataclass
class District:
    """Two streets with everybody who works there, and a day that moves on; an evening is at eight."""

    instance: Instance
    today: date
    hour: int = 8
    _key: str = ""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def staff(self) -> None:
        """An officer, a key, and of each street a manager, an advisor and somebody in each committee."""
        made = self.instance
        made.add_user("district", "district_officer")
        self._key = made.add_key()
        for street in (HERE[:9], THERE[:9]):
            made.add_user(f"manager-{street}", "street_manager", street=street)
            made.add_user(f"advisor-{street}", "street_advisor", street=street)
        for committee in (HERE, NEXT_DOOR, THERE):
            made.add_user(committee, "committee_advisor", street=committee[:9], committees=[committee], capacity=100)

    @property
    def now(self) -> str:
        return f"{self.today}T{self.hour:02}:00:00+08:00"

    def go_to(self, day: date, hour: int) -> None:
        """Everything due until then happens."""
        self.today, self.hour = day, hour
        self.instance.go_to(self.now)

    # News

    def push(self, kind: str, person: Mapping[str, Any], **data: Any) -> None:
        """One event of a monitoring system, and what comes of it."""
        event = self.instance.event(kind, {"person": dict(person), **data}, time=self.now)
        answer = self.instance.call("POST", "/v1/alerts", by=self._key, json=[event], expect=202)
        assert not answer["rejected"], answer
        self.instance.settle()

    def register(self, *facts: Mapping[str, Any], committee: str = HERE, born: date = FIRST_BORN) -> Resident:
        number = id_numbers.make(born, next(self._numbers))
        person = {"id_number": number, "name": "测试", "street": committee[:9], "committee": committee}
        self.push("resident.registered", person, facts=[dict(fact) for fact in facts])
        found = self.instance.call("POST", "/v1/residents/lookup", by="district", json={"id_number": number})
        return Resident(found["resident_id"], number)

    def tell(self, kind: str, resident: Resident, **data: Any) -> None:
        """News about somebody who is known."""
        self.push(kind, {"id_number": resident.id_number}, **data)

    def move(self, resident: Resident, committee: str, on: date) -> None:
        self.tell("resident.moved", resident, on=str(on), to_street=committee[:9], to_committee=committee)

    # Work

    def visit(self, by: str, *residents: Resident, on: date | None = None, **fields: Any) -> Any:
        """A record form as an advisor fills it in."""
        form = {
            "visit_id": str(uuid7()),
            "resident_ids": [resident.resident_id for resident in residents],
            "mode": "home_visit",
            "participants": ["王芳"],
            "service_date": str(on or self.today),
            "duration_hours": 0.5,
            "services": ["care"],
            "initiated_by": "advisor",
            "narrative": "情况稳定",
            **fields,
        }
        # 200 where it is merged into a visit that is known.
        return self.instance.call("POST", "/v1/visits", by=by, json=form, expect=(200, 201))

    def tasks(self, resident: Resident, kind: str, *, by: str = "district") -> list[Any]:
        """Somebody's open tasks of a kind."""
        path = f"/v1/tasks?state=open&kind={kind}"
        found = self.instance.everything(path, by=by)
        return [task for task in found if task["resident"]["resident_id"] == resident.resident_id]

    def do(self, task: Mapping[str, Any], what: str, *, by: str, expect: int = 200, **body: Any) -> Any:
        """What somebody does with a task."""
        return self.instance.call("POST", f"/v1/tasks/{task['task_id']}/{what}", by=by, json=body, expect=expect)

    def duties(self, resident: Resident) -> dict[str, Any]:
        """Somebody's periodic duties by period, the highest tier of each."""
        found = self.instance.everything(f"/v1/residents/{resident.resident_id}/duties", by="district")
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
        """What is reported this evening: of the month by committee each day, once a week everything to everybody."""
        day = self.district.today
        is_weekly = day.isoweekday() == 7
        for period in periods(day) if is_weekly else [f"{day:%Y-%m}"]:
            for by in ("street", "committee", "tier") if is_weekly else ("committee",):
                for reader in self.readers if is_weekly else self.readers[:1]:
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
        path = f"/v1/reports/coverage?period={period}&by={by}"
        path += f"&as_known_on={as_known_on}" if as_known_on else ""
        return self.district.instance.call("GET", path, by=reader)["rows"]
