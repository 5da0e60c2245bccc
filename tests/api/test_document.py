"""The OpenAPI document as a programmer reads it: `redocly lint` finds nothing, and these are its rules and ours."""

import re
from collections import Counter
from typing import Any, Final

import jsonschema
import pytest

from api import catalogue
from api.main import application
from core import errors
from tests.api import documented

METHODS: Final = ("get", "post", "put", "patch", "delete")
OPERATIONS: Final = [
    (method, path, operation)
    for path, operations in documented.document()["paths"].items()
    for method, operation in operations.items()
]
EACH: Final = pytest.mark.parametrize(
    ("method", "path", "operation"), OPERATIONS, ids=[operation["operationId"] for _, _, operation in OPERATIONS]
)
COMPONENTS: Final[dict[str, Any]] = documented.document()["components"]
PUBLIC: Final = {"startSession", "getLiveness", "getReadiness", "getMetrics"}
VERBS: Final = [
    "get",
    "start",
    "end",
    "reset",
    "list",
    "add",
    "put",
    "change",
    "record",
    "revoke",
    "push",
    "replay",
    "correct",
    "pair",
    "look",
    "reveal",
    "classify",
    "claim",
    "release",
    "assign",
    "excuse",
    "decide",
    "restore",
    "complete",
    "pull",
    "mark",
    "sign",
    "hand",
    "revert",
    "require",
    "roll",
    "preview",
    "move",
    "settle",
    "search",
    "void",
    "resolve",
    "merge",
    "explain",
    "undo",
    "discard",
]


@EACH
def test_an_operation_says_what_it_is(method: str, path: str, operation: dict[str, Any]) -> None:
    assert re.fullmatch(rf"({'|'.join(VERBS)})([A-Z][a-z]+)+", operation["operationId"])
    assert operation["summary"]
    assert operation["description"].endswith(".")
    [tag] = operation["tags"]
    assert tag in {described["name"] for described in documented.document()["tags"]}
    assert method in METHODS


@EACH
def test_an_operation_says_who_may_call_it(method: str, path: str, operation: dict[str, Any]) -> None:
    proofs = {name for proof in operation["security"] for name in proof}
    assert proofs <= COMPONENTS["securitySchemes"].keys()
    assert bool(proofs) != (operation["operationId"] in PUBLIC)
    assert ("cookie" in proofs) == ("session" in proofs)
    assert (
        bool(proofs) == ("unauthorized" in documented.codes(operation, 401))
        or operation["operationId"] == "startSession"
    )


@EACH
def test_an_operation_lists_its_answers(method: str, path: str, operation: dict[str, Any]) -> None:
    statuses = operation["responses"].keys()
    assert any(status.startswith("2") for status in statuses)
    assert any(status.startswith("4") for status in statuses)
    assert "unknown_parameter" in documented.codes(operation, 422)
    for status in statuses:
        for code in documented.codes(operation, int(status)):
            assert code in COMPONENTS["examples"]
    if "{" in path:
        assert "not_found" in documented.codes(operation, 404)


@EACH
def test_a_list_is_read_a_page_at_a_time(method: str, path: str, operation: dict[str, Any]) -> None:
    answer = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
    listed = COMPONENTS["schemas"].get(answer.get("$ref", "").rpartition("/")[2], {})
    if method != "get" or "next_cursor" not in listed.get("properties", {}):
        return
    assert {"limit", "cursor"} <= {parameter["name"] for parameter in operation["parameters"]}


@EACH
def test_a_body_has_an_example_that_fits_it(method: str, path: str, operation: dict[str, Any]) -> None:
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        assert content["example"], media_type
        schema = {**content["schema"], "components": COMPONENTS}
        jsonschema.validate(content["example"], schema)
        properties = _resolved(content["schema"]).get("properties", {})
        if properties:
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate({**content["example"], "no_such_field": 1}, schema)


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = COMPONENTS["schemas"].get(schema.get("$ref", "").rpartition("/")[2], schema)
    return found if found.get("additionalProperties") is False else {}


def test_no_two_operations_have_one_name_and_every_tag_is_described() -> None:
    counted = Counter(operation["operationId"] for _, _, operation in OPERATIONS)
    assert set(counted.values()) == {1}
    described = {tag["name"]: tag["description"] for tag in documented.document()["tags"]}
    assert described.keys() == {operation["tags"][0] for _, _, operation in OPERATIONS}
    assert all(words.endswith(".") for words in described.values())


def test_components_are_called_by_a_noun_and_all_of_them_are_used() -> None:
    names = COMPONENTS["schemas"].keys()
    assert [name for name in names if not re.fullmatch(r"([A-Z][a-z]*)+", name)] == []
    text = repr(documented.document())
    assert [name for name in names if f"'#/components/schemas/{name}'" not in text] == []
    assert [name for name in COMPONENTS["examples"] if f"'#/components/examples/{name}'" not in text] == []
    named = set(re.findall(r"'#/components/schemas/(\w+)'", text))
    assert named == set(names)


def test_every_kind_of_refusal_has_a_code_of_its_own() -> None:
    kinds = list(errors.every())
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert all(kind.title and kind.advice.endswith("。") for kind in kinds)


def test_the_page_of_errors_is_complete_and_fresh() -> None:
    written = catalogue.PAGE.read_text("utf-8")
    assert written == catalogue.page(application(with_sandbox=True)), "docs/errors.md is stale: run `make docs`"
    assert all(f"| `{kind.code}` |" in written for kind in errors.every())
