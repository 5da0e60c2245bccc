"""The in-app inbox, and how people say where else they want to hear of things."""

from datetime import date

import pytest

from core.notifications import outbox
from tests.api.door import Door, is_problem

EDGE = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}
HOOK = {"kind": "webhook", "url": "http://127.0.0.1:1/hook?token=top-secret"}
WISHES = "/v1/me/notifications"


def neglected(door: Door) -> None:
    resident = door.world.register(EDGE)
    door.world.send("change.accident", resident, happened_on="2026-03-20")
    door.world.go_to(date(2026, 3, 30))


def test_messages_are_unread_until_their_owner_marks_them(door: Door) -> None:
    advisor, other = door.person("committee_advisor"), door.person("street_advisor")
    neglected(door)
    told = door.get("/v1/notifications", advisor, unread="true")["items"]
    assert [one["kind"] for one in told] == ["escalation", "escalation", "assigned", "assigned"]
    assert {one["read_at"] for one in told} == {None}
    ids = [told[0]["notification_id"]]
    assert door.client.post("/v1/notifications/read", headers=other, json={"ids": ids}).json() == {"marked": 0}
    for marked in (1, 0):
        answer = door.client.post("/v1/notifications/read", headers=advisor, json={"ids": ids})
        assert (answer.status_code, answer.json()) == (200, {"marked": marked})
    left = door.get("/v1/notifications", advisor, unread="true")["items"]
    assert [one["notification_id"] for one in left] == [one["notification_id"] for one in told[1:]]
    assert len(door.get("/v1/notifications", advisor)["items"]) == 4


def test_the_inbox_goes_on_where_a_page_ended(door: Door) -> None:
    advisor = door.person("committee_advisor")
    neglected(door)
    first = door.get("/v1/notifications", advisor, limit=2)
    second = door.get("/v1/notifications", advisor, limit=2, cursor=first["next_cursor"])
    assert second["next_cursor"] is None
    assert first["items"] != second["items"]


def test_a_new_webhook_gets_a_secret_that_is_shown_once(door: Door) -> None:
    advisor = door.person("committee_advisor")
    assert door.get(WISHES, advisor) == {
        "channels": [],
        "digest": True,
        "kinds": list(outbox.KINDS),
    }
    answer = door.client.put(WISHES, headers=advisor, json={"channels": [HOOK], "digest": False})
    assert answer.status_code == 200, answer.text
    [made] = answer.json()["channels"]
    assert made["secret"].startswith("whsec_")
    [shown] = door.get(WISHES, advisor)["channels"]
    assert {**shown, "secret": made["secret"]} == made
    assert "secret" not in shown
    assert shown["url"] == HOOK["url"]
    assert door.get(WISHES, advisor)["digest"] is False


def test_a_channel_named_by_its_id_stays_and_others_end(door: Door) -> None:
    advisor = door.person("committee_advisor")
    mail = {"kind": "email", "address": "advisor@example.org"}
    made = door.client.put(WISHES, headers=advisor, json={"channels": [HOOK, mail]}).json()["channels"]
    kept = {"kind": "webhook", "channel_id": made[0]["channel_id"]}
    changed = door.client.put(WISHES, headers=advisor, json={"channels": [kept], "kinds": ["joined"]}).json()
    assert [one["channel_id"] for one in changed["channels"]] == [made[0]["channel_id"]]
    assert "secret" not in changed["channels"][0]
    assert changed["channels"][0]["has_secret"]
    assert (changed["digest"], changed["kinds"]) == (True, ["joined"])


@pytest.mark.parametrize(
    ("kind", "field"), [("wecom", "key"), ("feishu", "key"), ("dingtalk", "access_token")], ids=lambda word: word
)
def test_keys_of_bots_are_not_shown_again(door: Door, kind: str, field: str) -> None:
    advisor = door.person("committee_advisor")
    channel = {"kind": kind, field: "abcdefghijklmnopqrstuvwxyz"}
    answer = door.client.put(WISHES, headers=advisor, json={"channels": [channel]})
    assert answer.status_code == 200, answer.text
    assert "abcdefghijkl" not in answer.text
    assert answer.json()["channels"][0][field] == "…wxyz"


def test_what_cannot_be_a_channel_is_refused_as_a_whole_without_repeating_it(door: Door) -> None:
    advisor = door.person("committee_advisor")
    door.client.put(WISHES, headers=advisor, json={"channels": [HOOK]})
    token = "a" * 20
    for channel, loc in (
        ({"kind": "webhook", "url": "https://example.org/top-secret"}, "channels.1.url"),
        ({"kind": "webhook", "url": HOOK["url"], "secret": "top-secret"}, "channels.1.secret"),
        ({"kind": "webhook", "address": "top-secret", "url": HOOK["url"]}, "channels.1.address"),
        ({"kind": "webhook", "url": HOOK["url"], "template": "top-secret"}, "channels[1].template"),
        ({"kind": "webhook", "url": HOOK["url"], "verify": "no"}, "channels[1].verify"),
        ({"kind": "email", "address": "top-secret"}, "channels.1.address"),
        ({"kind": "email", "address": "a@example.org", "secret": "whsec_top-secret"}, "channels.1.secret"),
        ({"kind": "wecom", "key": "top-secret://x"}, "channels.1.key"),
        ({"kind": "dingtalk", "access_token": token, "secret": "top-secret"}, "channels.1.secret"),
        ({"kind": "sms", "number": "13800000000"}, "channels.1.number"),
        ({"kind": "apprise", "address": "json://top-secret"}, "channels[1].kind"),
        ({"kind": "webhook"}, "channels.1.url"),
        ({"kind": "webhook", "channel_id": "00000000-0000-0000-0000-000000000001"}, "channels.1.channel_id"),
    ):
        answer = door.client.put(WISHES, headers=advisor, json={"channels": [HOOK, channel]})
        assert is_problem(answer, 422, "invalid")
        assert [one["loc"] for one in answer.json()["errors"]] == [loc]
        assert "top-secret" not in answer.text
    for body in ({}, {"channels": [{"kind": "pigeon", "address": "x"}]}, {"channels": [HOOK], "kinds": ["all"]}):
        assert is_problem(door.client.put(WISHES, headers=advisor, json=body), 422, "invalid")
    assert len(door.get(WISHES, advisor)["channels"]) == 1


def test_wishes_are_for_people_and_their_own_alone(door: Door) -> None:
    one, other = door.person("committee_advisor"), door.person("committee_advisor")
    door.client.put(WISHES, headers=one, json={"channels": [HOOK]})
    assert door.get(WISHES, other)["channels"] == []
    assert is_problem(door.client.get(WISHES, headers=door.key()), 403, "forbidden")
    assert is_problem(door.client.get(WISHES), 401)


def test_numbers_tell_what_is_on_its_way(door: Door) -> None:
    advisor = door.person("committee_advisor")
    door.client.put(WISHES, headers=advisor, json={"channels": [HOOK], "digest": False})
    neglected(door)
    told = door.client.get("/metrics").text
    assert "tanfang_deliveries_pending 4.0" in told
    assert "tanfang_deliveries_failed 0.0" in told
    assert "tanfang_channels_dead 0.0" in told
