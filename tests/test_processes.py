"""What a run does about processes that a test left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import processes

ROOT = Path(__file__).resolve().parent.parent
LONG = [sys.executable, "-c", "import time; print(flush=True); time.sleep(600)"]


@pytest.mark.parametrize("told", ["by its environment", "by where it stands"])
def test_a_process_that_a_run_left_behind_is_found_named_and_ended(tmp_path: Path, told: str) -> None:
    run = tmp_path / "run"
    (run / "deep").mkdir(parents=True)
    by_environment = told == "by its environment"
    environment = {**os.environ, processes.RUN: str(run if by_environment else tmp_path / "another")}
    with subprocess.Popen(
        LONG, env=environment, cwd=None if by_environment else run / "deep", stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        [found] = processes.of_run(run)
        assert (found.pid, found.command) == (process.pid, " ".join(LONG))
        assert "test_a_process_that_a_run_left_behind" in found.test
        assert processes.end_survivors(run, seconds=0) == [found]
        assert process.wait(10) == -9
    assert processes.of_run(run) == []


def test_a_process_that_does_not_want_to_end_is_ended() -> None:
    stubborn = [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True);"]
    stubborn[-1] += " time.sleep(600)"
    with subprocess.Popen(stubborn, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert processes.end(process, signal.SIGTERM, seconds=0.2) == -9


def test_a_run_that_is_killed_takes_with_it_what_its_tests_started(tmp_path: Path) -> None:
    path = tmp_path / "test_run.py"
    path.write_text(
        "import subprocess, sys, time\n"
        "def test_starting():\n"
        f"    subprocess.Popen({LONG!r}, stdout=subprocess.PIPE, start_new_session=True).stdout.readline()\n"
        "    print('started', flush=True)\n"
        "    time.sleep(600)\n"
    )
    run = tmp_path / "run"
    outside = {name: value for name, value in os.environ.items() if name != processes.RUN}
    command = [sys.executable, "-m", "pytest", "-s", "-p", "tests.conftest", "-c", os.devnull, "--rootdir", tmp_path]
    with subprocess.Popen(
        [*command, f"--basetemp={run}", path], cwd=ROOT, env=outside, stdout=subprocess.PIPE, text=True
    ) as pytests:
        assert pytests.stdout is not None
        assert any("started" in line for line in pytests.stdout)
        # Beside the run itself, whose command names the folder.
        assert len(processes.of_run(run)) == 2
        pytests.kill()
    until = time.monotonic() + 60
    while processes.of_run(run):
        assert time.monotonic() < until, processes.of_run(run)
        time.sleep(0.1)


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="this kernel does not weigh sessions")
@pytest.mark.parametrize("has_session", [True, False])
def test_a_worker_stands_back_alone_and_not_with_whoever_shares_its_session(has_session: bool) -> None:
    stand_back = "from core import processes; processes.let_others_go_first(7)"
    shown = "print(open('/proc/self/autogroup').read())"
    inner = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {stand_back!r}], check=True); {shown}"
    code = f"{stand_back}; {shown}" if has_session else inner
    done = subprocess.run(
        [sys.executable, "-c", code], start_new_session=True, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[-1] == ("7" if has_session else "0")
