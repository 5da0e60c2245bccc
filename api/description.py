"""The OpenAPI document: true to what the routes take and refuse, made from them."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import orjson
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute, iter_route_contexts

from api import dependencies
from api.http import callers, refusals
from api.http.bodies import BareRoute
from api.http.callers import CrossSite
from api.http.errors import MEDIA_TYPE, Internal, status_of
from api.schemas import cloudevents
from api.schemas.common import Problem
from core import errors
from core.errors import Refusal
from core.organisation.sessions import PasswordToChoose, SessionOver
from core.organisation.users import AccountClosed

_Schema = dict[str, Any]

TITLE: Final = "Tanfang 探访关爱"
DESCRIPTION: Final = """\
From a monitoring system's alert to the visit, and to whoever must hear of it when nobody goes.

**Lists** take `limit` (1 to 500, usually 50) and `cursor`, the `next_cursor` of the page before. **Days** are written
`YYYY-MM-DD`, instants with their offset; business time is Asia/Shanghai. **Refusals** are problem documents (RFC 9457):
`code` says which, `detail` what happened and what would help, `errors` where. A query parameter that an address does
not take is refused. Every answer of an address is listed with it, the codes of its refusals too."""
TAGS: Final = {
    "session": "Signing in and out, and who is signed in.",
    "alerts": "News from monitoring systems, as CloudEvents: taken in, looked up, corrected and replayed.",
    "residents": "Residents: found, explained, corrected; personal fields masked.",
    "decisions": "The rules alone, for persons given in the request.",
    "tasks": "What somebody has to do, and what people do about it.",
    "visits": "The official record form, and what a visit counted for.",
    "escalation": "Who hears of what nobody did, and when.",
    "notifications": "What people were told, and how they want to hear of it.",
    "feeds": "The sources that send news: whether they are heard, and how often they should be.",
    "people": "Accounts of those who work here, their recusals, absences and handovers.",
    "keys": "Keys of monitoring systems, and what they sign with.",
    "district": "Streets and their committees.",
    "coverage": "The district's policies, and what streets add to them.",
    "calendar": "Working days, year by year.",
    "reports": "What was owed and what was done.",
    "operations": "Whether the instance lives and works.",
    "sandbox": "The clock of a sandbox; a production instance does not have it.",
}
SCHEMES: Final[_Schema] = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "tfk_…",
        "description": "The key of a monitoring system: `Authorization: Bearer <key>`.",
    },
    "session": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "tfs_…",
        "description": "The token that `POST /v1/session` answers: `Authorization: Bearer <token>`.",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": callers.COOKIE,
        "description": "Set by `POST /v1/session` for the pages; writing with it takes a request from a page of ours.",
    },
}
# What any JSON body may be refused for before it is looked at.
_JSON: Final = (
    errors.BodyTooLarge,
    errors.JsonInvalid,
    errors.ByteOrderMark,
    errors.NotUtf8,
    errors.HoldsNul,
    errors.TooDeep,
    errors.DuplicateKey,
    errors.NumberNotFinite,
    errors.NumberOutOfRange,
    errors.LoneSurrogate,
)
_PROBLEM: Final[_Schema] = {"$ref": "#/components/schemas/Problem"}
_FASTAPIS_OWN: Final[_Schema] = {"$ref": "#/components/schemas/HTTPValidationError"}
_HEADERS: Final[dict[int, _Schema]] = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}, "description": "How to show who is calling."}},
    429: {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds after which to try again."}},
    503: {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds after which to try again."}},
}


def operation_id(route: APIRoute) -> str:
    """`list_tasks` is `listTasks`: a verb and its noun."""
    verb, *rest = route.name.split("_")
    return verb + "".join(word.capitalize() for word in rest)


class DescribedApp(FastAPI):
    """An application whose document says of every operation who may call it and what it refuses."""

    def openapi(self) -> _Schema:
        """The description of every address."""
        if self.openapi_schema is None:
            schema = super().openapi()
            schema["servers"] = [{"url": "/", "description": "This instance."}]
            schema["tags"] = [
                {"name": name, "description": words} for name, words in TAGS.items() if _has_tag(schema, name)
            ]
            components = schema["components"]
            components["schemas"] |= cloudevents.SCHEMAS | {"Problem": _plain_problem()}
            for name in ("HTTPValidationError", "ValidationError"):
                components["schemas"].pop(name, None)
            components["securitySchemes"] = SCHEMES
            components["examples"] = {}
            for route in routes(self):
                for method in route.methods or ():
                    operation = schema["paths"][route.path_format][method.lower()]
                    _describe(operation, route, components)
            self.openapi_schema = _pages_renamed(schema)
        return self.openapi_schema or {}


def _plain_problem() -> _Schema:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs")  # `FieldError` is there already: rejected events have some.
    return schema


def _pages_renamed(schema: _Schema) -> _Schema:
    """`Page_Task_`, as a page of tasks is called by FastAPI, is a `TaskPage`."""
    text = orjson.dumps(schema).decode()
    renamed: _Schema = orjson.loads(re.sub(r"\bPage_(\w+?)_(?=\")", r"\1Page", text))
    return renamed


def _has_tag(schema: _Schema, name: str) -> bool:
    return any(name in operation.get("tags", ()) for path in schema["paths"].values() for operation in path.values())


def routes(app: FastAPI) -> Iterator[APIRoute]:
    """Every route that the document describes."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and context.include_in_schema:
            yield route


