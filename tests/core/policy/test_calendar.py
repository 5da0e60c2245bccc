"""The working calendar: a year is provisional until its notice is entered; then open deadlines are counted again."""

from datetime import date
from pathlib import Path

import pytest

from cli import calendar as command
from core import clock
from core.errors import Confirmed, Invalid, Provisional
from core.organisation.users import SHELL
from core.policy import calendar, rulebooks
from core.policy.calendar import Day
from core.policy.chains import Step
from core.settings import Settings
from core.tasks import deadlines
from rules.parameters import StepAction, StepTarget
from tests.world import DISTRICT, World

EDGE = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}
# The first week of the year off, the Saturday and Sunday after it worked.
NOTICE = [
    *(Day(date(2027, 1, day), False, "元旦") for day in range(1, 9)),
    Day(date(2027, 1, 9), True, "调休"),
    Day(date(2027, 1, 10), True, "调休"),
]


def enter(world: World, year: int, days: list[Day], *, replace: bool = False) -> int:
    with world.database.transaction(world.scope) as session:
        return deadlines.put(session, year, days, "国办发明电〔2026〕1号", replace=replace, by=SHELL, now=world.now)


def change(world: World, *days: Day) -> None:
    with world.database.transaction(world.scope) as session:
        deadlines.change_days(session, days[0].day.year, days, "区里通知", by=SHELL, now=world.now)


def warning(world: World, day: date) -> str | None:
    with world.database.transaction(world.scope) as session:
        return calendar.warning(session, now=clock.at(day, 9))


def test_a41_a_year_without_its_notice_counts_monday_to_friday_but_the_fixed_holidays_and_says_so(world: World) -> None:
    with world.database.transaction(world.scope) as session:
        known, coming = calendar.year(session, 2026, place=DISTRICT), calendar.year(session, 2027, place=DISTRICT)
    assert (known["provisional"], coming["provisional"]) == (False, True)
    # 1 January and 1 October are Fridays; 1 and 2 May, 2 and 3 October a week-end.
    assert coming["working_days"] == 261 - 2
    assert [one["working"] for one in coming["days"][:4]] == [False, False, False, True]
    assert len(known["days"]) == 365


def test_a_notice_names_the_days_that_differ_from_their_weekday(world: World) -> None:
    assert enter(world, 2027, NOTICE) == 261 - 6 + 2
    with world.database.transaction(world.scope) as session:
        year = calendar.year(session, 2027, place=DISTRICT)
    assert (year["provisional"], year["source"]) == (False, "国办发明电〔2026〕1号")
    assert [(one["working"], one["label"]) for one in year["days"][7:10]] == [
        (False, "元旦"),
        (True, "调休"),
        (True, "调休"),
    ]


def test_a41_a_response_due_in_a_provisional_year_is_counted_again_and_its_task_with_it(world: World) -> None:
    world.user()
    world.jump_to(date(2026, 12, 30))
    resident = world.register(EDGE)
    world.send("change.accident", resident, happened_on="2026-12-30")
    [duty] = resident.duties("response").values()
    task = resident.task
    # The first of January is a holiday also before the notice.
    assert (duty.due_on, task.due_on) == (date(2027, 1, 7), date(2027, 1, 7))
    enter(world, 2027, NOTICE)
    world.settle()
    [duty] = resident.duties("response").values()
    assert (duty.due_on, resident.task.due_on) == (date(2027, 1, 12), date(2027, 1, 12))
    first = Step(-3, StepTarget.ASSIGNEE, StepAction.REMIND)
    with world.database.transaction(world.scope) as session:
        known = rulebooks.calendar(session, DISTRICT)
    assert resident.task.next_step_at == first.due_at(date(2027, 1, 12), known)


def test_a_response_that_turns_out_to_be_due_earlier_pulls_its_task_forward(world: World) -> None:
    world.user()
    world.jump_to(date(2027, 1, 6))
    resident = world.register(EDGE)
    world.send("change.accident", resident, happened_on="2027-01-06")
    assert resident.task.due_on == date(2027, 1, 13)
    enter(world, 2027, NOTICE[-2:])
    world.settle()
    # The Saturday and the Sunday turned out to be worked.
    [duty] = resident.duties("response").values()
    assert (duty.due_on, resident.task.due_on) == (date(2027, 1, 11), date(2027, 1, 11))


def test_the_steps_of_open_tasks_are_counted_again(world: World) -> None:
    world.user()
    world.jump_to(date(2026, 12, 28))
    resident = world.register(EDGE)
    world.send("change.accident", resident, happened_on="2026-12-28")
    world.go_to(date(2026, 12, 31))
    task = resident.task
    assert (task.due_on, task.escalation_level) == (date(2027, 1, 5), 1)
    assert task.next_step_at == clock.at(date(2027, 1, 6), 9)
    enter(world, 2027, NOTICE)
    assert resident.task.next_step_at == clock.at(date(2027, 1, 9), 9)


