"""What the district answers for: the met rate and the face-to-face rate, on two clocks (A18, A21)."""

from datetime import date
from io import BytesIO

from python_calamine import CalamineWorkbook

from tests.api.door import Door, is_problem
from tests.world import STREET

POOR = {"kind": "assistance", "tag": "expenditure_poor", "valid_from": "2026-01-01"}
ILL = {"kind": "serious_illness", "basis": "diagnosis", "valid_from": "2026-01-10"}
PATH = "/v1/reports/coverage"


def test_met_and_face_to_face_rates_count_what_is_owed_and_not_excused(door: Door) -> None:
    world = door.world
    world.business.at = world.now.replace(day=2)
    called, visited, _forgotten, dead = (world.register(POOR, ILL) for _ in range(4))
    advisor = world.user()
    called.visit(advisor, mode="phone")
    visited.visit(advisor)
    world.send("resident.died", dead, on="2026-03-02")
    world.go_to(date(2026, 4, 2))
    officer = door.person("district_officer")
    [row] = door.get(PATH, officer, period="2026-Q1", by="street")["rows"]
    assert row == {
        "key": STREET,
        "name": "岳阳街道",
        "owed": 4,
        "met": 2,
        "late": 0,
        "missed": 1,
        "excused": 1,
        "open": 0,
        "face_to_face": 1,
        "late_entry": 0,
        "met_rate": 0.6667,
        "face_to_face_rate": 0.3333,
    }
    assert [one["key"] for one in door.get(PATH, officer, period="2026-Q1", by="tier")["rows"]] == ["key"]


def test_a_visit_entered_after_the_period_counts_by_service_date_and_not_yet_as_known_before(door: Door) -> None:
    world = door.world
    world.business.at = world.now.replace(day=2)
    resident = world.register(POOR, ILL)
    world.go_to(date(2026, 4, 8))
    resident.visit(world.user(), on=date(2026, 3, 30))
    manager = door.person("street_manager")
    [now] = door.get(PATH, manager, period="2026-Q1", by="committee")["rows"]
    assert (now["met"], now["late_entry"], now["missed"]) == (1, 1, 0)
    [then] = door.get(PATH, manager, period="2026-Q1", by="committee", as_known_on="2026-04-07")["rows"]
    assert (then["met"], then["late_entry"], then["missed"]) == (0, 0, 1)
    [before] = door.get(PATH, manager, period="2026-Q1", by="committee", as_known_on="2026-03-31")["rows"]
    assert (before["met"], before["open"]) == (0, 1)


def test_reports_stay_within_the_callers_streets_and_name_a_real_period(door: Door) -> None:
    door.world.register(POOR, ILL)
    elsewhere = door.person("street_manager", street="310117002")
    assert door.get(PATH, elsewhere, period="2026-H1", by="street")["rows"] == []
    answer = door.client.get(PATH, headers=elsewhere, params={"period": "2026-13", "by": "street"})
    assert is_problem(answer, 422)
    assert is_problem(
        door.client.get(PATH, headers=door.person("admin"), params={"period": "2026-03", "by": "tier"}), 403
    )


def test_the_report_as_a_workbook_says_the_same_in_chinese_and_every_cell_is_text(door: Door) -> None:
    world = door.world
    world.business.at = world.now.replace(day=2)
    called, _forgotten = world.register(POOR, ILL), world.register(POOR, ILL)
    called.visit(world.user(), mode="phone")
    officer = door.person("district_officer")
    for by, group, name in (("street", "街镇", "岳阳街道"), ("tier", "档次", "重点")):
        [row] = door.get(PATH, officer, period="2026-Q1", by=by)["rows"]
        answer = door.client.get(PATH, headers=officer, params={"period": "2026-Q1", "by": by, "format": "xlsx"})
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
        assert "attachment" in answer.headers["content-disposition"]
        workbook = CalamineWorkbook.from_filelike(BytesIO(answer.content))
        [sheet] = workbook.sheet_names
        assert sheet == "2026-Q1"
        header, *rows = workbook.get_sheet_by_name(sheet).to_python()
        assert header[:4] == ["代码", group, "应走访", "已走访"]
        assert rows == [[row["key"], name, "2", "1", "0", "0", "0", "1", "0", "0", "50.00%", "0.00%"]]
    elsewhere = door.person("street_manager", street="310117002")
    answer = door.client.get(PATH, headers=elsewhere, params={"period": "2026-Q1", "by": "street", "format": "xlsx"})
    assert len(CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()) == 1
    answer = door.client.get(PATH, headers=officer, params={"period": "2026-Q1", "by": "street", "format": "pdf"})
    assert is_problem(answer, 422)
