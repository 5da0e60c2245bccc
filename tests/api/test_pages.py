"""What the pages answer: addresses, refusals in words, forms that come back and leave nothing behind, static files."""

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from api.dependencies import SessionDep
from api.main import create
from api.pages import addresses, assets, formats, forms
from api.pages.forms import FormDep
from api.pages.page import OpenPageDep, PageDep
from core.errors import Conflict, Invalid, NotAllowed, NotFound
from core.settings import Settings
from rules.facts import Problem
from tests.api.door import Door, is_problem
from tests.world import PASSWORD

PAGES = Path(assets.__file__).parent
VENDORED = (PAGES / "static", Path(__file__).parent.parent / "browser" / "vendor")
HTML = {"Accept": "text/html"}
OURS = {**HTML, "Sec-Fetch-Site": "same-origin"}
# What the oldest promised browser (Chromium 95) does not know.
TOO_NEW = (r":has\(", r"@container", r"@layer", r"@starting-style", r"(?m)^\s+&", r"\bpopover\b", r"\binert\b")


@pytest.fixture
def browser(door: Door) -> TestClient:
    """A browser that follows nothing by itself, signed in as a street manager."""
    door.world.user("street_manager")
    name = door.world.rows("SELECT username FROM user_account")[0].username
    door.client.follow_redirects = False
    sent = door.client.post("/login", data={"username": name, "password": PASSWORD}, headers=OURS)
    assert (sent.status_code, sent.headers["location"]) == (303, "/"), sent.text
    return door.client


def shown(answer: httpx.Response, status: int = 200) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    return answer.text


# Addresses


def test_every_address_is_a_page_or_says_in_chinese_that_there_is_none(door: Door, browser: TestClient) -> None:
    built = door.app.state.built
    assert {"/", "/login", "/account"} <= built
    for address in addresses.ADDRESSES:
        path = re.sub(r"{\w+}", "0195b0c1-7d3e-7000-8000-000000000001", address)
        answer = browser.get(path, headers=HTML)
        if address in built:
            assert answer.status_code in (200, 303, 404), address
        else:
            assert "没有找到这一页" in shown(answer, 404), address


def test_a_menu_leads_only_where_there_is_something(browser: TestClient, door: Door) -> None:
    page = shown(browser.get("/account"))
    built = door.app.state.built
    for items in addresses.MENUS.values():
        for item in items:
            assert item.address in addresses.ADDRESSES
            assert item.address in built or f'href="{item.address}"' not in page


@pytest.mark.parametrize(
    "written",
    ["//elsewhere.example", "/\\elsewhere.example", "http://elsewhere.example", "/a b", "/a\nb", "a", "", None, "/中"],
)
def test_what_is_no_address_of_ours_leads_home(written: str | None) -> None:
    assert addresses.own(written) == "/"
    assert addresses.own("/tasks?lamp=overdue#x") == "/tasks?lamp=overdue#x"


# Refusals


def test_programs_get_problems_and_people_get_pages(door: Door) -> None:
    door.client.follow_redirects = False
    assert is_problem(door.client.get("/v1/nothing", headers=HTML), 404)
    assert is_problem(door.client.get("/v1/me", headers=HTML), 401)
    assert is_problem(door.client.get("/nothing"), 404)
    assert "没有找到这一页" in shown(door.client.get("/nothing", headers=HTML), 404)
    assert door.client.get("/account").headers["location"] == "/login?next=%2Faccount"
    assert "不能这样打开" in shown(door.client.get("/logout", headers=HTML), 405)


def test_a_form_from_elsewhere_is_refused_in_words(browser: TestClient) -> None:
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
        answer = browser.post("/account/sessions/end", headers={**HTML, **headers})
        assert "没有执行" in shown(answer, 403)
        assert "没有执行" in shown(browser.post("/text-size", data={"size": "large"}, headers={**HTML, **headers}), 403)
    assert browser.post("/account/sessions/end", headers=OURS).status_code == 303


