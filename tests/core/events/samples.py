"""One good event of every type, for the tests of parsing to send as it is or to spoil."""

import copy
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.events import cloudevents
from core.events.cloudevents import Event

CORPUS = Path(__file__).parent / "corpus"
NOW = datetime.fromisoformat("2026-03-20T10:00:00+08:00")
PERSON = {"id_number": "319999196001010040", "name": "张三", "street": "310117001", "committee": "310117001001"}
ASSISTANCE = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01", "valid_to": None}
BASES: dict[str, tuple[str, dict[str, Any]]] = {
    "registered": ("resident.registered", {"facts": [ASSISTANCE]}),
    "left": ("resident.left", {"on": "2026-03-31", "reason": "迁出"}),
    "died": ("resident.died", {"on": "2026-03-19"}),
    "moved": ("resident.moved", {"on": "2026-04-01", "to_street": "310117002", "to_committee": "310117002003"}),
    "recorded": ("fact.recorded", {"fact": ASSISTANCE}),
    "ended": (
        "fact.ended",
        {"kind": "assistance", "tag": "dibao_urban", "on": "2026-03-31", "valid_from": "2026-01-01"},
    ),
    "retracted": (
        "fact.retracted",
        {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01", "reason": "录入有误"},
    ),
    "warning": ("warning.illness_poverty", {"pushed_on": "2026-03-20", "out_of_pocket": 52000}),
    "accident": ("change.accident", {"happened_on": "2026-03-18", "description": "交通事故\n骨折"}),
    "restored": ("resident.restored", {"reason": "同名他人"}),
    "lead": ("lead.reported", {"channel": "neighbour", "description": "几天没见人"}),
}


def base(name: str) -> dict[str, Any]:
    kind, data = BASES[name]
    return {
        "specversion": "1.0",
        "source": "/songjiang/medical-insurance",
        "id": "yb-2026-000123",
        "type": kind,
        "time": "2026-03-20T09:00:00+08:00",
        "data": {"person": dict(PERSON), **copy.deepcopy(data)},
    }


def accepted(raw: object) -> Event:
    event = cloudevents.parse_event(raw, index=0, now=NOW)
    assert isinstance(event, Event), event
    return event


def encoded(raw: object) -> bytes:
    return json.dumps(raw, ensure_ascii=False).encode()


def corpus(name: str) -> list[Any]:
    cases = [json.loads(line) for line in (CORPUS / name).read_text("utf-8").splitlines()]
    return [pytest.param(case, id=case["name"]) for case in cases]
