# Each target sets up .venv by itself when it is missing or stale. All it needs is make and python3 (3.11 or later).
#
#   make run ARGS="no-drills --seed 3"       arguments for `standoff run`, `pytest`, `python -m benchmarks` …
#   make test PYTHON=/path/to/python3.12     another interpreter for a new .venv

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: run test test-plain bench verify mutate lint format tables setup clean help FORCE

SHELL := /bin/sh
PYTHON ?= python3
PY := .venv/bin/python
CODE = sim tests docs/generate.py $(wildcard benchmarks verification mutation)

# uv leaves compiling to the first import: with this set, every start would stay two to four times slower for ever.
unexport PYTHONDONTWRITEBYTECODE
# Another environment must not leak into this one.
unexport PYTHONHOME PYTHONPATH VIRTUAL_ENV

# The stamp is written last and says where the checkout stood: a .venv that was moved or lost its python is stale.
STAMP := .venv/.ready
STARTED := .venv/.started
ifneq ($(shell test -x $(PY) && test "`cat $(STAMP) 2>/dev/null`" = "`pwd -P`" && echo ready),ready)
$(STAMP): FORCE
endif

# The mark of the beginning becomes the stamp, so that a pyproject.toml edited meanwhile is newer than it. Found at
# the start, it tells of a set-up that was interrupted: what that left cannot be trusted, so .venv is made anew.
$(STAMP): pyproject.toml constraints.txt
	@command -v "$(PYTHON)" >/dev/null 2>&1 || { \
	    echo 'make: no "$(PYTHON)" here: install Python 3.11 or later, or name one: make PYTHON=/path/to/python3' >&2; \
	    exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "make: Python 3.11 or later is needed and \"$(PYTHON)\" is `"$(PYTHON)" --version 2>&1`;" \
	         "name a newer one: make PYTHON=/path/to/python3.11" >&2; \
	    exit 1; }
	@echo "Setting up .venv"
	@if test -f $(STARTED) || { test -f $(STAMP) && test "`cat $(STAMP)`" != "`pwd -P`"; } || \
	    ! $(PY) -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then rm -rf .venv; fi
	@mkdir -p .venv && rm -f $(STAMP) && pwd -P > $(STARTED)
	@test -x $(PY) || "$(PYTHON)" -m venv .venv || { \
	    echo 'make: "$(PYTHON) -m venv" failed; Debian and Ubuntu keep it in the package python3-venv' >&2; \
	    rm -rf .venv; exit 1; }
	@{ $(PY) -m pip install --quiet --disable-pip-version-check uv && \
	   .venv/bin/uv pip install --quiet --python $(PY) -e '.[dev]' -c constraints.txt; } || { \
	    echo 'uv could not do it; trying pip, which takes a minute' >&2; \
	    $(PY) -m pip install --quiet --disable-pip-version-check -e '.[dev]' -c constraints.txt; }
	@mv $(STARTED) $(STAMP)

FORCE:

setup: $(STAMP) ## set up .venv and do nothing else
	@:

run: $(STAMP) ## run the stand-off of November 2021 and leave a folder under results/
	@.venv/bin/standoff run $(ARGS)

test: $(STAMP) ## run the tests (all but those of `verify`)
	@$(PY) -m pytest -n 2 $(ARGS)

bench: $(STAMP) ## measure speed and memory
	@$(PY) -m benchmarks $(ARGS)

test-plain: $(STAMP) ## run the tests with numpy held to the plain instruction set
	@NPY_DISABLE_CPU_FEATURES="`$(PY) -c 'import numpy; c = numpy._core._multiarray_umath; print(*(f for f in c.__cpu_dispatch__ if c.__cpu_features__[f]))'`" \
	    $(PY) -m pytest -n 2 $(ARGS)

verify: $(STAMP) ## check limits with known answers, and a thousand worlds against the twin
	@$(PY) -m verification $(ARGS)
	@$(PY) -m pytest -m verify

mutate: $(STAMP) ## try small changes of the code and tell which of them no test notices
	@$(PY) -m mutation $(ARGS)

lint: $(STAMP) ## check style, types and who imports whom
	@$(PY) -m ruff check $(CODE)
	@$(PY) -m ruff format --check $(CODE)
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-logo --cache-dir .cache/import_linter

tables: $(STAMP) ## write docs/odd-tables.md anew from the code and the scenarios
	@$(PY) docs/generate.py

format: $(STAMP) ## put the code into the house format
	@$(PY) -m ruff check --fix --quiet $(CODE) || true
	@$(PY) -m ruff format $(CODE)

clean: ## remove .venv, builds and caches; results stay
	@rm -rf .venv build dist htmlcov .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache .coverage .coverage.*
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