def _describe(operation: _Schema, route: APIRoute, components: _Schema) -> None:
    operation["security"] = security(route)
    for content in operation.get("requestBody", {}).get("content", {}).values():
        _show_example(content, components["schemas"])
    by_status: dict[int, list[type[Refusal]]] = defaultdict(list)
    for kind in refused_by(route):
        by_status[status_of(kind)].append(kind)
        components["examples"][kind.code] = _example(kind)
    for status, kinds in sorted(by_status.items()):
        _add_problem(operation["responses"], status, kinds)


def _show_example(content: _Schema, schemas: _Schema) -> None:
    """What the schema of a body gives as its example stands with the body itself, where readers look for it."""
    # A body that may be left out is its schema or null.
    [told, *_] = content["schema"].get("anyOf", [content["schema"]])
    name = told.get("$ref", "").rpartition("/")[2]
    shown: _Schema = schemas.get(name, told)
    if "example" not in content and shown.get("examples"):
        content["example"] = shown["examples"][0]


def security(route: APIRoute) -> list[dict[str, list[str]]]:
    """What a route takes as proof of who is calling; any one of them is enough, and nothing where it is for all."""
    asked = set(_calls(route.dependant))
    if isinstance(route, BareRoute):
        return [{"key": []}]
    if callers.identity not in asked:
        return []
    is_persons = dependencies.person in asked or dependencies.signed_in in asked
    proofs = ["session", "cookie"] if is_persons else ["key", "session", "cookie"]
    return [{name: []} for name in proofs]


def refused_by(route: APIRoute) -> list[type[Refusal]]:
    """Every kind of refusal that a route may answer with, each once."""
    return list(dict.fromkeys([*_implied(route), *refusals.declared(route.endpoint)]))


def _implied(route: APIRoute) -> Iterator[type[Refusal]]:
    asked = set(_calls(route.dependant))
    if security(route):
        yield from (errors.NotSignedIn, errors.NotAllowed, errors.DatabaseAway)
    if callers.identity in asked:
        yield from (SessionOver, AccountClosed)
        if route.methods != {"GET"}:
            yield CrossSite
    if dependencies.identity in asked:
        yield PasswordToChoose
    if route.dependant.path_params:
        yield errors.NotFound
    if any(parameter.name == "resident_id" for parameter in route.dependant.path_params):
        yield errors.Merged
    if route.body_field is not None:
        yield from _JSON
    if get_flat_params(route.dependant) or route.body_field is not None:
        yield errors.Invalid
    yield errors.UnknownParameter
    if dependencies.slot in asked:
        yield from (errors.Busy, errors.DatabaseAway)
        if route.methods != {"GET"}:
            # Two of them may meet in the database.
            yield errors.Conflict
    yield Internal


def _calls(dependant: Dependant) -> Iterator[object]:
    for part in dependant.dependencies:
        yield part.call
        yield from _calls(part)


def _add_problem(responses: _Schema, status: int, kinds: list[type[Refusal]]) -> None:
    codes: _Schema = {"properties": {"code": {"enum": [kind.code for kind in kinds]}}}
    described = responses.setdefault(str(status), {"description": ""})
    content = described.setdefault("content", {})
    told: _Schema = content.pop("application/json", {}).get("schema", _PROBLEM)
    told = _PROBLEM if told == _FASTAPIS_OWN else told
    described["description"] = "；".join(f"`{kind.code}` {kind.title}" for kind in kinds)
    described |= {"headers": _HEADERS[status]} if status in _HEADERS else {}
    content[MEDIA_TYPE] = {
        "schema": {"allOf": [told, codes]},
        "examples": {kind.code: {"$ref": f"#/components/examples/{kind.code}"} for kind in kinds},
    }


def _example(kind: type[Refusal]) -> _Schema:
    value = {
        "type": f"urn:tanfang:problem:{kind.code}",
        "title": kind.title,
        "status": status_of(kind),
        "detail": kind.advice,
        "code": kind.code,
        "errors": [],
    }
    return {"summary": kind.title, "value": value}
