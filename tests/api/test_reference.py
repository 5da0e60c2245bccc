"""`/docs`: the interface to look at and to try in a sandbox, from files of our own and under a strict policy."""

import hashlib
import json
import re
from pathlib import Path
from typing import Final

import pytest

from api.main import application
from api.routes.pages import STATIC
from tests.api.door import Door

OWN: Final = {"manifest.json", "reference.html", "reference.css", "reference.js"}


def test_the_shipped_files_are_those_of_the_manifest() -> None:
    packages = json.loads((STATIC / "manifest.json").read_text("utf-8"))
    listed = {name: digest for package in packages.values() for name, digest in package["files"].items()}
    shipped = [path for path in STATIC.rglob("*") if path.is_file() and path.name not in OWN]
    assert {str(path.relative_to(STATIC)): _digest(path) for path in shipped} == listed
    for package in packages.values():
        assert package["package"]
        assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
        assert package["licence"]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_page_loads_nothing_from_elsewhere_and_runs_no_script_of_its_own_text(door: Door) -> None:
    page = door.client.get("/docs")
    assert page.status_code == 200
    policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|https?://", page.text)
    files = re.findall(r'(?:src|href)="(/docs/static/[^"]+)"', page.text)
    assert len(files) == 4
    for name in files:
        answer = door.client.get(name)
        assert answer.status_code == 200, name
        assert answer.headers["content-type"].partition(";")[0] in ("text/css", "text/javascript")
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["../main.py", "..%2fmain.py", "swagger-ui", "nothing.js"])
def test_nothing_else_is_handed_out(door: Door, name: str) -> None:
    assert door.client.get(f"/docs/static/{name}").status_code == 404


def test_a_production_instance_has_no_such_page() -> None:
    described = application(with_sandbox=False)
    paths = {getattr(route, "path", "") for route in described.routes}
    assert not any(path.startswith("/docs") for path in paths)
    assert not any(path.startswith("/v1/sandbox") for path in described.openapi()["paths"])
