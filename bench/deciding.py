"""Decisions without a database: `tanfang classify` over a file, and the memory of a long run."""

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench.figures import Figure

AIM_A_SECOND = 10_000
TAGS = ("dibao_urban", "dibao_rural", "dibao_edge", "expenditure_poor", "severe_disability_aid")
TODAY = date(2026, 11, 23)


def persons(count: int) -> Iterator[dict[str, Any]]:
    """Random people as `classify` takes them, the same each time."""
    chance = random.Random(1)

    def day() -> str:
        return (TODAY - timedelta(days=chance.randrange(900))).isoformat()

    for _ in range(count):
        facts: list[dict[str, Any]] = [
            {"kind": "assistance", "tag": chance.choice(TAGS), "valid_from": day(), "valid_to": None}
        ]
        if chance.random() < 0.3:
            facts.append({"kind": "major_change", "cause": "accident", "valid_from": day(), "valid_to": None})
        if chance.random() < 0.3:
            facts.append({"kind": "serious_illness", "basis": "diagnosis", "valid_from": day(), "valid_to": None})
        if chance.random() < 0.2:
            facts.append({"kind": "warning", "warning": "illness_poverty", "valid_from": day(), "valid_to": None})
        born = date(1930, 1, 1) + timedelta(days=chance.randrange(30_000))
        yield {"on": TODAY.isoformat(), "birth_date": born.isoformat(), "facts": facts}


def measure(lines: int) -> Iterator[Figure]:
    """Lines a second of the whole command, its start included, and how far memory grows over 200,000 decisions."""
    with tempfile.TemporaryDirectory(prefix="tanfang-bench-") as folder:
        source, target = Path(folder) / "persons.jsonl", Path(folder) / "decisions.jsonl"
        source.write_text("".join(json.dumps(one) + "\n" for one in persons(lines)))
        started = time.perf_counter()
        with target.open("wb") as out:
            subprocess.run([sys.executable, "-m", "cli.main", "classify", str(source)], stdout=out, check=True)
        seconds = time.perf_counter() - started
    yield Figure(f"classify, {lines:,} lines, beside the aim", lines / seconds, "lines/s", AIM_A_SECOND)
    yield Figure("memory after the last tenth of many decisions, beside the first", *_memory(2 * lines))


def _memory(decisions: int) -> tuple[float, str, float]:
    """Peak memory (MB) of a process after all its decisions, and after the first tenth of them."""
    program = (
        "import sys\n"
        "from bench.deciding import persons, TODAY\n"
        "from rules.classify import classify_line\n"
        "from rules.policies import load_policies\n"
        "from rules.rulebook import Rulebook\n"
        "count = int(sys.argv[1]); book = Rulebook(load_policies())\n"
        "for index, one in enumerate(persons(count)):\n"
        "    classify_line(one, book, {})\n"
        "    if index in (count // 10, count - 1):\n"
        # Not getrusage: its peak counts the process that started this one, too.
        "        print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(decisions)], capture_output=True, text=True, check=True, timeout=600
    )
    first, last = (int(line) / 1024 for line in done.stdout.split())
    return last, "MB", first
