"""What a monitoring system sends, described for readers of the OpenAPI document; `core.events` is what judges it."""

import json
from typing import Any, Final

from core.events.persons import LONGEST_ID
from core.events.types import CHANNELS
from rules import facts

_Schema = dict[str, Any]

_DAY: Final[_Schema] = {"type": "string", "format": "date"}
_REASON: Final[_Schema] = {"type": "string", "maxLength": 4000}
_ID: Final[_Schema] = {"type": "string", "minLength": 1, "maxLength": LONGEST_ID}
_STREET: Final[_Schema] = {"type": "string", "pattern": "^[0-9]{9}$", "description": "Code of a 街镇."}
_COMMITTEE: Final[_Schema] = {"type": "string", "pattern": "^[0-9]{12}$", "description": "Code of a 居委会 or 村委会."}
_TAG: Final[_Schema] = {"type": "string", "description": "Where the kind has tags."}


def _or_null(schema: _Schema) -> _Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(required: str, properties: _Schema, **more: Any) -> _Schema:
    return {
        "type": "object",
        "required": required.split(),
        "properties": properties,
        "additionalProperties": False,
        **more,
    }


_WHO: Final[_Schema] = {
    "id_number": {"type": "string", "description": "The person is found by it; birth date and sex follow from it."},
    "external_id": {**_ID, "description": "For people without a number; unique for the source."},
    "name": {"type": "string", "maxLength": 100},
    "street": _STREET,
    "committee": _COMMITTEE,
}
_PERSON: Final = _object(
    "",
    {
        **_WHO,
        "birth_date": _DAY,
        "sex": {"enum": list(facts.SEXES)},
        "phone": {"type": "string", "maxLength": 40},
        "address": {"type": "string", "maxLength": 300},
        "household": {"type": "string", "maxLength": 100},
        "relation": {"type": "string", "maxLength": 100},
    },
    anyOf=[{"required": ["id_number"]}, {"required": ["external_id"]}],
)
_FACT: Final = _object(
    "kind valid_from",
    {
        "kind": {"enum": [kind.value for kind in facts.FactKind]},
        "tag": {
            "type": "string",
            "description": f"assistance: {', '.join(facts.COVERED_TAGS)}; outreach: {', '.join(facts.OUTREACH_TAGS)};"
            " street_tag: one the street has declared.",
        },
        "support": {"enum": list(facts.SUPPORTS), "description": "For tekun."},
        "basis": {"enum": list(facts.BASES), "description": "For serious_illness."},
        "confirmed_on": _or_null(_DAY),
        "category": {"type": "integer", "minimum": 1, "maximum": 7, "description": "For disability."},
        "grade": {"type": "integer", "minimum": 1, "maximum": 4, "description": "For disability."},
        "cause": {"enum": list(facts.CAUSES), "description": "For major_change."},
        "warning": {"enum": list(facts.WARNINGS), "description": "For warning."},
        "reason": {"type": "string", "maxLength": facts.REASON_CHARACTERS, "description": "For pause."},
        "valid_from": _DAY,
        "valid_to": _or_null(_DAY),
    },
)
_PERSON_REF: Final[_Schema] = {"$ref": "#/components/schemas/EventPerson"}
_FACT_REF: Final[_Schema] = {"$ref": "#/components/schemas/EventFact"}
_CAUSE: Final[_Schema] = {"enum": list(facts.CAUSES), "description": "Of a major change only."}
_KIND: Final[_Schema] = {"enum": [kind.value for kind in facts.FactKind]}
_CHANGE: Final = ("", {"happened_on": _or_null(_DAY), "description": _REASON}, "Something happened to the person.")

