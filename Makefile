# One word for each thing that a newcomer does. `make` alone lists them.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -qq
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
LONG := $(VENV)/.long
WORKERS ?= 2

# An environment does not survive a moved folder or a removed Python: then it is made anew.
WHOLE := $(shell [ -e $(RUNTIME) ] && [ "$$($(BIN)/python -c 'import sys; print(sys.prefix)' 2>/dev/null)" = "$(CURDIR)/$(VENV)" ] && echo yes)
ifneq ($(WHOLE),yes)
.PHONY: $(RUNTIME)
endif

define stage
@printf '\n== %s (%s)\n' '$(1)' "$$(date +%H:%M:%S)"
endef

.PHONY: help setup setup-dev run demo test test-long lint types contracts tests format browser clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

setup: $(RUNTIME) ## make the environment (.venv) from the locked requirements

setup-dev: $(DEV) ## the same, with the tools for tests

run: $(RUNTIME) ## serve the demonstration laboratory on 127.0.0.1
	@$(BIN)/lims serve --demo

demo: $(RUNTIME) ## take one lot to a signed certificate, without a browser
	@$(BIN)/lims demo

test: $(DEV) ## lint, types, import contracts and all tests, in a real browser too
	$(call stage,lint)
	@$(MAKE) lint
	$(call stage,types)
	@$(MAKE) types
	$(call stage,import contracts)
	@$(MAKE) contracts
	$(call stage,browser)
	@$(MAKE) browser
	$(call stage,tests)
	@$(MAKE) tests

test-long: $(LONG) ## kills, fuzzing, mutation: takes its time
	@$(BIN)/python -m pytest -m long -p no:cacheprovider

lint: $(DEV) ## rules and format of the code and the templates
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@if [ -d templates ]; then $(BIN)/djlint --lint --quiet templates; fi

types: $(DEV) ## mypy, strict
	@$(BIN)/mypy

contracts: $(DEV) ## which package may import which
	@$(BIN)/lint-imports

tests: $(DEV)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not long"

format: $(DEV) ## put the code into its form
	@$(BIN)/ruff check --fix-only -q .
	@$(BIN)/ruff format .

browser: $(DEV) ## find Chromium, or install it
	@$(BIN)/python tests/browser/install_chromium.py

clean: ## remove the environment and the caches; records under var/ stay
	@rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(RUNTIME): requirements.txt pyproject.toml
	@rm -f $(DEV) $(LONG)
	@if [ "$$($(BIN)/python -c 'import sys; print(sys.prefix)' 2>/dev/null)" != "$(CURDIR)/$(VENV)" ]; then \
	  for name in python3 python3.13 python3.12 python3.11 python3.14; do \
	    if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$name; break; fi; \
	  done; \
	  if [ -z "$${python:-}" ]; then \
	    echo 'Livelot needs Python 3.11 or newer, and there is none on this machine. Install it, then run make again.' >&2; exit 1; \
	  fi; \
	  rm -rf $(VENV); \
	  "$$python" -m venv $(VENV) || { echo 'Python could not make the environment; on Debian and Ubuntu the package python3-venv is needed.' >&2; exit 1; }; \
	fi
	@echo 'Installing the locked requirements into $(VENV) ...'
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): $(RUNTIME) requirements-dev.txt
	@echo 'Installing the tools for tests ...'
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

$(LONG): $(DEV) requirements-long.txt
	@echo 'Installing the tools for the long tests ...'
	@$(PIP) install --require-hashes -r requirements-long.txt
	@touch $@
