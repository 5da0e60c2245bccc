"""`python -m bench`: starts an instance, measures, prints a table, and ends only what it started."""

import argparse
import sys
from collections.abc import Iterator

from bench import accepting, alone, batches, deciding, fairness, importing, register
from bench.figures import Figure, table
from bench.instance import Instance, running
from cli.embedded.servers import CommandFailed, say_to_stderr

QUICK = {"residents": 200, "alerts": 300, "sustained": 300, "batch": 100, "tries": 3, "rows": 300, "lines": 2000}


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--residents", type=int, default=30_000, help="people in the register")
    parser.add_argument("--alerts", type=int, default=20_000, help="alerts pushed in each of the three ways")
    parser.add_argument("--sustained", type=int, default=100_000, help="alerts pushed until decided and assigned")
    parser.add_argument("--batch", type=int, default=500, help="alerts in one request")
    parser.add_argument("--tries", type=int, default=30, help="alerts pushed one by one")
    parser.add_argument("--rows", type=int, default=20_000, help="rows of an imported register")
    parser.add_argument("--lines", type=int, default=100_000, help="people to classify from a file")
    parser.add_argument("--workers", type=int, default=2, help="worker processes")
    parser.add_argument("--quick", action="store_true", help="small numbers, to see that it works")
    options = parser.parse_args()
    if options.quick:
        vars(options).update(QUICK)
    try:
        say_to_stderr(f"Starting an instance with {options.residents:,} residents and {options.workers} workers…")
        with running(residents=options.residents, workers=options.workers) as instance:
            print(table(_measured(instance, options)))
    except CommandFailed as problem:
        say_to_stderr(str(problem))
        return 1
    return 0


def _measured(instance: Instance, options: argparse.Namespace) -> Iterator[Figure]:
    say_to_stderr("One alert alone…")
    yield from alone.measure(instance, options.tries)
    say_to_stderr(f"{options.alerts:,} alerts in batches, as lines and one by one…")
    yield from accepting.measure(instance, options.alerts, options.batch)
    say_to_stderr(f"{options.sustained:,} alerts in batches of {options.batch}…")
    yield from batches.measure(instance, options.sustained, options.batch)
    say_to_stderr("Fairness…")
    yield from fairness.measure(instance)
    say_to_stderr("The whole register…")
    yield from register.measure(instance)
    say_to_stderr(f"{options.rows:,} rows imported…")
    yield from importing.measure(instance, options.rows)
    say_to_stderr(f"{options.lines:,} people classified…")
    yield from deciding.measure(options.lines)


if __name__ == "__main__":
    sys.exit(main())
