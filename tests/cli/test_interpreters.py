"""The promised versions of Python, those found on this machine: set up as a newcomer does, one environment each."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("rules", "core", "api", "worker", "cli", "migrations")
PROMISED = ((3, 11), (3, 12), (3, 13))
CASES = ROOT / "tests" / "rules" / "cases" / "tiers.jsonl"


def found() -> dict[tuple[int, int], Path]:
    """One final CPython for each version on the machine, on the path or kept by pyenv, oldest first."""
    versions: dict[tuple[int, int], Path] = {}
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    named = [shutil.which(f"python3.{minor}") for minor in range(6, 16)]
    for python in [*(Path(name) for name in named if name), *sorted(pyenv.glob("versions/*/bin/python"))]:
        asked = "import sys; print(*sys.version_info[:2], sys.version_info.releaselevel)"
        answer = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=False)
        if answer.returncode == 0 and answer.stdout.split()[2] == "final":
            major, minor = answer.stdout.split()[:2]
            versions.setdefault((int(major), int(minor)), python)
    return dict(sorted(versions.items()))


def clone(folder: Path) -> Path:
    """What a newcomer has before the first command."""
    for name in PACKAGES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (*ROOT.glob("requirements*.lock"), *(ROOT / name for name in ("Makefile", "pyproject.toml"))):
        shutil.copy(path, folder)
    for name in ("README.md", "alembic.ini"):
        shutil.copy(ROOT / name, folder)
    return folder


def set_up(folder: Path, python: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "setup", f"PYTHON={python}", "REQUIREMENTS=requirements.lock"],
        cwd=folder,
        # What a make above us says to a make below.
        env={name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))},
        capture_output=True,
        text=True,
        check=False,
    )


FOUND = found()


@pytest.mark.long(20)
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "version", [pytest.param(one, id=".".join(map(str, one))) for one in PROMISED if one != sys.version_info[:2]]
)
def test_a_promised_python_is_set_up_and_classifies(version: tuple[int, int], tmp_path: Path) -> None:
    if version not in FOUND:
        pytest.skip(f"no Python {version[0]}.{version[1]} on this machine")
    done = set_up(clone(tmp_path), FOUND[version])
    assert done.returncode == 0, done.stderr
    answer = subprocess.run(
        [tmp_path / ".venv" / "bin" / "tanfang", "classify", CASES],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    wanted = [json.loads(line)["tier"] for line in CASES.read_text().splitlines()]
    assert [json.loads(line)["tier"] for line in answer.stdout.splitlines()] == wanted


def test_a_python_that_cannot_work_is_refused_in_one_line_before_anything_is_installed(tmp_path: Path) -> None:
    others = [python for version, python in FOUND.items() if version not in PROMISED]
    if not others:
        pytest.skip("every Python on this machine can work")
    clone(tmp_path)
    for python in others:
        done = set_up(tmp_path, python)
        assert done.returncode != 0
        [said, of_make] = done.stderr.splitlines()
        assert said.startswith("Python 3.11, 3.12 or 3.13 (CPython) is needed")
        assert of_make.startswith("make: ***")
        assert not (tmp_path / ".venv").exists()


def test_without_a_compiler_one_line_says_what_to_install() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "cli" / "prerequisites.py"],
        env={**os.environ, "CC": "no-such-compiler"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("A C compiler is needed")
    assert "no-such-compiler" in line


def test_the_product_is_locked_to_the_versions_that_are_tested() -> None:
    def versions(lock: str) -> set[str]:
        lines = (ROOT / lock).read_text().splitlines()
        return {line.split(" ")[0] for line in lines if "==" in line and not line.startswith((" ", "#"))}

    assert versions("requirements.lock") < versions("requirements-dev.lock")
