# The two public commands are `make demo` and `make test`; each sets up what it needs.

PYTHON ?= python3
PYTEST_FLAGS ?= -n 2
BENCH ?= full
PEERS ?= ../shared/bench

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TYPED := $(wildcard tests/typed)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
unexport PYTHONDONTWRITEBYTECODE # else each process of the tests compiles every module anew

.DEFAULT_GOAL := help
.PHONY: help setup demo test check lint types bench clean

help:
	@echo "make demo   replay a month of clinic duty"
	@echo "make test   lint, check types, run all tests"
	@echo "make check  lint and check types only"
	@echo "make setup  create $(VENV) with everything the above need"
	@echo "make bench  measure beside other engines (BENCH=quick for a short round)"
	@echo "make clean  remove $(VENV), caches and builds"

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt hatch_build.py src/dutyrules/compiler/_lines.c
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=/path/to/python3")'
	@echo "setting up $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q -c constraints.txt -e '.[cli,testing,durable,report,sign,dev]'
	@touch $@

demo: setup
	@PATH="$(CURDIR)/$(BIN):$$PATH" ./examples/clinic_month/demo.sh

# pytest comes last, so that its closing line is the last line of the run.
test: check
	@$(BIN)/python -m pytest $(PYTEST_FLAGS)

check: lint types

lint: setup
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .

types: setup
	@$(BIN)/mypy src $(TYPED)
	@$(if $(TYPED),$(BIN)/pyright $(TYPED))

bench: setup
	@$(BIN)/python benchmarks/bench.py $(BENCH) --peers $(PEERS)
	@$(BIN)/python benchmarks/import_times.py

clean:
	rm -rf $(VENV) build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache src/dutyrules/compiler/_lines.*.so
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
