# Three commands do everything on a machine with python3, git and make:
#   make review [REPO=path BASE=main]   sets up and reviews a repository, by default a sample
#   make test                           sets up and runs every test
#   make tools                          installs migration tools, and runs them on all examples

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
REPO ?=
BASE ?=

.PHONY: review test tools differential github picture check lock clean

review: $(VENV)/.run
	@$(BIN)/python tests/sample.py $(if $(REPO),--repository "$(REPO)") $(if $(BASE),--base "$(BASE)")

test: check
	$(BIN)/python -m pytest -n auto

# Which ones and at which versions: tests/tools.
tools: $(VENV)/.dev
	LOCKSTEP_TEST_TOOLS=all $(BIN)/python -m pytest -n auto tests/test_tools.py

# Generated migrations against every server, for as long as one likes.
EXAMPLES ?= 500
differential: $(VENV)/.dev
	LOCKSTEP_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest -n auto tests/test_generated*.py tests/test_violating_rows.py

# Exercises a repository of the real GitHub, on branches of its own: make github REPO=owner/name TOKEN=…
github: export TOKEN := $(TOKEN)
github: $(VENV)/.dev
	@$(BIN)/python -m tests.real "$(REPO)" $(OPTIONS)

# The pictures in the README, from a review of the sample; needs Chromium.
picture: $(VENV)/.dev
	PYTHONPATH=. $(BIN)/python tests/picture.py

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

# After a change of the dependencies in pyproject.toml; needs uv.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --extra dev pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