def test_what_is_no_form_is_refused(browser: TestClient) -> None:
    for body, kind in ((b"{}", "application/json"), (b"a=\xff", forms.MEDIA_TYPE), (b"&&&", forms.MEDIA_TYPE)):
        headers = {**OURS, "Content-Type": kind}
        assert browser.post("/account/sessions/end", content=body, headers=headers).status_code == 422
    huge = b"a=" + b"x" * forms.MOST_BYTES
    answer = browser.post("/account/sessions/end", content=huge, headers={**OURS, "Content-Type": forms.MEDIA_TYPE})
    assert "太大" in shown(answer, 413)


# Forms that come back, on a page made for these tests

router = APIRouter(include_in_schema=False)


@router.get("/tried")
def show_tried(page: PageDep, session: SessionDep) -> Any:
    """A form that shows what is stored."""
    stored = session.execute(text("SELECT count(*) FROM recusal")).scalar_one()
    return page.show("password.html", stored=stored, status=200 if page.refusal is None or stored == 0 else 500)


@router.post("/tried")
def try_it(page: PageDep, form: FormDep, session: SessionDep) -> Any:
    """Writes, and then does what the form says."""
    assert page.user is not None
    session.execute(
        text(
            "INSERT INTO recusal (user_id, resident_id, recusal_id, place_code, reason)"
            " VALUES (:user, :user, :user, :place, 'x')"
        ),
        {"user": page.user.user_id, "place": page.user.place},
    )
    problem = Problem("new", "x", "新密码不行。")
    match form.text("deed"):
        case "invalid":
            raise Invalid("不行。", problems=[problem])
        case "conflict":
            raise Conflict("李明刚刚改过。")
        case "hidden":
            raise NotFound("没有。")
        case "forbidden":
            raise NotAllowed("不可以。")
        case "broken":
            raise RuntimeError("319999196001010040 stands in the words of the error")
        case "away":
            raise OperationalError("COMMIT", {}, Exception("the server went away"))
    return page.leave("/account")


@router.get("/open")
def show_open(page: OpenPageDep) -> Any:
    """Without anybody."""
    return page.show("login.html", next="/", kept="")


@pytest.fixture
def tried(door: Door, browser: TestClient, database_url: str, key_folder: Path) -> Iterator[TestClient]:
    settings = Settings(database_url=database_url, keys=key_folder, sandbox=True, pool_size=4, redis_url=None)
    app = create(settings)
    app.include_router(router)
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False, follow_redirects=False) as client:
        client.cookies = browser.cookies
        yield client


def stored(door: Door) -> int:
    return len(door.world.rows("SELECT 1 FROM recusal"))


@pytest.mark.parametrize(
    ("deed", "status", "words"), [("invalid", 422, "新密码不行。"), ("conflict", 409, "李明刚刚改过。")]
)
def test_a_refused_form_comes_back_and_nothing_of_it_is_stored(
    door: Door, tried: TestClient, deed: str, status: int, words: str
) -> None:
    page = shown(tried.post("/tried", data={"deed": deed}, headers=OURS), status)
    assert words in page
    assert "<title>有错误 · " in page
    assert stored(door) == 0
    assert tried.post("/tried", data={"deed": "good"}, headers=OURS).headers["location"] == "/account"
    assert stored(door) == 1


@pytest.mark.parametrize(
    ("deed", "status", "words"),
    [
        ("hidden", 404, "没有找到这一页"),
        ("forbidden", 403, "不可以。"),
        ("broken", 500, "出了错"),
        ("away", 503, "忙不过来"),
    ],
)
def test_what_cannot_be_mended_is_said_on_a_page_of_its_own(
    door: Door, tried: TestClient, deed: str, status: int, words: str
) -> None:
    answer = tried.post("/tried", data={"deed": deed, "words": "写了很久的话"}, headers=OURS)
    page = shown(answer, status)
    assert words in page
    assert "3199" not in page
    assert stored(door) == 0
    assert answer.headers["x-request-id"][-12:] in page
    # Where trying again may help, what was typed is still there.
    assert ("写了很久的话" in page) == (status >= 500)


