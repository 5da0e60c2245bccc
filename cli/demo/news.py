"""Invented news about invented people: what three systems push over some months, as untidily as real ones do."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cli.demo.people import SEED, Place, Resident, places
from core import clock
from core.events import id_numbers

MEDICAL, CIVIL, EMERGENCY = "/songjiang/medical-insurance", "/songjiang/civil-affairs", "/songjiang/emergency"
SOURCES = {MEDICAL: "区医保局", CIVIL: "区民政局", EMERGENCY: "区应急管理局"}
PER_THOUSAND_AND_DAY = 1.2  # pieces of news

Event = dict[str, Any]
Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """An event and when it reaches us; `key_of` is the source whose key it is sent with."""

    at: datetime
    key_of: str
    event: Event


def registrations(people: Sequence[Resident], at: datetime) -> list[Event]:
    """The events that open the register."""
    return [
        event(CIVIL, f"register-{resident.number:06d}", "resident.registered", at, resident.data())
        for resident in people
    ]


def stream(people: Sequence[Resident], start: datetime, end: datetime) -> list[Sent]:
    """News between two instants in the order in which it is sent; nothing about the first resident."""
    dice = random.Random(SEED + 2)
    days = (end - start) / timedelta(days=1)
    count = round(days * len(people) / 1000 * PER_THOUSAND_AND_DAY)
    chosen = iter(dice.sample(people[1:], min(len(people) - 1, 2 * count)))
    kinds = list(_KINDS)
    found: list[Sent] = []
    for number in range(count):
        at = start + timedelta(days=days * (number + dice.random()) / count)
        make = dice.choices(kinds, [_KINDS[kind][0] for kind in kinds])[0]
        resident = _someone(chosen, _KINDS[make][1])
        if resident is None:
            break
        found.extend(_pushed(number, _Told(resident, at, dice), make, end))
    found += _untidy(start, end)
    return sorted(found, key=lambda sent: sent.at)


def event(source: str, name: str, kind: str, at: datetime, data: Data) -> Event:
    """A CloudEvent as the contract wants it."""
    said = at.astimezone(clock.SHANGHAI).isoformat(timespec="seconds")
    return {"specversion": "1.0", "source": source, "id": name, "type": kind, "time": said, "data": data}


@dataclass(frozen=True, slots=True)
class _Told:
    resident: Resident
    at: datetime
    dice: random.Random

    def day(self, before: int = 0) -> str:
        """The day of the news, or some days earlier."""
        return (clock.today(self.at) - timedelta(days=before)).isoformat()

    def elsewhere(self) -> Place:
        """Another committee of the district."""
        return self.dice.choice([place for place in _PLACES if place.committee != self.resident.place.committee])


_PLACES = places()
_Maker = Callable[[_Told], list[tuple[str, str, Data]]]  # (source, type, data) of one or more events


def _someone(chosen: Iterator[Resident], fits: Callable[[Resident], bool]) -> Resident | None:
    return next((resident for resident in chosen if fits(resident)), None)


def _pushed(number: int, told: _Told, make: _Maker, end: datetime) -> list[Sent]:
    """The events of one piece of news: some late, some twice, and the parts of some in the wrong order."""
    dice = told.dice
    sent = []
    for part, (source, kind, data) in enumerate(make(told)):
        name = f"{source.rpartition('/')[2]}-{number:05d}-{part}"
        happened = told.at + timedelta(minutes=part)
        made = event(source, name, kind, happened, {"person": told.resident.reference, **data})
        delay = timedelta(days=dice.randint(15, 25)) if dice.random() < 0.05 else timedelta(minutes=dice.randint(1, 9))
        at = min(max(happened, happened + delay), end)
        sent.append(Sent(at, source, made))
        if dice.random() < 0.06:
            sent.append(Sent(min(at + timedelta(hours=dice.randint(0, 60)), end), source, made))
    return sent


def _untidy(start: datetime, end: datetime) -> list[Sent]:
    """What no system should send and some do: an event without a time, one about nobody we know, one id used twice."""
    day = clock.today(end - timedelta(days=9)).isoformat()
    at = end - timedelta(days=9)
    nobody = {"id_number": id_numbers.make(clock.today(start).replace(year=1961), 7), "name": "查无此人"}
    known = {"id_number": nobody["id_number"], "name": "张建国"} | _where(_PLACES[40])
    malformed = event(MEDICAL, "medical-insurance-broken", "warning.illness_poverty", at, {"person": nobody})
    del malformed["time"]
    unknown = event(
        MEDICAL,
        "medical-insurance-unknown",
        "warning.illness_poverty",
        at,
        {
            "person": {**nobody, "id_number": id_numbers.make(clock.today(start).replace(year=1958), 8)},
            "pushed_on": day,
        },
    )
    newcomer = event(MEDICAL, "medical-insurance-newcomer", "warning.illness_poverty", at, {"person": known})
    newcomer["data"]["pushed_on"] = day
    other_words = {**newcomer, "data": {"person": known, "pushed_on": day, "out_of_pocket": 61000}}
    return [
        Sent(at, MEDICAL, malformed),
        Sent(at, MEDICAL, unknown),
        Sent(at, MEDICAL, newcomer),
        Sent(at + timedelta(days=2), MEDICAL, other_words),
    ]


def _where(place: Place) -> dict[str, str]:
    return {"street": place.street, "committee": place.committee}


def _warning(told: _Told) -> list[tuple[str, str, Data]]:
    paid = told.dice.randrange(20_000, 180_000, 500)
    return [(MEDICAL, "warning.illness_poverty", {"pushed_on": told.day(), "out_of_pocket": paid})]


def _accident(told: _Told) -> list[tuple[str, str, Data]]:
    said = told.dice.choice(("交通事故受伤", "在家跌倒骨折", "工地受伤住院", "烫伤送医"))
    return [(EMERGENCY, "change.accident", {"happened_on": told.day(told.dice.randint(0, 3)), "description": said})]


def _emergency(told: _Told) -> list[tuple[str, str, Data]]:
    said = told.dice.choice(("家中失火", "房屋漏水无法居住", "家庭主要劳动力失联"))
    happened = None if told.dice.random() < 0.2 else told.day()
    return [(EMERGENCY, "change.emergency", {"happened_on": happened, "description": said})]


def _struck_down(told: _Told) -> list[tuple[str, str, Data]]:
    said = told.dice.choice(("突发脑梗住院", "确诊恶性肿瘤", "急性心肌梗死", "尿毒症开始透析"))
    return [(MEDICAL, "change.serious_illness", {"happened_on": told.day(1), "description": said})]


def _lead(told: _Told) -> list[tuple[str, str, Data]]:
    channel = told.dice.choice(("hotline", "neighbour", "relative", "other"))
    return [(CIVIL, "lead.reported", {"channel": channel, "description": "多日未见出门，希望有人上门看看"})]


def _death(told: _Told) -> list[tuple[str, str, Data]]:
    return [(CIVIL, "resident.died", {"on": told.day(told.dice.randint(0, 4))})]


def _departure(told: _Told) -> list[tuple[str, str, Data]]:
    return [(CIVIL, "resident.left", {"on": told.day(), "reason": "收入核对后不再符合条件"})]


def _move(told: _Told) -> list[tuple[str, str, Data]]:
    to = told.elsewhere()
    return [(CIVIL, "resident.moved", {"on": told.day(), "to_street": to.street, "to_committee": to.committee})]


def _end(told: _Told) -> list[tuple[str, str, Data]]:
    tag = sorted(told.resident.tags)[0]
    return [(CIVIL, "fact.ended", {"kind": "assistance", "tag": tag, "on": told.day()})]


def _upgrade(told: _Told) -> list[tuple[str, str, Data]]:
    """Another assistance ends the day before the new one begins: two events, of which the second may come first."""
    fact = {"kind": "assistance", "tag": "dibao_edge", "valid_from": told.day(), "valid_to": None}
    ended = {"kind": "assistance", "tag": "expenditure_poor", "on": told.day(1)}
    return [(CIVIL, "fact.ended", ended), (CIVIL, "fact.recorded", {"fact": fact})]


def _found_ill(told: _Told) -> list[tuple[str, str, Data]]:
    fact = {"kind": "serious_illness", "basis": "found_on_visit", "valid_from": told.day(2), "valid_to": None}
    return [(CIVIL, "fact.recorded", {"fact": fact})]


def _certified(told: _Told) -> list[tuple[str, str, Data]]:
    grade = told.dice.randint(1, 4)
    fact = {"kind": "disability", "category": 4, "grade": grade, "valid_from": told.day(), "valid_to": None}
    return [(CIVIL, "fact.recorded", {"fact": fact})]


def _mistaken(told: _Told) -> list[tuple[str, str, Data]]:
    """An accident that was somebody else's, taken back."""
    happened = told.day()
    return [
        (EMERGENCY, "change.accident", {"happened_on": happened}),
        (EMERGENCY, "fact.retracted", {"kind": "major_change", "valid_from": happened, "reason": "同名误报"}),
    ]


def _is_registered(resident: Resident) -> bool:
    return bool(resident.tags)


def _is_aided(resident: Resident) -> bool:
    return resident.expected == "general" and any(tag.startswith("dibao") for tag in resident.tags)


def _is_poor_by_expenses(resident: Resident) -> bool:
    return "expenditure_poor" in resident.tags


def _is_old(resident: Resident) -> bool:
    return resident.born.year < 1955


# How often each kind of news comes, and about whom.
_KINDS: Mapping[_Maker, tuple[int, Callable[[Resident], bool]]] = {
    _warning: (26, _is_registered),
    _accident: (14, _is_aided),
    _emergency: (5, _is_registered),
    _struck_down: (10, _is_aided),
    _lead: (10, _is_registered),
    _death: (7, _is_old),
    _departure: (4, _is_registered),
    _move: (7, _is_registered),
    _end: (4, _is_registered),
    _upgrade: (4, _is_poor_by_expenses),
    _found_ill: (4, _is_aided),
    _certified: (3, _is_registered),
    _mistaken: (2, _is_aided),
}
