"""The commands on a data folder whose instance does not run: they start what they need and stop it again."""

import base64
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.store import crypto
from tests.cli.commands import Tanfang, from_the_shell

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tanfang: Tanfang) -> Path:
    data = tmp_path_factory.mktemp("main") / "data"
    assert tanfang("migrate", "--data", str(data)).returncode == 0
    return data


def test_key_add_prints_the_key_and_nothing_else(folder: Path) -> None:
    done = from_the_shell("key", "add", "--source", "/songjiang/x", "--scope", "alerts:write", "--data", str(folder))
    assert done.returncode == 0
    assert len(done.stdout.split()) == 1
    assert done.stdout == f"{done.stdout.strip()}\n"
    assert "Authorization" in done.stderr
    assert done.stdout.strip() not in done.stderr


def test_two_keys_of_a_source_live_side_by_side_until_one_is_revoked(tanfang: Tanfang, folder: Path) -> None:
    arguments = ("key", "add", "--source", "/songjiang/rotating", "--scope", "alerts:write", "--data", str(folder))
    first = tanfang(*arguments, "--expires", "2199-12-31")
    assert "live" not in first.stderr
    assert "2 keys of this source are live" in tanfang(*arguments).stderr
    refused = tanfang(*arguments, "--expires", "2020-01-01T00:00:00+08:00")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert tanfang(*arguments, "--expires", "soon").returncode == 1

    def listed() -> list[list[str]]:
        lines = tanfang("key", "list", "--data", str(folder)).stdout.splitlines()
        return [line.split("\t") for line in lines if "/songjiang/rotating" in line]

    old, new = listed()
    assert (old[1], old[2], old[6][:10]) == ("live", "/songjiang/rotating", "2200-01-01")
    assert first.stdout.strip() not in str(listed())
    assert tanfang("key", "revoke", old[0], "--data", str(folder)).returncode == 0
    assert [row[1] for row in listed()] == ["revoked", "live"]
    nobody = tanfang("key", "revoke", "0193b3a2-0000-7000-8000-000000000000", "--data", str(folder))
    assert (nobody.returncode, nobody.stderr.strip()) == (1, "没有这把密钥。")
    assert new[6] == "-"


def test_signature_add_prints_the_secret_and_nothing_else(tanfang: Tanfang, folder: Path) -> None:
    source = ("--source", "/songjiang/signing")
    to = ("--data", str(folder))
    nobody = tanfang("signature", "require", *source, *to)
    assert (nobody.returncode, nobody.stdout) == (1, "")
    done = tanfang("signature", "add", *source, "--obligatory", *to)
    assert done.returncode == 0
    assert done.stdout == f"{done.stdout.strip()}\n"
    assert len(base64.b64decode(done.stdout.strip().removeprefix("whsec_"), validate=True)) == 32
    assert done.stdout.strip() not in done.stderr
    assert "2 secrets of this source are live" in tanfang("signature", "add", *source, *to).stderr

    def listed() -> list[list[str]]:
        return [line.split("\t") for line in tanfang("signature", "list", *to).stdout.splitlines()]

    assert [row[1:4] for row in listed()] == [["live", "/songjiang/signing", "obligatory"]] * 2
    assert tanfang("signature", "revoke", listed()[0][0], *to).returncode == 0
    assert tanfang("signature", "require", *source, "--optional", *to).returncode == 0
    assert [row[1:4] for row in listed()] == [
        ["revoked", "/songjiang/signing", "optional"],
        ["live", "/songjiang/signing", "optional"],
    ]


def test_a_key_with_an_unknown_scope_is_refused_and_nothing_is_printed(tanfang: Tanfang, folder: Path) -> None:
    done = tanfang("key", "add", "--source", "/songjiang/x", "--scope", "everything", "--data", str(folder))
    assert (done.returncode, done.stdout) == (1, "")
    assert "alerts:write" in done.stderr


def test_user_add_takes_the_password_from_the_environment_and_a_name_only_once(tanfang: Tanfang, folder: Path) -> None:
    arguments = ("user", "add", "wang", "--role", "district_officer", "--data", str(folder))
    assert tanfang(*arguments, TANFANG_PASSWORD="correct horse").returncode == 0
    again = tanfang(*arguments, TANFANG_PASSWORD="correct horse")
    assert again.returncode == 1
    assert "已被使用" in again.stderr


def test_without_a_password_a_user_starts_with_a_code_on_standard_output_alone(tanfang: Tanfang, folder: Path) -> None:
    done = tanfang("user", "add", "zhao", "--role", "auditor", "--data", str(folder))
    assert done.returncode == 0
    assert re.fullmatch(r"(\w{4}-){2}\w{4}\n", done.stdout)
    assert done.stdout.strip() not in done.stderr
    assert "24 小时" in done.stderr


