"""Leads from a hotline or a neighbour: somebody of the committee looks into each (三（三）, 四（四）)."""

from datetime import date

from tests.world import World

EDGE = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}


def test_a_lead_is_somebodys_task_and_raises_no_duty(world: World) -> None:
    advisor = world.user()
    resident = world.register(EDGE)
    before = len(resident.duties("response"))
    world.send("lead.reported", resident, channel="neighbour")
    [task] = resident.tasks("lead")
    assert (task.state, task.assignee_id, task.due_on) == ("open", advisor.user_id, date(2026, 3, 27))
    assert len(resident.duties("response")) == before


def test_a_lead_that_waited_out_an_outage_is_due_as_if_nobody_had_slept(world: World) -> None:
    resident = world.register(EDGE)
    world.accept(world.event("lead.reported", {"person": {"id_number": resident.id_number}, "channel": "hotline"}))
    world.jump_to(date(2026, 4, 8))
    [task] = resident.tasks("lead")
    assert task.due_on == date(2026, 3, 27)
