# `make reproduce` and `make test` are all a newcomer needs; both set up .venv by themselves.
PYTHON ?= python3
PARAMS ?= params/digits.yaml
RUN = $(shell sed -n "s/^run: *[\"']*\([a-z0-9-]*\).*/\1/p" $(PARAMS))
CORES ?= all
PORT ?= 5000
N ?= 20
BIN = .venv/bin
READY = .venv/.ready
SNAKEMAKE = PATH="$(CURDIR)/$(BIN):$$PATH" snakemake --cores $(CORES)

.DEFAULT_GOAL := help
.PHONY: help params reproduce reprint test check soak bench ui report format docs

help:
	@echo "make reproduce [PARAMS=params/RUN.yaml]  every table and figure of a run"
	@echo "make reprint   [PARAMS=...]              its tables and figures from committed lines, no training"
	@echo "make report    [PARAMS=...]              the same as one HTML page"
	@echo "make ui        [PARAMS=...] [PORT=5000]  what every job measured, in MLflow"
	@echo "make test                                the tests, minutes"
	@echo "make soak      [N=20]                    the long tests too, and N random interruptions"
	@echo "make bench                               speed, as ratios: results/benchmarks.json"
	@echo "make check                               formatting, lint, types"

# pip brings uv, checked against the lock's hashes; uv installs the lock in parallel. Two packages
# come as source alone; they are built by the lock's setuptools, not by the newest one.
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(not (3, 11) <= v < (3, 14) and "loft needs Python 3.11 to 3.13, found %d.%d: make PYTHON=python3.12" % v[:2])'
	$(PYTHON) -m venv .venv
	sed -n '/^uv==/,/# via/p' requirements.lock > .venv/uv.lock
	sed -n '/^setuptools==/,/# via/p' requirements.lock > .venv/build.lock
	$(BIN)/python -m pip install --quiet --require-hashes -r .venv/uv.lock
	$(BIN)/uv pip install --python $(BIN)/python --quiet --compile-bytecode --require-hashes --build-constraints .venv/build.lock -r requirements.lock
	$(BIN)/uv pip install --python $(BIN)/python --quiet --no-deps --no-build-isolation --editable .
	touch $@

# Before the environment is built, which takes minutes.
params:
	@test -f '$(PARAMS)' || { echo "PARAMS: found '$(PARAMS)', which is no file; expected one of" params/*.yaml >&2; exit 2; }

reproduce: params $(READY)
	$(BIN)/loft check --params $(PARAMS)
	$(SNAKEMAKE) all diary --configfile $(PARAMS)

reprint: params $(READY)
	$(BIN)/loft reprint --params $(PARAMS)

report: params $(READY)
	$(SNAKEMAKE) --report results/$(RUN)/report.html --configfile $(PARAMS)

ui: params $(READY)
	$(SNAKEMAKE) diary --configfile $(PARAMS)
	@test -f results/$(RUN)/mlflow.db || { echo "ui: run '$(RUN)' trains no network that MLflow would show" >&2; exit 2; }
	exec $(BIN)/loft ui --database results/$(RUN)/mlflow.db --port $(PORT)

test: $(READY)
	$(BIN)/python -m pytest -m "not slow" -n auto --maxprocesses 4 --no-loadscope-reorder

soak: $(READY)
	$(BIN)/python -m pytest
	$(BIN)/python -m tests.faults --times $(N)

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/python -m tests.lint_workflow

bench: $(READY)
	for name in training steps step_breakdown synchronisation workers_in_turns memory commands overhead soda diversity; do $(BIN)/python -m benchmarks.$$name || exit; done
	$(BIN)/python docs/fill_tables.py

docs: $(READY)
	$(BIN)/python docs/fill_tables.py
	$(BIN)/python docs/params_reference.py

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/snakefmt Snakefile workflow
