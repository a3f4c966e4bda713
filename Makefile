# Each target calls one tool. PYTHON names the Python to begin with, ARGS is passed on:
#   make lab PYTHON=python3.12 ARGS="--port 9999"
PYTHON ?= python3
RUN = $(PYTHON) tools/environment.py

.DEFAULT_GOAL := help
.PHONY: help lab test check notebooks explorer site bench bench-browser lock clean

help:          ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' Makefile

lab:           ## JupyterLab at lesson 00, in an environment made on first use
	@$(RUN) python tools/lab.py $(ARGS)

test:          ## every test, in the same environment
	@$(RUN) pytest $(ARGS)

check:         ## formatting, types and imports alone
	@$(RUN) ruff check && $(RUN) ruff format --check && $(RUN) mypy && $(RUN) lint-imports

notebooks:     ## notebooks/ from lessons/
	@$(RUN) python tools/build_notebooks.py $(ARGS)

explorer:      ## explorer.html, the digit explorer as one file that needs no server and no network
	@$(RUN) python tools/build_explorer.py $(ARGS)

site:          ## build/site, the course as web pages: every lesson as it is stored, and the explorer
	@$(RUN) python tools/build_site.py $(ARGS)

bench:         ## benchmarks/README.md, every method measured anew in an environment of its own, by uv
	@uv run --isolated --no-project --python $(PYTHON) --with-requirements requirements.lock --with '.[bench]' python benchmarks/run.py $(ARGS)

bench-browser: ## its section of how soon the live figures answer, measured anew in chromium
	@$(RUN) pytest -n0 -q tests/teaching/response.py $(ARGS)

lock:          ## requirements.lock from pyproject.toml, by uv; ARGS=--upgrade for newer versions
	@uv pip compile --universal --python-version 3.10 --extra test --generate-hashes --no-strip-extras --no-header pyproject.toml -o requirements.lock $(ARGS)

clean:         ## remove the environment and the tools' caches
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
