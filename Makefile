# One line per task. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help run demo test test-fast bench lint types format schema docs clauses lock environment clean
BIN := .venv/bin

help: ## list the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: environment ## serve the API, the console and the worker; the first start prepares everything
	@exec $(BIN)/jifen serve

demo: environment ## play a campaign through in a throwaway ledger
	@exec $(BIN)/jifen demo

test: environment ## run all tests, on up to four cores; ARGS="-k name" narrows it down
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 $(ARGS)

test-fast: environment ## run the tests on all cores, without the slow ones, last failures first
	@$(BIN)/python -m pytest -n auto -m "not slow" --failed-first $(ARGS)

bench: environment ## run the benchmarks and write bench.json; ONLY=name runs one
	@$(BIN)/python -m tests.benchmarks $(ONLY)

lint: environment ## check style
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: environment ## check types
	@$(BIN)/mypy

format: environment ## mend style
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

schema: environment ## write migrations/schema.sql from the migrations
	@$(BIN)/python -m migrations.schema

docs: environment ## write docs/events.md from the code
	@$(BIN)/python tools/generate_docs.py

clauses: environment ## list every clause with the tests that prove it; fails when one has none
	@$(BIN)/python tools/clauses.py

lock: environment ## pin the newest versions of what pyproject.toml asks for, with and without the tools
	@$(BIN)/python -m uv pip compile --quiet --universal --generate-hashes --no-header --upgrade --extra dev pyproject.toml -o requirements.lock
	@$(BIN)/python -m uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --constraint requirements.lock pyproject.toml -o requirements-run.lock

environment: ## make .venv match the lock (all of the above do it first)
	@tools/bootstrap

clean: ## remove what can be made again; the data in .jifen stays
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis bench.json && find . -name __pycache__ -type d -prune -exec rm -rf {} +
