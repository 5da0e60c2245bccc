"""The OpenAPI document: true to what the application does, whoever asks and whatever they send."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.schemas import APIOperation

from api.evaluation.evaluators import Evaluators
from api.schemas.cloudevents import EXAMPLE
from core.events import types as event_types
from core.organisation import streets
from core.store import crypto
from core.store.database import Database
from tests.api import bad_inputs
from tests.api.door import Door, open_door
from tests.core.events.samples import accepted
from tests.world import STREET, World

SEED: Final = 20260320
EXAMPLES: Final = 6
DIBAO: Final = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
CALLERS: Final = ("admin", "district_officer", "street_manager", "street_advisor", "key", "nobody")
HELD: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
SETTINGS: Final = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# Moving the clock by years, or waiting for everything, is what other tests do.
LEFT_OUT: Final = ("/v1/sandbox/clock", "/v1/sandbox/settle")


@pytest.fixture(scope="module")
def door(make_database: Callable[[], str], key_folder: Path, evaluators: Evaluators) -> Iterator[Door]:
    """A door with somebody behind it."""
    url = make_database()
    database = Database(url, pool_size=2)
    streets.known(database)
    with open_door(url, key_folder, World(database, crypto.load_keys(key_folder)), evaluators) as opened:
        opened.person("committee_advisor")
        opened.resident(DIBAO)
        yield opened
    database.dispose()


@dataclass
class Walk:
    """Every operation of the document, tried by one caller."""

    door: Door
    caller: dict[str, str]
    known: dict[str, str]
    answers: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def operation(self, operation: APIOperation[Any, Any, Any, Any]) -> None:
        """What fits the document and what does not, about things that are there and things that are not."""
        ids = {name: value for name, value in self.known.items() if f"{{{name}}}" in operation.path}
        for mode in GenerationMode:
            for path in ({}, ids) if ids else ({},):
                strategy = operation.as_strategy(generation_mode=mode, path_parameters=path or None)
                try:
                    seed(SEED)(SETTINGS(given(case=strategy)(self.check)))()
                except Unsatisfiable:
                    # There is no wrong way to ask for something that has no parameters.
                    assert mode is GenerationMode.NEGATIVE
                except (FailureGroup, Exception) as error:
                    self.failures.append(f"{operation.label}: {error}")

    def check(self, case: Case) -> None:
        """Send one request and hold the answer against the document."""
        asked = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
        headers = {name.encode(): _latin(value) for name, value in {**asked.headers, **self.caller}.items()}
        answer = self.door.client.request(
            str(asked.method), str(asked.url), headers=list(headers.items()), content=asked.body or b""
        )
        self.answers[answer.status_code] += 1
        case.validate_response(answer, checks=[CHECKS.get_one(name) for name in HELD])
        assert answer.status_code < 400 or answer.headers["content-type"] == "application/problem+json"


def _latin(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1")


@pytest.mark.parametrize("who", CALLERS)
def test_every_operation_keeps_to_its_description(door: Door, who: str) -> None:
    load_all_checks()
    schema = schemathesis.openapi.from_dict(door.client.get("/openapi.json").json())
    walk = Walk(door, _headers(door, who), _known(door))
    operations = [result.ok() for result in schema.get_all_operations()]
    # Signing out comes last: nobody is there afterwards.
    for operation in sorted(operations, key=lambda one: one.label == "DELETE /v1/session"):
        if operation.path not in LEFT_OUT:
            walk.operation(operation)
    print(f"seed {SEED}: {who}: {sum(walk.answers.values())} requests, {dict(sorted(walk.answers.items()))}")
    assert not walk.failures, "\n\n".join(walk.failures)
    assert walk.answers


def _headers(door: Door, who: str) -> dict[str, str]:
    if who == "nobody":
        return {}
    return door.key("alerts:write", "alerts:read", "classify") if who == "key" else door.person(who)


def _known(door: Door) -> dict[str, str]:
    """Something that is there for each parameter of a path."""
    [resident] = door.world.rows("SELECT resident_id FROM resident ORDER BY resident_id LIMIT 1")
    [task] = door.world.rows("SELECT task_id FROM task ORDER BY task_id LIMIT 1")
    [user] = door.world.rows("SELECT user_id FROM user_account ORDER BY user_id LIMIT 1")
    return {
        "resident_id": str(resident.resident_id),
        "task_id": str(task.task_id),
        "user_id": str(user.user_id),
        "code": STREET,
        "year": "2026",
    }


def test_the_description_of_an_event_knows_every_type_and_takes_every_good_event(door: Door) -> None:
    document = door.client.get("/openapi.json").json()
    described = {one["title"] for one in document["components"]["schemas"]["CloudEvent"]["oneOf"]}
    assert described == {name for name in event_types.names() if event_types.is_known(name, internal=False)}
    schema = {"$ref": "#/components/schemas/CloudEvent", "components": document["components"]}
    accepted(EXAMPLE)
    for event in [EXAMPLE, *(good for _, good in bad_inputs.good_events())]:
        jsonschema.validate(event, schema)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**event, "data": {**event["data"], "person": {}}}, schema)
