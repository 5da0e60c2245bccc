"""`python -m worker`."""

from worker.main import run

run()
