"""Families on the register of the instance that tests look at, each test in a committee of its own."""

import itertools
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from core.events import id_numbers
from tests.browser.site import Site
from tests.world import STREET

DISTRICT: Final = "district"
WORDS: Final = "中风住院，自付 5.2 万元"
_TAKEN: Final = itertools.count(2)
_NUMBERS: Final = itertools.count(1)


@dataclass
class Home:
    """A committee with one advisor, and two people of one household there, to the first of whom something happened."""

    site: Site
    committee: str
    advisor: str
    names: tuple[str, str]
    residents: tuple[str, str]

    def call(self, method: str, path: str, **rest: Any) -> Any:
        """What the advisor asks of the interface."""
        return self.site.instance.call(method, path, by=self.advisor, **rest)

    @property
    def tasks(self) -> list[Any]:
        """What is open there."""
        found: list[Any] = self.call("GET", "/v1/tasks?state=open&mine=true")["items"]
        return found

    @property
    def visits(self) -> list[Any]:
        found: list[Any] = self.call("GET", "/v1/visits?mine=true")["items"]
        return found


def home(site: Site, names: tuple[str, str] = ("陆伯年", "赵秀英")) -> Home:
    """A family whom nobody has visited yet."""
    instance = site.instance
    if DISTRICT not in site._known:
        instance.add_user(DISTRICT, "district_officer")
        site._known[DISTRICT] = DISTRICT
    places = instance.call("GET", "/v1/streets", by=DISTRICT)["items"]
    committees = next(street["committees"] for street in places if street["code"] == STREET)
    committee = committees[next(_TAKEN)]["code"]
    advisor = site.account(committees=[committee], capacity=100)
    number = next(_NUMBERS)
    key = instance.add_key()
    people = [_person(committee, name, f"H-{number}") for name in names]
    facts = [{"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01", "valid_to": None}]
    told = [
        instance.event("resident.registered", {"person": person, "facts": facts}, time="2026-11-25T08:00:00+08:00")
        for person in people
    ]
    happened = {"happened_on": "2026-11-20", "description": WORDS, "person": {"id_number": people[0]["id_number"]}}
    told.append(instance.event("change.serious_illness", happened, time="2026-11-25T08:30:00+08:00"))
    instance.call("POST", "/v1/alerts", by=key, json=told, expect=202)
    instance.settle()
    listed = instance.call("GET", f"/v1/residents?committee={committee}", by=advisor)["items"]
    ids = {one["name"]: one["resident_id"] for one in listed}
    return Home(site, committee, advisor, names, (ids[names[0]], ids[names[1]]))


def _person(committee: str, name: str, household: str) -> dict[str, str]:
    return {
        "id_number": id_numbers.make(date(1950, 1, 1), next(_NUMBERS)),
        "name": name,
        "street": committee[:9],
        "committee": committee,
        "household": household,
        "address": "谷阳北路500弄15号301室",
        "phone": "13800001234",
    }
