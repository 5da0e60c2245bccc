"""People whom systems tell of under names and numbers, and what tests ask about who they are."""

from typing import Any

import httpx

from tests.api.door import Door
from tests.world import COMMITTEE, SOURCE, STREET

EDGE = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01", "valid_to": None}
ZHANG, LI, WANG = "319999196001010040", "319999195512310024", "319999195602290012"


def who(name: str | None, number: str | None = None, **more: Any) -> dict[str, Any]:
    """A person as a system names them, placed in the usual committee."""
    told = {"id_number": number, "name": name, "street": STREET, "committee": COMMITTEE, **more}
    return {field: value for field, value in told.items() if value is not None}


class People:
    """A key, the people it tells of, and those who settle who is who."""

    def __init__(self, door: Door) -> None:
        self.door, self.key = door, door.key()
        self.manager, self.officer = door.person("street_manager"), door.person("district_officer")

    def tell(self, kind: str, person: dict[str, Any], **data: Any) -> str:
        """Push one event and let it have its effect; returns the id of its alert."""
        return self.told_by(self.key, SOURCE, kind, person, **data)

    def told_by(self, key: dict[str, str], source: str, kind: str, person: dict[str, Any], **data: Any) -> str:
        """The same as another source."""
        event = self.door.world.event(kind, {"person": person, **data}, source=source)
        answer = self.door.client.post("/v1/alerts", headers=key, json=event)
        assert answer.status_code == 202, answer.text
        self.door.world.settle()
        [item] = self.door.get("/v1/alerts", key, id=event["id"])["items"]
        return str(item["alert_id"])

    def register(self, name: str, number: str | None = None, **more: Any) -> str:
        """Register somebody; returns their resident id."""
        alert = self.tell("resident.registered", who(name, number, **more), facts=[EDGE])
        return str(self.alert(alert)["resident_id"])

    def alert(self, alert: str, headers: dict[str, str] | None = None) -> Any:
        """One alert, as the officer or somebody else reads it."""
        return self.door.get(f"/v1/alerts/{alert}", headers or self.officer)

    def resolve(self, alert: str, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
        """Settle whom an alert is about, and let that have its effect."""
        answer = self.door.client.post(
            f"/v1/alerts/{alert}/resolve", headers=headers or self.manager, json={"reason": "电话核实", **body}
        )
        self.door.world.settle()
        return answer

    def merge(self, resident: str, other: str, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
        """Merge two residents, and let that have its effect."""
        answer = self.door.client.post(
            f"/v1/residents/{resident}/merge",
            headers=headers or self.manager,
            json={"with": other, "reason": "同一人", **body},
        )
        self.door.world.settle()
        return answer

    def name(self, resident: str) -> str:
        """What somebody is called in full."""
        answer = self.door.client.post(
            f"/v1/residents/{resident}/reveal", headers=self.manager, json={"field": "name", "reason": "核对姓名"}
        )
        return str(answer.json()["value"])

    def born(self, resident: str) -> str:
        """The birth date in the register."""
        answer = self.door.client.post(
            f"/v1/residents/{resident}/reveal", headers=self.manager, json={"field": "birth_date", "reason": "核对"}
        )
        return str(answer.json()["value"])

    def correct(self, resident: str, **body: Any) -> httpx.Response:
        """Correct the register, and let that have its effect."""
        answer = self.door.client.patch(f"/v1/residents/{resident}", headers=self.manager, json=body)
        self.door.world.settle()
        return answer
