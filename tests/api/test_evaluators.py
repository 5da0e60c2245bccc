"""The processes that judge: one that hangs or dies is replaced, and none holds what it has no use for."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.evaluation import evaluators
from api.evaluation.evaluators import Evaluators
from core.errors import Busy


@pytest.fixture
def pool() -> Iterator[Evaluators]:
    pool = Evaluators(2)
    yield pool
    pool.close()


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_an_evaluation_that_takes_too_long_is_ended_with_its_process(
    pool: Evaluators, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = pool.run(os.getpid)
    with monkeypatch.context() as shorter:
        shorter.setattr(evaluators, "_LONGEST_SECONDS", 0.5)
        started = time.monotonic()
        with pytest.raises(Busy, match="中断"):
            pool.run(time.sleep, 600)
    assert time.monotonic() - started < 60
    assert is_gone(hanging)
    assert pool.run(os.getpid) != hanging


@pytest.mark.parametrize("sign", [signal.SIGSEGV, signal.SIGKILL])
def test_a_process_that_dies_while_it_judges_fails_one_evaluation_and_no_other(pool: Evaluators, sign: int) -> None:
    with ThreadPoolExecutor(1) as beside:
        other = beside.submit(pool.run, time.sleep, 2)
        with pytest.raises(Busy, match="中断"):
            pool.run(signal.raise_signal, sign)
        assert other.result() is None
    assert pool.run(abs, -1) == 1


def test_a_process_that_was_killed_while_it_waited_costs_nobody_an_answer(pool: Evaluators) -> None:
    waiting = pool.run(os.getpid)
    os.kill(waiting, signal.SIGKILL)
    os.waitid(os.P_PID, waiting, os.WEXITED | os.WNOWAIT)
    assert pool.run(os.getpid) != waiting


def test_a_process_holds_no_connection_but_its_own_and_no_password(
    pool: Evaluators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANFANG_DATABASE_URL", "postgresql://tanfang:top-secret@127.0.0.1/tanfang")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.set_inheritable(True)
        # The listing itself opens one that is closed by the time it is asked about.
        held = [
            open_
            for open_ in pool.run(os.listdir, "/proc/self/fd")
            if pool.run(os.path.exists, f"/proc/self/fd/{open_}")
        ]
        leads_to = [pool.run(os.readlink, f"/proc/self/fd/{open_}") for open_ in held if int(open_) > 2]
    assert len([link for link in leads_to if link.startswith("socket:")]) == 1
    assert pool.run(os.getenv, "TANFANG_DATABASE_URL") is None
    assert os.environ["TANFANG_DATABASE_URL"]


def test_closing_ends_every_process_the_busy_ones_too(pool: Evaluators) -> None:
    with ThreadPoolExecutor(2) as threads:
        busy = threads.submit(pool.run, time.sleep, 600)
        idle = pool.run(os.getpid)
        until = time.monotonic() + 60
        while sum(seat.process is not None for seat in pool._seats) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        pids = [seat.process.pid for seat in pool._seats if seat.process is not None]
        pool.close()
        with pytest.raises(Busy):
            busy.result(60)
    assert idle in pids
    assert all(is_gone(pid) for pid in pids if pid)