def test_what_was_typed_is_text_and_never_markup(tried: TestClient) -> None:
    answer = tried.post("/login", data={"username": '"><script>alert(1)</script>', "password": "x"}, headers=OURS)
    page = shown(answer, 401)
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_a_kept_form_goes_on_only_to_our_own_address(door: Door, browser: TestClient) -> None:
    name = door.world.rows("SELECT username FROM user_account")[0].username
    said = {"username": name, "password": PASSWORD, "kept": "a=1&a=2&words=%E8%AF%9D", "next": "//elsewhere.example"}
    page = shown(browser.post("/login", data=said, headers=OURS))
    assert '<form method="post" action="/">' in page
    assert page.count('<input type="hidden" name="a"') == 2
    assert 'value="话"' in page


# Fields


def test_fields_are_read_as_people_write_them() -> None:
    form = forms.parsed(b"text=+%E8%AF%9D%0D%0A2+&n=+12+&d=1.5&day=2026-03-20&box=1&many=a&many=b&empty=&odd=a%00%0Bb")
    assert (form.text("text"), form.whole("n"), str(form.decimal("d"))) == ("话\n2", 12, "1.5")
    assert (form.day("day"), form.flag("box"), form.flag("other")) == (formats.date(2026, 3, 20), True, False)
    assert (form.all("many"), form.optional("empty"), form.whole("empty")) == (["a", "b"], None, None)
    # What a word processor leaves behind is no reason to lose a text.
    assert form.text("odd") == "ab"
    for reader, name in ((form.whole, "d"), (form.day, "n"), (form.decimal, "text")):
        with pytest.raises(Invalid) as refused:
            reader(name)
        assert [problem.loc for problem in refused.value.problems] == [name]


# Static files


def test_what_is_not_ours_is_what_the_manifest_says_with_its_licence() -> None:
    for folder in VENDORED:
        listed = json.loads((folder / "manifest.json").read_text())
        ours = {"app.js", "app.css", "charts.js", "drafts.js", "icon.svg", "manifest.json", "echarts.NOTICE"}
        licences = {one["licence_file"] for one in listed}
        assert {file.name for file in folder.iterdir()} - ours == {one["file"] for one in listed} | licences
        for one in listed:
            content = (folder / one["file"]).read_bytes()
            assert (len(content), sha256(content).hexdigest()) == (one["bytes"], one["sha256"]), one["file"]
            assert re.fullmatch(r"\d+\.\d+\.\d+", one["version"])
            assert one["licence"]
            assert (folder / one["licence_file"]).stat().st_size > 500


def test_a_static_file_is_kept_for_good_and_travels_packed(door: Door) -> None:
    for name in ("app.css", "app.js", "htmx.min.js"):
        answer = door.client.get(assets.url(name), headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-encoding"] == "gzip"
        assert sha256(answer.content).hexdigest().startswith(assets.assets()[name].mark)
        plain = door.client.get(assets.url(name), headers={"Accept-Encoding": "identity"})
        assert plain.content == answer.content
    assert door.client.get("/static/000000000000/app.css").headers["cache-control"] == "no-cache"
    assert is_problem(door.client.get("/static/x/manifest.json"), 404)
    assert is_problem(door.client.get("/static/x/..%2fpage.py"), 404)


def test_our_own_files_know_nothing_that_an_office_computer_does_not() -> None:
    for name in ("app.css", "app.js", "charts.js"):
        source = (PAGES / "static" / name).read_text("utf-8")
        source = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
        assert [word for word in TOO_NEW if re.search(word, source)] == [], name
        assert "http" not in source, name


def test_templates_hold_no_script_and_no_style_of_their_own() -> None:
    for template in sorted((PAGES / "templates").rglob("*.html")):
        source = template.read_text("utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", source), template.name
        assert not re.search(r"https?://", source), template.name
        assert "!" not in re.sub(r"<!doctype html>|!=", "", source), template.name
        assert "！" not in source, template.name
