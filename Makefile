# Two commands do all: `make nightly` and `make test`. Each sets up what it needs.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup nightly serve superset spark spark-cluster status check test test-clients faults soak lint bench lock audit licences images clean
.DEFAULT_GOAL := nightly
# Compiled files are kept, whatever the machine says: without them every start compiles the house anew.
export PYTHONDONTWRITEBYTECODE :=

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "Python 3.11 is needed (make PYTHON=... names it)"; exit 2; }
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

# Superset in an environment of its own (its pins and ours do not agree), over the current release, on loopback.
SUPERSET := .venv-superset
$(SUPERSET)/.ready: warehouse/bi/superset-constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "Python 3.11 is needed (make PYTHON=... names it)"; exit 2; }
	@test -x $(SUPERSET)/bin/python || $(PYTHON) -m venv $(SUPERSET)
	@echo "setting up $(SUPERSET) (once, 0.7 GB)"
	@$(SUPERSET)/bin/python -m pip install --quiet --disable-pip-version-check uv
	@$(SUPERSET)/bin/uv pip install --quiet --python $(SUPERSET)/bin/python --no-deps -r $<
	@touch $@

superset: $(READY) $(SUPERSET)/.ready
	@$(BIN)/blue-ledger bi serve --environment $(SUPERSET)

# Spark in an environment of its own, with the Java that is there or Debian's; then the current release is built once more by it, from the
# same raw Parquet, and every mart is compared row by row. `make spark-cluster` does it with two executors in processes of their own.
SPARK := .venv-spark
$(SPARK)/.ready: dbt_project/spark-requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "Python 3.11 is needed (make PYTHON=... names it)"; exit 2; }
	@command -v java >/dev/null || apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless </dev/null >/dev/null || { echo "Java 17 is needed, such as Debian's openjdk-17-jre-headless"; exit 2; }
	@test -x $(SPARK)/bin/python || $(PYTHON) -m venv $(SPARK)
	@echo "setting up $(SPARK) (once, 0.7 GB)"
	@$(SPARK)/bin/python -m pip install --quiet --disable-pip-version-check uv
	@$(SPARK)/bin/uv pip install --quiet --python $(SPARK)/bin/python --no-deps -r $<
	@touch $@

spark: MASTER := local[2]
spark-cluster: MASTER := local-cluster[2,1,1024]
spark spark-cluster: $(READY) $(SPARK)/.ready
	@test -L $${BLUE_LEDGER_HOME:-data}/current || $(BIN)/blue-ledger nightly
	@BLUE_LEDGER_SPARK_MASTER='$(MASTER)' $(BIN)/blue-ledger rebuild --from-landing --engine spark

# The fast loop: lint and every test of the parts; whole nights, registers and releases are left to `make test`.
check: lint
	@$(BIN)/python -m pytest -m "not slow" -n 2 --ignore tests/clients --ignore tests/e2e --ignore tests/ingest/shapes

lint: $(READY) build/.sql-linted
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

# Only the models that have changed: a model takes a third of a second.
MODELS := $(shell find dbt_project/models -name '*.sql')
build/.sql-linted: $(READY) .sqlfluff $(wildcard tests/sqlfluff/*.py) $(wildcard dbt_project/macros/*.sql) $(MODELS)
	@$(BIN)/sqlfluff lint --disable-progress-bar $(or $(filter dbt_project/models/%,$?),$(MODELS))
	@mkdir -p build && touch $@

test: $(READY)
	@$(BIN)/python -m pytest -m "not clients" -n 2 --dist loadfile

# Real clients and engines, each in an environment of its own.
test-clients: $(READY)
	@$(BIN)/python -m pytest tests/clients -m clients

# Pictures of the current release's site for the documents, taken by the system's Chromium.
images: $(READY)
	@test -x .venv-browser/bin/python || $(PYTHON) -m venv .venv-browser
	@.venv-browser/bin/python -m pip install --quiet --disable-pip-version-check axe-playwright-python==0.1.8
	@.venv-browser/bin/python tests/clients/take_pictures.py $${BLUE_LEDGER_HOME:-data}/current/site docs/images

# Breaks whole nights: two hundred kills and every damage that is known. Takes hours; KILLS=20 is a taste.
KILLS ?= 200
faults: $(READY)
	@PYTHONPATH=. $(BIN)/python -m tests.faults.harness --kills $(KILLS) --seed 1

soak: $(READY)
	@PYTHONPATH=. $(BIN)/python -m tests.faults.soak --readers 16 --swaps 100

# Every benchmark, on idle cores half an hour; tables and chart go into docs/performance.md. SIZES names other registers, such as 10000000;
# PROVINCE=8500000 links in a register that has so many firms of other cities beside the city's.
# Splink and RapidFuzz link the same list in an environment of their own.
BENCH := .venv-bench
SIZES ?= 1500000
OUT := build/bench
BENCH_HOME ?= build/bench-home
bench: $(READY)
	@test -x $(BENCH)/bin/python || { $(PYTHON) -m venv $(BENCH) && $(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check splink==5.0.0 duckdb==1.5.5 rapidfuzz==3.14.6 polars pyarrow; }
	@mkdir -p $(OUT)
	@$(BIN)/python tests/benchmarks/night.py > $(OUT)/night.md
	@for size in $(SIZES); do $(BIN)/python tests/benchmarks/register.py --companies $$size --repeats 2 > $(OUT)/register_$$size.md || exit 1; done
	@$(BIN)/python tests/benchmarks/readers.py > $(OUT)/readers.md
	@PYTHONPATH=. $(BIN)/python tests/benchmarks/linkage.py --rivals $(BENCH)/bin/python > $(OUT)/linkage.md
	@test -z "$(PROVINCE)" || PYTHONPATH=. $(BIN)/python tests/benchmarks/linkage.py --province $(PROVINCE) --rivals $(BENCH)/bin/python > $(OUT)/linkage_province.md
	@test -e $(BENCH_HOME)/demo || $(BIN)/blue-ledger demo --companies 1500000 --home $(BENCH_HOME) > /dev/null
	@$(BIN)/blue-ledger nightly --home $(BENCH_HOME) > /dev/null
	@$(BIN)/python tests/benchmarks/suites.py --home $(BENCH_HOME) > $(OUT)/suites.md
	@PYTHONPATH=. $(BIN)/python tests/benchmarks/publishing.py --home $(BENCH_HOME) > $(OUT)/publishing.md
	@PYTHONPATH=. $(BIN)/python tests/benchmarks/queries.py --home $(BENCH_HOME) > $(OUT)/queries.md
	@$(BIN)/python tests/benchmarks/report.py

# Pins with hashes and without an index address.
lock:
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements.lock

# Known vulnerabilities of what is pinned, in an environment of its own. Without an advisory service it says "not audited".
audit: $(READY)
	@test -x .venv-audit/bin/pip-audit || { $(PYTHON) -m venv .venv-audit && .venv-audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit; } || true
	@$(BIN)/python tests/audit.py .venv-audit/bin/pip-audit

# The licence of every pinned package, as its own metadata state it.
licences: $(READY)
	@$(BIN)/python tests/licences.py

clean:
	rm -rf dbt_project/target dbt_project/logs .pytest_cache .ruff_cache
