# `make` lists what can be made.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# PYTHON=... names the interpreter of a new .venv; the first that fits is taken without it.
CANDIDATES := $(if $(PYTHON),"$(PYTHON)",python3.13 python3.12 python3.11 python3)
FITS := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
VENV := .venv/bin
READY := .venv/ready
ENGINE := .venv/engine
UV ?= uv

# Without compiled bytecode every job takes seconds longer to start.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup report simulate test test-fast test-engine style check format lock bench bench-runs clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

setup: $(READY) ## Make .venv with the locked packages (PYTHON=... chooses the interpreter)

$(READY): requirements.lock pyproject.toml
	@if ! $(VENV)/python -c '$(FITS)' 2>/dev/null; then \
		for candidate in $(CANDIDATES); do \
			if "$$candidate" -c '$(FITS)' 2>/dev/null; then found=$$candidate; break; fi; \
		done; \
		if [ -z "$$found" ]; then \
			echo 'No Python 3.11, 3.12 or 3.13 with venv found; install one or name it: make setup PYTHON=/path/to/python3' >&2; \
			exit 1; \
		fi; \
		echo "Making .venv with $$found"; \
		"$$found" -m venv --clear .venv; \
	fi
	@$(VENV)/python -m pip install -q --require-hashes -r requirements.lock
	@$(VENV)/python -m pip install -q --no-deps --no-build-isolation -e .
	@$(VENV)/python -m compileall -q src
	@touch $@

$(ENGINE): requirements-engine.lock $(READY)
	@$(VENV)/python -m pip install -q --require-hashes -r requirements-engine.lock
	@touch $@

report: $(READY) ## Build the report of the default study; STUDY=, CORES= and PROFILE= change what runs
	@$(VENV)/snakemake $(if $(PROFILE),--profile "$(PROFILE)") $(if $(CORES),--cores "$(CORES)") \
		$(if $(STUDY),--config "study=$(STUDY)")

simulate: $(READY) ## Estimate drawn studies of known effects, hundreds a scenario; TRIALS=, JOBS= and STUDY= change that
	@OMP_NUM_THREADS=1 $(VENV)/snakemake recovery $(if $(JOBS),--cores "$(JOBS)") \
		--config "study=$(or $(STUDY),score_indonesia)" "trials=$(or $(TRIALS),300)"

test: $(READY) ## Run all tests
	@$(VENV)/pytest -q

test-fast: $(READY) ## Run the tests that are neither slow nor run the workflow
	@$(VENV)/pytest -q -m "not slow and not workflow"

test-engine: $(ENGINE) ## Compare regressions with pyfixest, which it installs first
	@$(VENV)/pytest -q tests/engine

style: $(READY) ## Check style, types, layers and workflow
	@$(VENV)/ruff check -q --output-format concise
	@$(VENV)/ruff format -q --check
	@$(VENV)/mypy --no-error-summary
	@$(VENV)/lint-imports --no-cache > .venv/layers.log || { cat .venv/layers.log; exit 1; }
	@$(VENV)/snakefmt --check Snakefile workflow > .venv/snakefmt.log 2>&1 || { cat .venv/snakefmt.log; exit 1; }
	@$(VENV)/snakemake --lint > .venv/lint.log 2>&1 || { cat .venv/lint.log; exit 1; }

check: style test-fast ## Check style, types, layers and workflow, then run the fast tests

format: $(READY) ## Put code and rules in the project's format
	@$(VENV)/ruff check -q --fix-only
	@$(VENV)/ruff format -q
	@$(VENV)/snakefmt Snakefile workflow 2> .venv/snakefmt.log || { cat .venv/snakefmt.log; exit 1; }

lock: ## Resolve all packages anew: uv.lock, requirements.lock, environment.yml (needs uv)
	@$(UV) lock -q
	@$(UV) export -q --frozen --format requirements-txt --group dev --no-emit-project --no-header \
		--no-annotate -o requirements.lock
	@$(UV) export -q --frozen --format requirements-txt --group dev --group engine --no-emit-project --no-header \
		--no-annotate -o requirements-engine.lock
	@$(MAKE) setup
	@$(VENV)/python tools/environment.py

bench: $(READY) ## Measure estimators for docs/performance.md (PEERS=folder of other packages' environments)
	@$(VENV)/python -m tools.bench_estimators --results results/bench_estimators.json $(if $(PEERS),--peers "$(PEERS)") \
		--rounds 3 --page docs/performance.md --plot docs/performance.svg

bench-runs: $(READY) ## Measure whole runs: time, memory and steps (BENCH="michigan dandora")
	@$(VENV)/python tools/bench.py $(or $(BENCH),michigan)

clean: ## Remove the results of the default study, or of STUDY=; data stay
	@study="$(STUDY)"; study=$${study:-$$(sed -n 's/^study: *//p' config/default.yaml)}; \
	if [[ ! $$study =~ ^[a-z][a-z0-9_]*$$ ]]; then echo "No study is named '$$study'" >&2; exit 1; fi; \
	rm -rf "results/$$study"
