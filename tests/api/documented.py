"""Every answer of the suite is held against the OpenAPI document: a refusal must be listed with its operation."""

import re
from functools import cache
from typing import Any

import httpx

from api.catalogue import FIELDS
from api.main import application
from core import errors
from tests.chinese import foreign

PROBLEM = "application/problem+json"


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document of a sandbox; making it needs no database."""
    return application(with_sandbox=True).openapi()


@cache
def _templates() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    """Each path as a pattern; those without parameters first, as `/v1/tasks/pull` is no task."""
    paths = sorted(document()["paths"].items(), key=lambda path: path[0].count("{"))
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), operations) for path, operations in paths]


def operation(method: str, path: str) -> dict[str, Any] | None:
    """The operation at an address, if the document has one."""
    for pattern, operations in _templates():
        if pattern.fullmatch(path) and (found := operations.get(method.lower())) is not None:
            described: dict[str, Any] = found
            return described
    return None


def codes(described: dict[str, Any], status: int) -> set[str]:
    """The codes that an operation lists with a status."""
    content = described["responses"].get(str(status), {}).get("content", {}).get(PROBLEM)
    return set(content["schema"]["allOf"][1]["properties"]["code"]["enum"]) if content else set()


def hold(answer: httpx.Response) -> None:
    """Fail when an answer is a refusal that its operation does not list."""
    described = operation(answer.request.method, answer.request.url.path)
    if described is None or answer.headers.get("content-type") != PROBLEM:
        return
    answer.read()
    said = answer.json()
    code = said["code"]
    assert code in codes(described, answer.status_code), (
        f"{described['operationId']} answers {answer.status_code} {code}, which it does not declare:"
        " add it to `@refuses` at the route"
    )
    refused = [*said["errors"], *(error for one in said.get("rejected", ()) for error in one["errors"])]
    unexplained = {error["code"] for error in refused} - FIELDS.keys() - {kind.code for kind in errors.every()}
    assert not unexplained, f"docs/errors.md does not explain {unexplained}: add them to `api.catalogue.FIELDS`"
    sentences = [said["detail"], *(error["msg"] for error in refused), f"{said['title']}。"]
    # Who has a task is somebody's name.
    assert code == "taken" or not any(map(foreign, sentences)), sentences
