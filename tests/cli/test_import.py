"""`tanfang import` from the shell: what it says, what it exits with, and what it leaves behind."""

import os
import pty
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from xlsxwriter.worksheet import Worksheet

from core import clock
from core.organisation import users
from core.store import scopes
from core.store.database import Database
from tests.cli.importing import Shell, report_of
from tests.core.imports import files
from tests.core.imports.files import HEADERS, number, person
from tests.world import COMMITTEE, PASSWORD, PASSWORD_HASH, STREET


def test_a_register_goes_in_row_by_row_and_the_refused_rows_are_listed_beside_the_file(
    shell: Shell, book: Callable[..., Path]
) -> None:
    path = book(person(1), ["测试", 3.19999196001010e17, *person(2)[2:]], person(3), person(4, "低保"))
    done = shell.run(path)
    assert done.returncode == 1
    assert shell.alerts() == 2
    assert "2 新登记" in done.stdout
    assert "2 没有收" in done.stdout
    assert "没有收 1 行：身份证号 [id_number_spreadsheet]" in done.stdout
    assert "（“花名册”第 3 行）" in done.stdout
    assert [line[:5] for line in report_of(path.with_name("花名册-report.csv"))] == [
        ["花名册", "3", "未收", "身份证号", "id_number_spreadsheet"],
        ["花名册", "5", "未收", "救助类别", "tag_ambiguous"],
    ]
    everything = done.stdout + done.stderr + path.with_name("花名册-report.csv").read_text(encoding="utf-8")
    assert not any(number(serial)[6:] in everything for serial in range(1, 5))
    assert shell.run(book(person(1), person(3))).returncode == 0


def test_a_dry_run_writes_nothing_and_says_the_same(shell: Shell, book: Callable[..., Path]) -> None:
    path = book(person(1), person(2))
    dry = shell.run(path, "--dry-run")
    assert (dry.returncode, shell.alerts()) == (0, 0)
    assert not shell.rows("SELECT 1 FROM import_mapping")
    assert dry.stdout == "试运行：什么都没有写入。\n" + shell.run(path).stdout


def test_all_or_nothing_writes_nothing_when_one_row_is_bad_and_everything_when_none_is(
    shell: Shell, book: Callable[..., Path]
) -> None:
    done = shell.run(book(*(person(serial) for serial in range(5)), person(6, "低保")), "--all-or-nothing")
    assert (done.returncode, shell.alerts()) == (1, 0)
    assert "什么都没有写入" in done.stdout
    done = shell.run(book(*(person(serial) for serial in range(5))), "--all-or-nothing")
    assert (done.returncode, shell.alerts()) == (0, 5)


def test_who_is_missing_is_kept_without_a_terminal_and_leaves_only_when_that_is_said(
    shell: Shell, book: Callable[..., Path], tmp_path: Path
) -> None:
    everybody = [person(serial) for serial in range(6)]
    shell.run(book(*everybody))
    shell.settle()
    kept = shell.run(book(*everybody[1:]), "--report", tmp_path / "missing.xlsx")
    assert kept.returncode == 0
    assert "6 人中，有 1 人不在这个文件里" in kept.stdout
    assert "不在文件里不等于退出" in kept.stdout
    [_, line] = CalamineWorkbook.from_path(tmp_path / "missing.xlsx").get_sheet_by_index(0).to_python()
    assert line[4] == "disappeared"
    assert str(line[5]).split()[1] in kept.stdout
    day = str(clock.today(clock.real_now()))
    assert shell.run(book(*everybody[1:]), "--disappeared", "left").returncode == 1
    left = shell.run(book(*everybody[1:]), "--disappeared", "left", "--left-on", day)
    assert left.returncode == 0
    assert "已登记 1 人退出" in left.stdout
    assert (
        len(shell.rows("SELECT 1 FROM alert WHERE street_code = :street AND type = 'resident.left'", street=STREET))
        == 1
    )


def test_when_many_are_missing_their_number_must_be_confirmed(shell: Shell, book: Callable[..., Path]) -> None:
    shell.run(book(*(person(serial) for serial in range(6))))
    shell.settle()
    day = str(clock.today(clock.real_now()))
    leave = ("--disappeared", "left", "--left-on", day)
    refused = shell.run(book(*(person(serial) for serial in range(3))), *leave)
    assert refused.returncode == 1
    assert "--confirm-left 3" in refused.stderr
    assert shell.run(book(*(person(serial) for serial in range(3))), *leave, "--confirm-left", "2").returncode == 1
    assert shell.run(book(*(person(serial) for serial in range(3))), *leave, "--confirm-left", "3").returncode == 0


