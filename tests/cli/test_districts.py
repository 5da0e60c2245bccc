"""Several districts from the shell: added as the owner, and named from then on by whoever makes accounts and keys."""

import json
from pathlib import Path

import psycopg
import pytest

from cli.embedded.folder import start_postgres
from cli.embedded.postgres import SUPERUSER, as_role
from core.store.database import libpq_url
from tests import districts
from tests.cli.commands import Tanfang


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tanfang: Tanfang) -> Path:
    data = tmp_path_factory.mktemp("districts") / "data"
    assert tanfang("migrate", "--data", str(data)).returncode == 0
    return data


def test_a_second_district_is_added_and_then_named(folder: Path, tmp_path: Path, tanfang: Tanfang) -> None:
    to = ("--data", str(folder))
    account = ("user", "add", "boss", "--role", "district_officer", *to)
    assert tanfang(*account, TANFANG_PASSWORD="synthetic-people-only").returncode == 0
    spoilt = tmp_path / "spoilt.json"
    spoilt.write_text(json.dumps({**districts.DOCUMENT, "streets": []}), "utf-8")
    for wrong in (spoilt, Path(__file__)):
        refused = tanfang("district", "add", str(wrong), *to)
        assert (refused.returncode, refused.stdout) == (1, "")
    document = tmp_path / "district.json"
    document.write_text(json.dumps(districts.DOCUMENT), "utf-8")
    done = tanfang("district", "add", str(document), *to)
    assert (done.returncode, done.stdout) == (0, "310199 测试区：2 个街镇，4 个居村。\n"), done.stderr
    assert tanfang("district", "list", *to).stdout == "310117 松江区\n310199 测试区\n"
    key = ("key", "add", "--source", "/test/source", "--scope", "alerts:write", *to)
    unnamed = tanfang(*key)
    assert (unnamed.returncode, unnamed.stdout) == (1, "")
    assert "310117、310199" in unnamed.stderr
    assert tanfang(*key, "--district", districts.DISTRICT).returncode == 0
    # Streets say which.
    assert tanfang(*key, "--street", districts.STREET).returncode == 0
    assert tanfang(*key, "--street", districts.STREET, "--district", "310117").returncode == 1
    account = ("user", "add", "other", "--role", "admin", "--district", districts.DISTRICT, *to)
    assert tanfang(*account, TANFANG_PASSWORD="synthetic-people-only").returncode == 0
    account = ("user", "add", "city", "--role", "city_officer", *to)
    assert tanfang(*account, TANFANG_PASSWORD="synthetic-people-only").returncode == 0
    server = start_postgres(folder)
    try:
        with psycopg.connect(libpq_url(as_role(server.url, SUPERUSER))) as connection:
            users = connection.execute("SELECT username, district_code FROM user_account ORDER BY username").fetchall()
            keys = connection.execute("SELECT DISTINCT district_code FROM upstream_key").fetchall()
    finally:
        server.stop()
    assert users == [("boss", "310117"), ("city", None), ("other", districts.DISTRICT)]
    assert keys == [(districts.DISTRICT,)]


def test_a_district_is_not_added_without_the_owner(tmp_path: Path, tanfang: Tanfang) -> None:
    document = tmp_path / "district.json"
    document.write_text(json.dumps(districts.DOCUMENT), "utf-8")
    refused = tanfang(
        "district", "add", str(document), "--data", str(tmp_path), TANFANG_DATABASE_URL="postgresql://nobody@/nowhere"
    )
    assert refused.returncode == 1
    assert "TANFANG_OWNER_URL" in refused.stderr
