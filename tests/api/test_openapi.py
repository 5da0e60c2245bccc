"""The OpenAPI document: true to what the application does, whoever asks and whatever they send."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
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


@pytest.fixture(scope="module")
def cases(door: Door) -> list[Case]:
    """For every operation what fits the document and what does not, about things that are there and that are not.

    Made once and sent by everybody: making a request takes much longer than answering it.
    """
    load_all_checks()
    schema = schemathesis.openapi.from_dict(door.client.get("/openapi.json").json())
    known = _known(door)
    operations = [result.ok() for result in schema.get_all_operations()]
    made: list[Case] = []
    # Signing out comes last: nobody is there afterwards.
    for operation in sorted(operations, key=lambda one: one.label == "DELETE /v1/session"):
        if operation.path not in LEFT_OUT:
            ids = {name: value for name, value in known.items() if f"{{{name}}}" in operation.path}
            for path, mode in itertools.product(({}, ids) if ids else ({},), GenerationMode):
                made += _generated(operation, mode, path)
    return made


def _generated(operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, path: dict[str, str]) -> list[Case]:
    strategy = operation.as_strategy(generation_mode=mode, path_parameters=path or None)
    made: list[Case] = []

    @seed(SEED)
    @SETTINGS
    @given(case=strategy)
    def note(case: Case) -> None:
        made.append(case)

    try:
        note()
    except Unsatisfiable:
        # There is no wrong way to ask for something that has no parameters.
        assert mode is GenerationMode.NEGATIVE
    return made


@dataclass
class Walk:
    """Every operation of the document, tried by one caller."""

    door: Door
    caller: dict[str, str]
    answers: Counter[int] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)

    def through(self, cases: Iterable[Case]) -> None:
        """Send every request; one that failed is enough to say of an operation."""
        for case in cases:
            try:
                self._check(case)
            except (FailureGroup, Exception) as error:
                self.failures.setdefault(case.operation.label, str(error))

    def _check(self, case: Case) -> None:
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


@pytest.mark.long(7)
@pytest.mark.parametrize("who", CALLERS)
def test_every_operation_keeps_to_its_description(door: Door, cases: list[Case], who: str) -> None:
    walk = Walk(door, _headers(door, who))
    walk.through(cases)
    print(f"seed {SEED}: {who}: {sum(walk.answers.values())} requests, {dict(sorted(walk.answers.items()))}")
    assert not walk.failures, "\n\n".join(f"{label}: {why}" for label, why in walk.failures.items())
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