def test_nobody_leaves_while_a_refused_row_does_not_say_whose_it_is(shell: Shell, book: Callable[..., Path]) -> None:
    everybody = [person(serial) for serial in range(6)]
    shell.run(book(*everybody))
    shell.settle()
    day = str(clock.today(clock.real_now()))
    bad = ["测试", 3.2e17, *person(5)[2:]]
    refused = shell.run(book(*everybody[:5], bad), "--disappeared", "left", "--left-on", day)
    assert refused.returncode == 1
    assert "说不准" in refused.stderr
    assert not shell.rows("SELECT 1 FROM alert WHERE street_code = :street AND type = 'resident.left'", street=STREET)


def test_on_a_terminal_the_question_is_asked_and_a_bar_is_shown(shell: Shell, book: Callable[..., Path]) -> None:
    everybody = [person(serial) for serial in range(6)]
    shell.run(book(*everybody))
    shell.settle()
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        shell.command(book(*everybody[1:])),
        stdin=follower,
        stdout=subprocess.PIPE,
        stderr=follower,
        text=True,
        env={**shell.environment, "TERM": "xterm"},
    )
    os.close(follower)
    os.write(leader, b"left\n\n")
    out, _ = process.communicate()
    shown = b""
    while True:
        try:
            shown += os.read(leader, 65536)
        except OSError:
            break
    os.close(leader)
    assert "这些人退出了吗？" in shown.decode()
    assert "导入中" in shown.decode()
    assert "已登记 1 人退出" in out
    assert process.returncode == 0


