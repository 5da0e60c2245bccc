# Two commands for a newcomer: `make run` and `make test`. Needs Python 3.11 or later, make and a C compiler.

# The first Python that is new enough; `make PYTHON=/path/to/python` decides otherwise.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
PIP := .venv/bin/python -m pip --disable-pip-version-check --no-input
READY := .venv/.ready
# Only for `make lock`; the lock files carry hashes and no address, so any package index will do.
UV ?= uv
LOCK := -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.PHONY: help setup run test chaos check bench lock clean
.DEFAULT_GOAL := help

help:
	@echo 'make setup   make .venv from the hash-locked requirements; the command is .venv/bin/tanfang'
	@echo 'make run     setup, then everything on this machine with the demo: tanfang up --demo --sandbox'
	@echo 'make test    setup, then the whole test suite on its own servers; ARGS="tests/rules -x" narrows it'
	@echo 'make chaos   everything dies while news comes in: SECONDS=600, and SEED=… to do it again'
	@echo 'make check   format, lint, types, imports'
	@echo 'make bench   how long from a pushed alert to the visible task'
	@echo 'make lock    renew requirements.lock and requirements-build.lock after a change of dependencies (needs uv)'

setup: $(READY)

# A stamp and not .venv itself: a set-up that broke half-way is taken up again by the next `make`.
$(READY): requirements.lock requirements-build.lock pyproject.toml
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or later is needed; name one with PYTHON=/path/to/python.' >&2; exit 1; }
	@test -x .venv/bin/python || echo 'Making .venv with $(PYTHON); one package is compiled, this takes a minute or two.'
	@.venv/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv .venv
	@$(PIP) install --quiet --require-hashes -r requirements-build.lock
	@# Without build isolation, so that the build tools come from the hash-locked file too.
	@$(PIP) install --quiet --require-hashes --no-build-isolation -r requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

run: setup
	@.venv/bin/tanfang up --demo --sandbox

test: setup
	@.venv/bin/python -m pytest $(ARGS)

chaos: SECONDS ?= 600
chaos: setup
	@TANFANG_CHAOS_SECONDS=$(SECONDS) $(if $(SEED),TANFANG_CHAOS_SEED=$(SEED)) .venv/bin/python -m pytest -s tests/chaos $(ARGS)

check: setup
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

bench: setup
	@.venv/bin/python -m bench $(ARGS)

lock:
	@$(UV) pip compile $(LOCK) --extra dev pyproject.toml -o requirements.lock
	@$(UV) pip compile $(LOCK) requirements-build.in -o requirements-build.lock

clean:
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
