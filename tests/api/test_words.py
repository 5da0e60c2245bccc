"""What callers read in the OpenAPI document is what is taken and answered: the words of each set, all of them."""

import ast
from enum import StrEnum
from pathlib import Path

from api.schemas import cloudevents
from core.events import types
from core.store import words
from core.tasks.queries import Lamp
from rules import duties, facts, parameters

SCHEMAS = Path(cloudevents.__file__).parent
# Sets of words from which something is left out on purpose.
PARTS = (
    # Why nobody went tells of what was owed, and a cancelled duty is not.
    frozenset(duties.DutyState) - {"cancelled"},
    (frozenset(duties.DutyState) - {"cancelled"}) | {"not_owed"},
    # Withdrawn: shown where it stands, and taken no more.
    frozenset(words.ChannelKind) - {"apprise"},
)


def test_every_type_that_a_monitoring_system_may_send_is_described_in_the_openapi_document() -> None:
    taken = {name for name in types.names() if types.is_known(name, internal=False)}
    assert {variant["title"] for variant in cloudevents.SCHEMAS["CloudEvent"]["oneOf"]} == taken


def test_a_schema_that_lists_words_of_a_column_lists_all_of_them() -> None:
    found = [
        kind
        for module in (words, facts, duties, parameters)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, StrEnum) and kind is not StrEnum
    ]
    enums = [frozenset(kind) for kind in (*found, Lamp)]
    assert len(enums) > 20
    wrong = []
    for path in sorted(SCHEMAS.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Subscript(value=ast.Name(id="Literal"), slice=ast.Tuple(elts=elements)):
                    listed = {element.value for element in elements if isinstance(element, ast.Constant)}
                    # To have more than half of a set's words is no accident.
                    alike = [enum for enum in enums if 2 * len(enum & listed) > len(enum)]
                    if alike and listed not in (*alike, *PARTS):
                        wrong.append(f"{path.name}:{node.lineno}: {sorted(listed)}")
    assert not wrong, wrong
