"""What senders read about news is what is taken: each type of news is described, and no other."""

from api.schemas import cloudevents
from core.events import types


def test_every_type_that_a_monitoring_system_may_send_is_described_in_the_openapi_document() -> None:
    taken = {name for name in types.names() if types.is_known(name, internal=False)}
    assert {variant["title"] for variant in cloudevents.SCHEMAS["CloudEvent"]["oneOf"]} == taken