def test_the_mapping_is_remembered_and_unknown_columns_are_named(shell: Shell, book: Callable[..., Path]) -> None:
    headers = ("名字", *HEADERS[1:], "内部编码")
    refused = shell.run(book([*person(1), "x"], headers=headers))
    assert refused.returncode == 1
    assert "--map" in refused.stderr
    first = shell.run(book([*person(1), "x"], headers=headers), "--map", "名字=name")
    assert "名字 → name（本次指定）" in first.stderr
    assert "没有读的列：内部编码" in first.stderr
    second = shell.run(book([*person(1), "x"], headers=headers))
    assert second.returncode == 0
    assert "名字 → name（沿用上次）" in second.stderr
    assert "1 没有变化" in second.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--kind", "everything"), "register、facts、visits"),
        (("--disappeared", "perhaps"), "ask、keep、left"),
        (("--as-of", "yesterday"), "--as-of"),
        (("--as-of", "2999-01-01"), "将来"),
        (("--map", "姓名"), "--map"),
        (("--sheet", "没有"), "没有这张工作表"),
        (("--map-value", "救助类别:低收入=没有这种"), "读不出来"),
    ],
)
def test_a_wrong_option_is_refused_with_what_would_be_right(
    shell: Shell, book: Callable[..., Path], arguments: tuple[str, str], said: str
) -> None:
    done = shell.run(book(person(1)), *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert shell.alerts() == 0


def test_every_sheet_is_read_and_one_of_people_that_is_left_is_named_and_counts_as_not_done(
    shell: Shell, tmp_path: Path
) -> None:
    def hide(name: str, page: Worksheet) -> None:
        if name == "二月":
            page.hide()
            page.set_row(1, None, None, {"hidden": True})

    pages = {
        "说明": [["请如实填写"]],
        "一月": [HEADERS, person(1)],
        "二月": [HEADERS, person(2), person(3)],
        "续": [person(4), person(5)],
    }
    path = files.sheets(tmp_path / "花名册.xlsx", pages, hide)
    done = shell.run(path)
    assert (done.returncode, shell.alerts()) == (1, 3)
    assert "工作表“说明”没有读（1 行），没有找到表头。" in done.stderr
    assert "工作表“续”没有读（2 行），没有找到表头。里面有身份证号，这些人没有导入！" in done.stderr
    assert "工作表“二月”（隐藏的工作表，照样读），2 行" in done.stderr
    assert "[hidden_row]" in done.stdout
    assert "“二月”第 2 行" in done.stdout
    assert [line[:3] for line in report_of(tmp_path / "花名册-report.csv")] == [
        ["说明", "", "未读"],
        ["续", "", "未读"],
        ["二月", "2", "提示"],
    ]
    assert shell.run(path, "--sheet", "一月", "--sheet", "二月").returncode == 1
    assert shell.run(files.sheets(tmp_path / "b.xlsx", {"说明": [["x"]], "一月": [HEADERS, person(1)]})).returncode == 0


def test_a_workbook_of_a_register_and_facts_is_read_by_kind(shell: Shell, tmp_path: Path) -> None:
    facts = [["身份证号", "事项类型", "变故原因", "发生日期"], [number(1), "重大变故", "意外事故", "2026-03-01"]]
    path = files.sheets(tmp_path / "a.xlsx", {"变故": facts, "花名册": [HEADERS, person(1)]})
    done = shell.run(path)
    assert done.returncode == 0
    # Whatever the order of the sheets, the person is registered first, and what is said of them waits for nobody.
    taken = {(row.type, row.status) for row in shell.rows("SELECT type, status FROM alert")}
    assert taken == {("resident.registered", "accepted"), ("fact.recorded", "accepted")}
    visits = [VISITS, visit(1)]
    refused = shell.run(files.sheets(tmp_path / "b.xlsx", {"花名册": [HEADERS, person(2)], "走访": visits}))
    assert (refused.returncode, "--user" in refused.stderr, shell.alerts()) == (1, True, 2)


def test_what_changed_is_named_row_by_row_and_listed(shell: Shell, book: Callable[..., Path]) -> None:
    shell.run(book(person(1), person(2)))
    shell.settle()
    path = book(person(1, "支贫"), person(2))
    done = shell.run(path)
    assert "“花名册”第 2 行：改了救助类别；低保边缘不再列出，到文件前一天为止。" in done.stdout
    assert [line[:3] for line in report_of(path.with_name("花名册-report.csv"))] == [["花名册", "2", "有改动"]]


def test_the_meaning_of_a_word_is_said_once_and_remembered_for_the_source(
    shell: Shell, book: Callable[..., Path]
) -> None:
    path = book(person(1, "低收入"))
    refused = shell.run(path)
    assert (refused.returncode, "--map-value" in refused.stdout) == (1, True)
    assert shell.run(path, "--map-value", "救助类别:低收入=低保边缘").returncode == 0
    again = shell.run(path)
    assert (again.returncode, "其中“低收入”→ 低保边缘" in again.stderr) == (0, True)
    assert shell.run(path, "--source", "/another").returncode == 1


def test_the_command_explains_itself_in_chinese(shell: Shell) -> None:
    said = shell.run("--help").stdout
    assert "导入花名册、事项或走访记录" in said
    assert "--map-value" in said


VISITS = (
    "姓名",
    "身份证号",
    "服务时间（年/月/日）",
    "服务方式",
    "参与人员",
    "服务时长（小时）",
    "救助服务内容",
    "发起方",
    "同行人员（选填）",
    "记录内容",
)


def visit(serial: int, on: str = "", mode: str = "走访", narrative: str = "身体尚可") -> list[Any]:
    day = on or str(clock.today(clock.real_now()))
    return ["测试", number(serial), day, mode, "李某、王某", 1.5, "政策解读、关心关爱", "救助顾问", "", narrative]


def test_visits_are_recorded_by_the_user_who_is_named_and_only_once(shell: Shell, book: Callable[..., Path]) -> None:
    shell.run(book(person(1), person(2), person(3, committee="醉白池社区居委会")))
    shell.settle()
    database = Database(shell.url, pool_size=2)
    with database.transaction(scopes.everywhere()) as session:
        users.add_user(
            session,
            username="advisor",
            password=PASSWORD,
            password_hash=PASSWORD_HASH,
            role="committee_advisor",
            street=STREET,
            committees=[COMMITTEE],
        )
        users.add_user(
            session, username="officer", password=PASSWORD, password_hash=PASSWORD_HASH, role="district_officer"
        )
    database.dispose()
    rows = [
        visit(1),
        visit(2),
        visit(2),
        visit(3),
        visit(4),
        visit(1, "2999-01-01"),
        visit(1, mode="飞鸽"),
        visit(1, narrative=""),
        visit(1, narrative="另一份"),
    ]
    path = book(*rows, headers=VISITS, name="走访.xlsx")
    nobody = shell.run(path)
    assert nobody.returncode == 1
    assert "--user" in nobody.stderr
    for user, said in (("ghost", "没有这个名称的有效账号"), ("officer", "没有这项权限")):
        refused = shell.run(path, "--user", user)
        assert (refused.returncode, said in refused.stderr) == (1, True)
    dry = shell.run(path, "--user", "advisor", "--dry-run")
    assert not shell.rows("SELECT 1 FROM visit WHERE street_code = :street", street=STREET)
    done = shell.run(path, "--user", "advisor")
    assert dry.stdout == "试运行：什么都没有写入。\n" + done.stdout
    assert [(line[1], line[4]) for line in report_of(path.with_name("走访-report.csv")) if line[2] == "未收"] == [
        ("5", "not_found"),
        ("6", "unknown_person"),
        ("7", "in_future"),
        ("8", "unknown_word"),
        ("9", "missing"),
        ("10", "told_twice"),
    ]
    recorded = shell.rows("SELECT form, recorded_by FROM visit WHERE street_code = :street", street=STREET)
    assert len(recorded) == 2
    assert recorded[0].form["services"] == ["policy_explain", "care"]
    assert recorded[0].form["participants"] == ["李某", "王某"]
    again = shell.run(
        book(visit(1), visit(2), headers=VISITS, name="走访.xlsx"), "--user", "advisor", "--all-or-nothing"
    )
    assert "2 没有变化" in again.stdout
    assert again.returncode == 0
    changed = shell.run(book(visit(1, narrative="改过"), visit(2), headers=VISITS), "--user", "advisor")
    assert "[conflict]" in changed.stdout