def test_a_day_of_another_year_or_a_day_twice_is_refused(world: World) -> None:
    for days in ([Day(date(2028, 1, 1), False)], [Day(date(2027, 1, 1), False), Day(date(2027, 1, 1), True)]):
        with pytest.raises(Invalid) as refused:
            enter(world, 2027, days)
        assert refused.value.problems
    with pytest.raises(Invalid):
        enter(world, 1999, [Day(date(1999, 1, 1), False)])


def test_from_november_somebody_is_told_that_next_years_notice_is_missing(world: World) -> None:
    assert warning(world, date(2026, 10, 31)) is None
    assert "2027" in (warning(world, date(2026, 11, 1)) or "")
    assert "2027 年的日历还是暂定的" in (warning(world, date(2027, 3, 1)) or "")
    enter(world, 2028, [Day(date(2028, 1, 3), False, "元旦")])
    assert "2027" in (warning(world, date(2026, 11, 1)) or "")
    enter(world, 2027, NOTICE)
    assert warning(world, date(2026, 11, 1)) is None


def test_a_spreadsheets_csv_is_read_however_it_writes_days() -> None:
    days = calendar.parse_csv("\ufeffday,working,label\r\n2027/1/1,否,元旦\r\n2027-01-09,1,\r\n2027-1-10,TRUE\r\n")
    assert days == [
        Day(date(2027, 1, 1), False, "元旦"),
        Day(date(2027, 1, 9), True),
        Day(date(2027, 1, 10), True),
    ]


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ("", []),
        ("day,label\n2027-01-01,x\n", []),
        ("day,working\n", []),
        ("day,working\n2027-01-01,0\n2028-01-01,0\n", []),
        ("day,working\n2027-02-30,0\n2027-01-01,maybe\n\n20270102,1\n", ["line 2", "line 3", "line 4"]),
        ("day,working,label\n2027-01-01,0," + "长" * 101 + "\n", ["line 2"]),
    ],
)
def test_a_file_that_cannot_be_read_names_every_bad_line(content: str, lines: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        calendar.parse_csv(content)
    assert [one.loc for one in refused.value.problems] == lines


def test_the_command_enters_a_year_from_a_file_in_either_encoding(
    world: World, database_url: str, tmp_path: Path
) -> None:
    settings = Settings(database_url=database_url, data=tmp_path, redis_url=None)
    for encoding in ("utf-8-sig", "gb18030"):
        file = tmp_path / f"{encoding}.csv"
        file.write_bytes("day,working,label\n2027-01-01,0,元旦\n2027-01-09,1,调休\n".encode(encoding))
        assert command.enter(settings, file).startswith("2027 年：261 个工作日，2 天与星期不同。")
        with world.database.transaction(world.scope) as session:
            year = calendar.year(session, 2027, place=DISTRICT)
        assert (year["source"], year["days"][0]["label"], year["provisional"]) == (file.name, "元旦", False)


def test_a14_a_reminder_of_the_due_day_goes_out_by_its_last_working_day(world: World) -> None:
    with world.database.transaction(world.scope) as session:
        working = rulebooks.calendar(session, DISTRICT)
    on_the_day = Step(0, StepTarget.ASSIGNEE, StepAction.REMIND)
    # May ends on a Sunday: the duty is due that day all the same, its reminder goes out on the Friday.
    assert on_the_day.due_at(date(2026, 5, 31), working) == clock.at(date(2026, 5, 29), 9)
    assert on_the_day.due_at(date(2026, 3, 31), working) == clock.at(date(2026, 3, 31), 9)
    after = Step(1, StepTarget.ASSIGNEE, StepAction.REMIND)
    assert after.due_at(date(2026, 5, 31), working) == clock.at(date(2026, 6, 1), 9)


def test_a41_single_days_move_responses_their_tasks_and_steps_in_either_direction(world: World) -> None:
    world.user()
    resident = world.register(EDGE)
    world.send("change.accident", resident, happened_on="2026-03-20")
    assert resident.task.due_on == date(2026, 3, 27)
    before = resident.task.next_step_at
    change(world, Day(date(2026, 3, 24), False, "停电"))
    world.settle()
    assert resident.task.due_on == date(2026, 3, 30)
    assert resident.task.next_step_at > before
    change(world, Day(date(2026, 3, 24), True))
    world.settle()
    assert (resident.task.due_on, resident.task.next_step_at) == (date(2026, 3, 27), before)


def test_a41_a_single_day_of_a_provisional_year_waits_for_the_notice(world: World) -> None:
    with pytest.raises(Provisional):
        change(world, Day(date(2027, 3, 1), False))


def test_a41_a_confirmed_year_is_replaced_only_by_who_has_seen_the_difference(world: World) -> None:
    enter(world, 2027, NOTICE)
    other = [day for day in NOTICE if not day.working]
    with pytest.raises(Confirmed) as refused:
        enter(world, 2027, other)
    saturday, sunday = date(2027, 1, 9), date(2027, 1, 10)
    assert refused.value.more["difference"] == (
        {"day": saturday, "was": True, "now": False},
        {"day": sunday, "was": True, "now": False},
    )
    # The same again says nothing else.
    assert enter(world, 2027, NOTICE) == enter(world, 2027, NOTICE)
    assert enter(world, 2027, other, replace=True) == 261 - 6
