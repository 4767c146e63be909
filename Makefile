# `make demo` and `make test` set up all they need; nothing else has to be installed but Python 3.11+ with venv, and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup browser demo test lint unit package soak bench screenshots lock ontology clean

help: ## List the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(VENV)/.ready: requirements-dev.lock pyproject.toml hatch_build.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: $(VENV)/.ready ## Make the virtual environment

demo: setup ## Build the catalogue and answer a real-looking organisation
	$(BIN)/provender build
	$(BIN)/provender recommend radiology-group

test: setup lint unit package ## Everything that CI runs

lint: setup ## Style, types and the import contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache > .lint.log 2>&1 || { cat .lint.log; rm -f .lint.log; exit 1; }
	@rm -f .lint.log
	$(BIN)/provender validate

browser: ## Chromium, which the tests drive, from the system's packages where it is absent
	@test -x "$${CHROMIUM:-/usr/bin/chromium}" || { \
	  apt=$$(command -v apt-get) || { echo "Chromium is needed by the tests: install it, or say in CHROMIUM where it is" >&2; exit 1; }; \
	  test $$(id -u) -eq 0 && sudo= || sudo=sudo; \
	  $$sudo $$apt -qq update && $$sudo env DEBIAN_FRONTEND=noninteractive $$apt -qq install -y --no-install-recommends chromium > /dev/null; }

unit: setup browser ## The tests
	$(BIN)/pytest -n 2

package: setup ## Build wheel and sdist, install the wheel in a bare environment, and use it there
	sh tests/package.sh $(BIN)/python

soak: setup ## The property tests with many more cases, 20,000 calls of the API by schemathesis, twenty SPARQL bombs, 100 kills on each store, 600 people in sessions
	HYPOTHESIS_PROFILE=soak $(BIN)/pytest -n 2 -k "any_catalogue or random or health"
	$(BIN)/python -m tests.benchmarks.peers lively
	$(BIN)/python -m tests.benchmarks.kills
	$(BIN)/python -m tests.benchmarks.sessions

$(VENV)/.peers: requirements-bench.lock $(VENV)/.ready
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-bench.lock
	@touch $@

bench: setup $(VENV)/.peers ## Measure against peers: matching, questions, unlocks, plans, cold starts, the API, answers at 48 to 100,000 solutions, and the planner
	$(BIN)/python -m tests.benchmarks.matching
	$(BIN)/python -m tests.benchmarks.engine
	$(BIN)/python -m tests.benchmarks.http
	$(BIN)/python -m tests.benchmarks.peers
	$(BIN)/python -m tests.benchmarks.scale
	$(BIN)/python -m tests.benchmarks.planner

screenshots: setup browser ## Make the pictures of the site anew; the README shows some
	$(BIN)/python -m tests.screenshots

lock: setup ## Pin every dependency anew
	$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --universal pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --universal --group dev pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --universal --group dev --group bench pyproject.toml -o requirements-bench.lock

ontology: setup ## Derive ontology and shapes from the record types anew
	$(BIN)/python -m kb.ontology data/ontology

clean: ## Remove what was made
	rm -rf $(VENV) build dist
