"""`make bench` with small numbers: that every figure is printed, not how fast this machine is."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.figures import Figure, percentile, table

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.long(20)
def test_the_quick_run_prints_every_figure() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for name in (
        "one alert alone to the assigned task, median",
        "one alert alone to the assigned task, p95",
        "accepted in batches of 100",
        "as one NDJSON stream",
        "one by one, 16 clients",
        "one of them, p99",
        "until decided and assigned",
        "raw limit",
        "visit tasks assigned",
        "rows of a register: read and checked",
        "the same, accepted",
    ):
        assert name in done.stdout


def test_a_figure_is_shown_beside_its_baseline() -> None:
    lines = table([Figure("accepted", 2500, "alerts/s", 10_000), Figure("median", 12.345, "ms")]).splitlines()
    assert lines[2].split() == ["accepted", "2,500", "alerts/s", "0.25"]
    assert lines[3].split() == ["median", "12.35", "ms", "-"]


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert percentile([4, 1, 3, 2], 0.5) == 2
    assert percentile([4, 1, 3, 2], 0.95) == 4
    assert percentile([7], 0.5) == 7