# By type: which fields of `data` beside `person` are required, all of them, and what it is.
_TYPES: Final[dict[str, tuple[str, _Schema, str]]] = {
    "resident.registered": (
        "",
        {"facts": {"type": "array", "maxItems": 200, "items": _FACT_REF}},
        "A person in full; name and committee are needed.",
    ),
    "resident.left": ("on", {"on": _DAY, "reason": _REASON}, "`on`: the last day in force."),
    "resident.died": ("on", {"on": _DAY}, "`on`: the last day in force."),
    "resident.moved": (
        "on to_street to_committee",
        {"on": _DAY, "to_street": _STREET, "to_committee": _COMMITTEE},
        "`on`: the first day in the new committee.",
    ),
    "fact.recorded": ("fact", {"fact": _FACT_REF}, "A fact begins."),
    "fact.ended": (
        "kind on",
        {"kind": _KIND, "tag": _TAG, "on": _DAY, "valid_from": _DAY, "cause": _CAUSE},
        "`on`: the last day in force; without `valid_from` all of that kind and tag end. Where several major changes"
        " fit, `cause` says which; unnamed, the event waits as `ambiguous`.",
    ),
    "resident.restored": (
        "reason",
        {"reason": _REASON},
        "The death or the leaving was reported in error: as if it had never been said.",
    ),
    "fact.retracted": (
        "kind valid_from reason",
        {"kind": _KIND, "tag": _TAG, "valid_from": _DAY, "cause": _CAUSE, "reason": _REASON},
        "It was never true. Where two major changes of one day fit, `cause` says which.",
    ),
    "warning.illness_poverty": ("pushed_on", {"pushed_on": _DAY}, "Any further details may stand beside it."),
    **{f"change.{cause}": _CHANGE for cause in facts.CAUSES},
    "lead.reported": ("channel", {"channel": {"enum": list(CHANNELS)}, "description": _REASON}, "Somebody told of it."),
}


def _variant(name: str) -> _Schema:
    required, properties, description = _TYPES[name]
    data = _object(f"person {required}", {"person": _PERSON_REF, **properties}, description=description)
    if name.startswith("warning."):
        data["additionalProperties"] = True
    return {"title": name, "properties": {"type": {"const": name}, "data": data}, "required": ["type", "data"]}


EXAMPLE: Final[_Schema] = {
    "specversion": "1.0",
    "source": "/songjiang/medical-insurance",
    "id": "yb-2026-000123",
    "type": "warning.illness_poverty",
    "time": "2026-03-20T09:00:00+08:00",
    "data": {
        "person": {
            "id_number": "319999196001010040",
            "name": "张三",
            "street": "310117001",
            "committee": "310117001001",
        },
        "pushed_on": "2026-03-20",
        "out_of_pocket": 52000,
    },
}
SCHEMAS: Final[dict[str, _Schema]] = {
    "EventPerson": {**_PERSON, "description": "Whom the news is about."},
    "EventFact": {**_FACT, "description": "Something that holds of a person from one day to another, both inclusive."},
    "CloudEvent": {
        "type": "object",
        "description": "CloudEvents 1.0. (source, id) is the idempotency key; extension attributes are ignored.",
        "required": ["specversion", "source", "id", "time"],
        "properties": {
            "specversion": {"const": "1.0"},
            "source": {**_ID, "description": "The source of the key."},
            "id": _ID,
            "time": {"type": "string", "format": "date-time", "description": "With its offset; not in the future."},
            "datacontenttype": {"type": "string", "description": "JSON in UTF-8."},
            "subject": {"type": "string", "maxLength": 4096},
            "dataschema": {"type": "string", "maxLength": 4096},
        },
        "oneOf": [_variant(name) for name in _TYPES],
        "example": EXAMPLE,
    },
}
_ONE: Final[_Schema] = {"$ref": "#/components/schemas/CloudEvent"}
_MANY: Final[_Schema] = {"type": "array", "minItems": 1, "items": _ONE}
REQUEST_BODY: Final[_Schema] = {
    "required": True,
    "description": "One event, an array of them, or one a line; at most 256 KB an event and 8 MB a request, a stream of"
    " lines may be longer. In binary mode the attributes are `ce-*` headers and the body is `data`.",
    "content": {
        "application/cloudevents+json": {"schema": _ONE, "example": EXAMPLE},
        "application/cloudevents-batch+json": {"schema": _MANY, "example": [EXAMPLE]},
        "application/json": {"schema": {"anyOf": [_ONE, _MANY]}, "example": EXAMPLE},
        "application/x-ndjson": {
            "schema": {"type": "string", "description": "One event a line."},
            "example": json.dumps(EXAMPLE, ensure_ascii=False) + "\n",
        },
    },
}


def _header(name: str, description: str) -> _Schema:
    return {"name": name, "in": "header", "required": False, "schema": {"type": "string"}, "description": description}


_DRY_RUN: Final[_Schema] = {
    "name": "dry_run",
    "in": "query",
    "required": False,
    "schema": {"type": "boolean", "default": False},
    "description": "The same answer, and nothing is stored.",
}
PARAMETERS: Final = (_DRY_RUN["name"],)
HEADERS: Final = [
    _DRY_RUN,
    _header("webhook-id", "Standard Webhooks: the message's id, without full stops; the same at every attempt."),
    _header("webhook-timestamp", "Standard Webhooks: seconds since 1970, within 5 minutes; new at each attempt."),
    _header("webhook-signature", "Standard Webhooks: `v1,` and the signature; several are separated by spaces."),
]
