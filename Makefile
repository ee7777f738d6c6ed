# Two commands do all: `make nightly` and `make test`. Each sets up what it needs.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup nightly serve status check test test-clients lint bench lock clean
.DEFAULT_GOAL := nightly

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: no $(PYTHON) on this machine (make PYTHON=... to name it)"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setting up $(VENV) (once, a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

nightly: $(READY)
	@$(BIN)/blue-ledger nightly

status: $(READY)
	@$(BIN)/blue-ledger status

serve: $(READY)
	@$(BIN)/blue-ledger serve

# The fast loop: lint and every test that needs neither dbt nor Great Expectations.
check: lint
	@$(BIN)/python -m pytest -m "not slow" -n 2

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

test: $(READY)
	@$(BIN)/python -m pytest

# Real clients and engines, each in an environment of its own.
test-clients: $(READY)
	@$(BIN)/python -m pytest tests/clients -m clients -o addopts="--strict-markers --import-mode=importlib"

bench: $(READY)
	@$(BIN)/python tests/benchmarks/night.py

# Pins with hashes and without an index address.
lock:
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements.lock

clean:
	rm -rf dbt_project/target dbt_project/logs .pytest_cache .ruff_cache
