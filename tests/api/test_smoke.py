from tests.api.door import Door, is_problem
def test_it(door: Door) -> None:
    key = door.key()
    officer = door.person("district_officer")
    advisor = door.person("committee_advisor")
    world = door.world
    e = world.event("resident.registered", {"person": {"id_number": "319999196001010040", "name": "张三", "street": "310117001", "committee": "310117001001"}, "facts": [{"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}]})
    a = door.client.post("/v1/alerts", headers=key, json=e); print(a.status_code, a.text)
    e2 = world.event("change.serious_illness", {"person": {"id_number": "319999196001010040"}, "happened_on": "2026-03-20"})
    a = door.client.post("/v1/alerts", headers=key, json=[e, e2, {**e2, "data": {**e2["data"], "happened_on": None}}]); print(a.status_code, a.text)
    world.settle()
    print(door.get("/v1/alerts", key))
    t = door.get("/v1/tasks", advisor, mine=True); print(t)
    tid = t["items"][0]["task_id"]; rid = t["items"][0]["resident"]["resident_id"]
    print(door.get(f"/v1/tasks/{tid}", advisor))
    for p in ("", "/duties", "/timeline", "/decision"):
        print(p, door.get(f"/v1/residents/{rid}{p}", officer))
    print(door.get("/v1/residents", officer))
    v = door.visit(advisor, rid); print(v.status_code, v.text)
    print(door.get("/v1/visits", officer), door.get("/v1/visits", advisor))
    print(door.get("/v1/escalations", officer), door.get("/v1/notifications", advisor), len(door.get("/v1/streets", advisor)["items"]))
    for p in ("/health/live", "/health/ready", "/metrics", "/openapi.json", "/docs", "/"):
        a = door.client.get(p); print(p, a.status_code, a.text[:1500])
    for p in ("/nope", "/v1/tasks/xx", "/v1/tasks?limit=0", "/v1/tasks?cursor=zz", "/v1/tasks?state="):
        a = door.client.get(p, headers=officer); print(p, a.status_code, a.text)
