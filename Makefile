# Two commands for a newcomer: `make run` and `make test`. Needs Python 3.11, 3.12 or 3.13, make and a C compiler.

# The first Python that can work here; `make PYTHON=/path/to/python` decides otherwise.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python cli/prerequisites.py 2>/dev/null && echo $$python && exit; done; echo python3)
# What is installed; a machine that only runs the product needs requirements.lock alone.
REQUIREMENTS ?= requirements-dev.lock
# durable-rules calls PyEval_CallObject, which Python 3.13 no longer has, and replaces CFLAGS: hence these flags.
export CPPFLAGS += -DPyEval_CallObject=PyObject_CallObject
PIP := .venv/bin/python -m pip --disable-pip-version-check --no-input
READY := .venv/.ready
SOMEBODY := {"on": "2026-03-20", "birth_date": "1960-01-01", "facts": [\
	{"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01", "valid_to": null}, \
	{"kind": "serious_illness", "basis": "diagnosis", "valid_from": "2026-02-01", "valid_to": null}]}
# Tests run in so many processes, each with servers of its own; a file stays in one, and nothing is left for the last.
WORKERS ?= 2
PARALLEL := -n $(WORKERS) --dist loadfile --no-loadscope-reorder
# Only for `make lock`; the lock files carry hashes and no address, so any package index will do.
UV ?= uv
LOCK := -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.PHONY: help setup run test browsers chaos year check fix docs bench lock clean
.DEFAULT_GOAL := help

help:
	@echo 'make setup   make .venv from the hash-locked requirements; the command is .venv/bin/tanfang'
	@echo 'make run     setup, then everything on this machine with the demo: tanfang up --demo --sandbox'
	@echo 'make test    setup, then the whole test suite on its own servers; ARGS="tests/rules -x" narrows it'
	@echo 'make browsers what the tests of the pages need: Chromium from Debian, where that may be installed, and an old one'
	@echo 'make chaos   everything dies while news comes in: SECONDS=600, and SEED=… to do it again'
	@echo 'make year    a random year of a district, whole: DAYS=365 PEOPLE=60, and SEED=… to live it again'
	@echo 'make check   format, lint, types, imports'
	@echo 'make fix     format, and mend what the linter can'
	@echo 'make docs    write docs/errors.md anew, from the refusals'
	@echo 'make bench   how long from a pushed alert to the visible task'
	@echo 'make lock    renew the requirements*.lock files after a change of dependencies (needs uv)'

setup: $(READY)

# A stamp and not .venv itself: a set-up that broke half-way is taken up again by the next `make`.
$(READY): $(REQUIREMENTS) requirements-build.lock pyproject.toml
	@$(PYTHON) cli/prerequisites.py
	@test -x .venv/bin/python || echo 'Making .venv with $(PYTHON); one package is compiled, this takes a minute or two.'
	@.venv/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv .venv
	@$(PIP) install --quiet --require-hashes -r requirements-build.lock
	@# Without build isolation, so that the build tools come from the hash-locked file too.
	@$(PIP) install --quiet --require-hashes --no-build-isolation -r $(REQUIREMENTS)
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@# The engine is loaded and one person judged: what was compiled works, or the set-up has failed.
	@echo '$(SOMEBODY)' | .venv/bin/tanfang classify - | grep -q '"on": "2026-03-20", "tier": "key"' \
		|| { echo 'The rule engine does not work with this Python; please report it.' >&2; exit 1; }
	@touch $@

run: setup
	@.venv/bin/tanfang up --demo --sandbox

test: setup browsers
	@.venv/bin/python -m pytest $(PARALLEL) $(ARGS)

# As root on Debian they are installed; elsewhere the tests that need them are left out, and pytest says how many.
browsers: setup
	@command -v chromium >/dev/null && fc-list :lang=zh-cn | grep -q . || { \
		test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
		&& { apt-get update -qq; apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fontconfig; } \
		>/dev/null 2>&1; } || echo 'Chromium or a Chinese font is missing; install the packages chromium and fonts-noto-cjk.'
	@.venv/bin/python -m tests.browser.browsers || true

chaos: SECONDS ?= 600
chaos: setup
	@TANFANG_CHAOS_SECONDS=$(SECONDS) $(if $(SEED),TANFANG_CHAOS_SEED=$(SEED)) .venv/bin/python -m pytest -s tests/chaos $(ARGS)

year: DAYS ?= 365
year: PEOPLE ?= 60
year: SEED ?= $(shell date +%s)
year: setup
	@TANFANG_YEAR_DAYS=$(DAYS) TANFANG_YEAR_PEOPLE=$(PEOPLE) TANFANG_YEAR_SEED=$(SEED) \
		.venv/bin/python -m pytest -s tests/journeys/test_random_year.py $(ARGS)

check: setup
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

fix: setup
	@.venv/bin/ruff check --fix --exit-zero .
	@.venv/bin/ruff format .

docs: setup
	@.venv/bin/python -m api.catalogue

bench: setup
	@.venv/bin/python -m bench $(ARGS)

lock:
	@$(UV) pip compile $(LOCK) --extra dev pyproject.toml -o requirements-dev.lock
	@$(UV) pip compile $(LOCK) -c requirements-dev.lock pyproject.toml -o requirements.lock
	@$(UV) pip compile $(LOCK) requirements-build.in -o requirements-build.lock

clean:
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
