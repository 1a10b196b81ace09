# Every job installs what is missing and nothing else. `make help` lists them.

PYTHON ?= python3.11
OUT ?= out/black_thursday
SEEDS ?= 3
ENGINE ?= anvil
PIP_FLAGS := --disable-pip-version-check -qq --require-hashes
UV := uv==0.13.9

BIN := $(CURDIR)/.venv/bin
PACKAGES := .venv/.installed
NODE := node_modules/.installed
ANVIL := .venv/.anvil
# Ape looks for `anvil` and `vyper` on PATH
export PATH := $(BIN):$(PATH)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup compare stylised agreement test mutants snapshots lint format lock clean

help: ## list the jobs
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' Makefile | while IFS='|' read -r job text; do \
		printf '  make %-10s %s\n' "$$job" "$$text"; done

setup: $(PACKAGES) $(ANVIL) ## install the locked Python and npm packages

compare: setup ## fire Black Thursday at the four designs and write the report (SEEDS=3, ENGINE=anvil, OUT=...)
	@ape run compare --scenario black_thursday --seeds $(SEEDS) --engine $(ENGINE) --out $(OUT)

stylised: setup ## measure the stylised facts over many seeds and renew their table in sim/README.md (it resumes)
	@ape run stylised $(ARGS)

agreement: setup ## compare the engines on whole runs of every design and scenario (hours; ARGS="-k english")
	pytest -q tests/differential/agreement.py $(ARGS)

# A file's tests stay in one process, slow files come first: they are in the first folders
test: setup ## run the whole suite on all processors (ARGS="-k market" to choose)
	ape test --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

mutants: setup ## break every invariant of the contracts, and see its check fail
	@python -m pytest tests/mutants -q $(ARGS)

snapshots: setup ## measure gas and bytecode anew, for review
	@python -m tests.snapshots.record
	@git --no-pager diff --stat -- tests/snapshots

lint: $(PACKAGES) ## check format, style and types
	ruff format --check
	ruff check
	mypy

format: $(PACKAGES) ## put format and style right
	ruff format
	ruff check --fix

lock: $(PACKAGES) ## resolve the packages anew, with hashes and without addresses
	python -m venv .venv/lock
	.venv/lock/bin/pip install --quiet $(UV)
	.venv/lock/bin/uv pip compile requirements.in --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --upgrade --quiet --output-file requirements.lock
	npm install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts

clean: ## remove what was installed and built (results in out/ stay)
	rm -rf .venv node_modules .build .cache

$(PACKAGES): requirements.lock
	@command -v $(PYTHON) >/dev/null || { echo "Firesale needs Python 3.11: install it, or name it with 'make PYTHON=/path/to/python3.11'" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "$(PYTHON) is not Python 3.11: name one with 'make PYTHON=/path/to/python3.11'" >&2; exit 1; }
	@echo "Installing the Python packages into .venv (a minute or two, once)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install $(PIP_FLAGS) -r requirements.lock
	@touch $@

$(NODE): package-lock.json
	@command -v npm >/dev/null || { echo "Firesale needs Node 20 or later with npm: install them and call again" >&2; exit 1; }
	@echo "Installing Anvil and Uniswap from npm into node_modules"
	@npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel error
	@touch $@

# Beside the other tools, so that `source .venv/bin/activate` finds it too
$(ANVIL): $(PACKAGES) $(NODE)
	@ln -sfn "$$(python -c 'from sim.engines.process import find_anvil; print(find_anvil())')" $(BIN)/anvil
	@touch $@