def test_the_operator_locks_unlocks_and_resets_an_account(tanfang: Tanfang, folder: Path) -> None:
    to = ("--data", str(folder))
    assert tanfang("user", "add", "qian", "--role", "auditor", *to, TANFANG_PASSWORD="correct horse").returncode == 0

    def state() -> str:
        lines = tanfang("user", "list", *to).stdout.splitlines()
        return next(line.split("\t")[1] for line in lines if line.startswith("qian\t"))

    assert state() == "正常"
    assert tanfang("user", "lock", "qian", *to).returncode == 0
    assert state() == "锁定"
    assert tanfang("user", "unlock", "qian", *to).returncode == 0
    assert tanfang("user", "reset", "qian", *to, TANFANG_PASSWORD="battery staple").stdout == ""
    assert state() == "正常"
    assert len(tanfang("user", "reset", "qian", *to).stdout.strip()) == 14
    assert state() == "待设密码"
    assert "0 个登录" in tanfang("user", "end-sessions", "qian", *to).stderr
    refused = tanfang("user", "reset", "qian", *to, TANFANG_PASSWORD="short")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "8 个字符" in refused.stderr
    nobody = tanfang("user", "lock", "nobody", *to)
    assert (nobody.returncode, "没有这个用户名" in nobody.stderr) == (1, True)


def test_the_data_folder_comes_from_the_environment_too(tanfang: Tanfang, folder: Path) -> None:
    done = tanfang("key", "add", "--source", "/songjiang/y", "--scope", "classify", TANFANG_DATA=str(folder))
    assert done.returncode == 0


def test_doctor_finds_nothing_wrong_with_a_fresh_instance(tanfang: Tanfang, folder: Path) -> None:
    done = tanfang("doctor", "--data", str(folder))
    # The calendar is the one thing that goes stale by itself: a new year without its notice is wrong.
    assert [line for line in done.stdout.splitlines() if "✗" in line and "日历" not in line] == []
    assert done.stdout.count("✓") >= 8


def test_a_year_of_working_days_is_imported_and_a_bad_file_changes_nothing(
    tanfang: Tanfang, folder: Path, tmp_path: Path
) -> None:
    good, bad = tmp_path / "2099.csv", tmp_path / "bad.csv"
    good.write_text("day,working,label\n2099-01-01,0,元旦\n")
    bad.write_text("day,working\n2098-01-01,perhaps\n")
    done = tanfang("calendar", "import", str(good), "--data", str(folder))
    assert (done.returncode, done.stdout.split()[0]) == (0, "2099")
    refused = tanfang("calendar", "import", str(bad), "--data", str(folder))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "line 2" in refused.stderr


@pytest.mark.parametrize("name", ["TANFANG_DATABASE_URL", "TANFANG_REDIS_URL"])
def test_doctor_fails_when_a_server_does_not_answer(tanfang: Tanfang, folder: Path, name: str) -> None:
    scheme = "postgresql" if "DATABASE" in name else "redis"
    done = tanfang("doctor", "--data", str(folder), **{name: f"{scheme}://127.0.0.1:1/0"})
    assert done.returncode == 1
    assert "✗" in done.stdout


def test_doctor_makes_no_instance_where_there_is_none(tanfang: Tanfang, tmp_path: Path) -> None:
    done = tanfang("doctor", "--data", str(tmp_path / "nothing"))
    assert done.returncode == 1
    assert not (tmp_path / "nothing").exists()


def test_a_wrong_setting_is_named(tanfang: Tanfang, tmp_path: Path) -> None:
    done = tanfang("doctor", "--data", str(tmp_path), TANFANG_PORT="many")
    assert done.returncode == 1
    assert "TANFANG_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_keys_of_a_new_instance_are_for_its_owner_alone(folder: Path) -> None:
    files = list((folder / "keys").iterdir())
    assert files
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert crypto.load_keys(folder / "keys") == crypto.ensure_keys(folder / "keys")


def test_no_server_is_left_running(folder: Path) -> None:
    assert not (folder / "postgres" / "postmaster.pid").exists()
    assert not (folder / "run" / "valkey" / "valkey.sock").exists()


def test_loading_the_commands_the_api_or_the_worker_hashes_no_password() -> None:
    names = [f"cli.{file.stem}" for file in (ROOT / "cli").glob("*.py") if file.stem != "__init__"]
    loading = (
        "import importlib, sys\nfrom argon2 import PasswordHasher\n"
        "def refuse(*_, **__): raise AssertionError('something is hashed')\n"
        "PasswordHasher.hash = PasswordHasher.verify = refuse\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "from core.organisation import passwords\n"
        "try: passwords.hashed('long enough')\n"
        "except AssertionError: print('refused')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", loading, *names, "cli.demo.filling", "bench.instance", "api.main", "worker.main"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "refused\n"), done.stderr
