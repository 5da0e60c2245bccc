"""`tanfang classify`: decisions on a file, a line each, over all cores; no database and no server."""

import json
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import IO, NamedTuple, TextIO

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

from cli.embedded.servers import CommandFailed, say_to_stderr
from core.events.strict_json import BodyInvalid, parse_json
from rules.classify import classify_line
from rules.coverage import Coverage, CoverageVersion, Narrows, check_never_narrower, parse_coverage
from rules.documents import DocumentInvalid
from rules.facts import Problem
from rules.policies import load_policies
from rules.rulebook import Rulebook

CHUNK_LINES = 250
# Enough chunks in hand that no core waits, few enough that a file of any length fits into memory.
CHUNKS_AHEAD_PER_CORE = 4


Chunk = list[tuple[int, bytes]]


class Answer(NamedTuple):
    """What comes of one line: the text to print, and what was wrong with it."""

    number: int
    text: str
    problems: list[Problem]


def run(file: IO[bytes], coverages: Mapping[str, Path], *, out: TextIO) -> int:
    """Print a decision for each line of `file`, in order; 1 when a line was broken, else 0.

    A broken line is printed as `{"line", "errors"}`, so that line n of the answers belongs to the nth person asked for.
    """
    try:
        documents = {code: path.read_text("utf-8") for code, path in coverages.items()}
    except (OSError, UnicodeDecodeError) as error:
        raise CommandFailed(f"A street's document cannot be read: {error}") from None
    for code, document in documents.items():
        _coverage(document, coverages[code])
    broken = 0
    with _progress(file) as advance:
        for chunk, answers in _answers(file, documents):
            for answer in answers:
                out.write(f"{answer.text}\n")
                broken += bool(answer.problems)
                for problem in answer.problems:
                    say_to_stderr(f"line {answer.number}: {problem.loc}: {problem.msg} ({problem.code})")
            advance(sum(len(line) for _, line in chunk))
    out.flush()
    if broken:
        say_to_stderr(f"{broken} {'line' if broken == 1 else 'lines'} could not be read.")
    return int(broken > 0)


def _answers(file: IO[bytes], documents: Mapping[str, str]) -> Iterator[tuple[Chunk, list[Answer]]]:
    cores = os.cpu_count() or 1
    # Spawned: the engine's state must not be copied by a fork, and its death must not be ours.
    pool = ProcessPoolExecutor(cores, get_context("spawn"), _begin, (dict(documents),))
    waiting: deque[tuple[Chunk, Future[list[Answer]]]] = deque()
    try:
        for chunk in _chunks(file):
            waiting.append((chunk, pool.submit(_classify, chunk)))
            if len(waiting) >= cores * CHUNKS_AHEAD_PER_CORE:
                yield _next(waiting)
        while waiting:
            yield _next(waiting)
    finally:
        pool.shutdown(cancel_futures=True)


def _next(waiting: deque[tuple[Chunk, Future[list[Answer]]]]) -> tuple[Chunk, list[Answer]]:
    chunk, future = waiting.popleft()
    try:
        return chunk, future.result()
    except BrokenProcessPool:
        lines = f"line {chunk[0][0]} or one of the next {len(chunk) * (len(waiting) + 1) - 1}"
        raise CommandFailed(f"The rule engine died at {lines}; what is printed so far is right.") from None


def _chunks(file: IO[bytes]) -> Iterator[Chunk]:
    chunk: Chunk = []
    for number, line in enumerate(file, 1):
        if line.strip():
            chunk.append((number, line))
        if len(chunk) >= CHUNK_LINES:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


class _Rulebooks:
    """What a process of the pool knows: set once when it begins."""

    district: Rulebook
    streets: dict[str, Rulebook]


def _begin(documents: Mapping[str, str]) -> None:
    policies = load_policies()
    _Rulebooks.district = Rulebook(policies)
    _Rulebooks.streets = {
        code: Rulebook(policies, [CoverageVersion(1, policies[0].effective_on, parse_coverage(document))])
        for code, document in documents.items()
    }


def _classify(chunk: Chunk) -> list[Answer]:
    return [_answer(number, line) for number, line in chunk]


def _answer(number: int, line: bytes) -> Answer:
    try:
        decision = classify_line(parse_json(line), _Rulebooks.district, _Rulebooks.streets)
    except BodyInvalid as error:
        decision = error.problems
    if isinstance(decision, list):
        errors: Iterable[dict[str, str]] = [problem._asdict() for problem in decision]
        return Answer(number, json.dumps({"line": number, "errors": errors}, ensure_ascii=False), decision)
    return Answer(number, json.dumps(decision, ensure_ascii=False), [])


def _coverage(document: str, path: Path) -> Coverage:
    """Read a street's document the way the service would take it: never narrower than the district."""
    policy = load_policies()[-1]
    try:
        coverage = parse_coverage(document)
        check_never_narrower(coverage, policy, policy.effective_on)
    except (DocumentInvalid, Narrows) as error:
        raise CommandFailed("\n".join(f"{path}: {each.loc}: {each.msg}" for each in error.problems)) from None
    return coverage


@contextmanager
def _progress(file: IO[bytes]) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, when somebody looks at it and the decisions go elsewhere."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        yield lambda _bytes: None
        return
    try:
        total: int | None = os.fstat(file.fileno()).st_size or None
    except OSError:
        total = None
    bar = Progress(BarColumn(), DownloadColumn(), TimeRemainingColumn(), console=Console(stderr=True))
    task = bar.add_task("", total=total)
    with bar:
        yield lambda size: bar.advance(task, size)
