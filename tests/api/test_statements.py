"""However many rows an address lists or takes, it sends as many statements to the database."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from fastapi.routing import APIRoute

from api import description
from tests.api.door import Door
from tests.api.recipes import RECIPES
from tests.api.town import Town
from tests.statements import Statements, growth

# What lists or takes something and needs no recipe, and why.
ALONE: Final = {
    "get_alert": "an alert in doubt is about two residents at most",
    "decide_task": "a task that is decided holds no duties; its answer is read like that of claim_task",
    "complete_task": "a task that is completed holds no visits; its answer is read like that of claim_task",
}


@pytest.mark.parametrize("name", RECIPES)
def test_more_rows_take_no_more_statements(door: Door, statements: Statements, name: str) -> None:
    town, sent, shown = Town(door), [], []
    # First once, for what a process reads once; then some, then three times as many.
    for number in (1, 2, 6):
        asked = RECIPES[name](town, number)
        with statements.counted() as found:
            shown.append(asked.send(door))
        sent.append(found)
    assert shown[1] < shown[2], f"{name} was asked for more rows and shows no more"
    assert growth(sent[1], sent[2]) == {}


def test_every_address_that_lists_or_takes_many_has_a_recipe(door: Door) -> None:
    paths = door.client.get("/openapi.json").json()
    routes = list(description.routes(door.app))
    many = {route.name for route in routes if _is_of_many(paths, route)}
    missing = sorted(many - RECIPES.keys() - ALONE.keys())
    assert not missing, (
        f"{', '.join(missing)}: lists or takes many. Write a recipe of that name in tests/api/recipes.py that makes"
        " so many rows and says what to ask; where there is nothing to count, say why in ALONE."
    )
    assert RECIPES.keys() | ALONE.keys() <= {route.name for route in routes}, "a recipe is for no address"
    assert not RECIPES.keys() & ALONE.keys()


def _is_of_many(document: dict[str, Any], route: APIRoute) -> bool:
    """Whether an answer holds a list of things, or nobody can tell, or the body holds a list that has no end."""
    for method in route.methods or ():
        operation = document["paths"][route.path_format][method.lower()]
        answers = [
            content.get("schema")
            for status, answer in operation["responses"].items()
            if status < "300"
            for content in answer.get("content", {}).values()
        ]
        if any(not schema or any(_is_thing(document, each) for each in _lists(document, schema)) for schema in answers):
            return True
        bodies = operation.get("requestBody", {}).get("content", {}).values()
        for body in bodies:
            if any("enum" not in each for each in _lists(document, body.get("schema", {}))):
                return True
    return False


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _is_thing(document: dict[str, Any], schema: dict[str, Any]) -> bool:
    schema = _resolved(document, schema)
    return "properties" in schema or any(key in schema for key in ("anyOf", "oneOf", "allOf"))


def _lists(document: dict[str, Any], schema: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
    """What the lists and dictionaries anywhere in a schema hold."""
    if schema.get("$ref") in above:
        return
    above = (*above, schema.get("$ref", ""))
    schema = _resolved(document, schema)
    held = [part for name in ("items", "additionalProperties") if isinstance(part := schema.get(name), dict) and part]
    for part in held:
        yield _resolved(document, part)
    inner = [*held, *schema.get("properties", {}).values()]
    for name in ("anyOf", "oneOf", "allOf"):
        inner.extend(schema.get(name, ()))
    for part in inner:
        yield from _lists(document, part, above)
