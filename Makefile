# The way in: README, CI and people all use these targets. `make` alone lists them.
# Nothing here needs root, a HOME or anything installed but Python 3.11+ and its venv module.

PYTHON ?= python3
PORT ?= 8080
JOBS ?= 3
ARGS ?=
COVER ?=
DATA ?= ../shared/data

VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/run.stamp
DEV := $(VENV)/dev.stamp

# Wheels only: building a source distribution would fetch build tools that no lock names.
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check
LOCKED := $(INSTALL) --require-hashes --only-binary :all:
COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/python -m piptools compile --quiet --generate-hashes \
	--allow-unsafe --strip-extras --build-deps-for editable \
	--no-emit-options --no-emit-index-url --no-emit-trusted-host --no-emit-find-links

.DEFAULT_GOAL := help
.PHONY: clients help demo test lint format trace bench grids ingestbench overload bulk access days kills objects downloads soak fuzz faults corpus conformance lock pictures clean

help: ## List the targets
	@echo "make TARGET [PYTHON=python3] [PORT=8080]"
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-11s %s\n", $$1, $$2}'

demo: $(RUN) ## Generate an ocean, ingest it and serve it on PORT
	@$(BIN)/halocline demo --port $(PORT) $(ARGS)

# Coverage takes half as long again, and would be too low for a choice of tests. What one folder shares is made once where
# its tests stay together; those who are done take from those who are not.
test: $(DEV) ## Run the tests (ARGS="-k wms" chooses, JOBS=4 spreads, COVER=yes counts lines)
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -rs $(if $(COVER),--cov --cov-report=term) $(ARGS)

lint: $(DEV) ## Check style, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/python -m mypy

format: $(DEV) ## Put the code into the house format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

trace: $(RUN) ## Print what each step of one tile costs
	@$(BIN)/python -m bench.trace $(ARGS)

bench: $(RUN) ## Measure speed beside the peers and add it to bench/RESULTS.md (ARGS=--quick: a minute, no peers)
	@$(BIN)/python -m bench.tiles $(ARGS)

grids: $(RUN) ## Measure tripolar grids, meshes and s-levels and add them to bench/RESULTS.md (ARGS=--quick: no peer)
	@$(BIN)/python -m bench.grids_http $(ARGS)

ingestbench: $(RUN) ## Measure the ingest against netCDF4 alone and add it to bench/RESULTS.md
	@$(BIN)/python -m bench.ingest $(ARGS)

bulk: $(RUN) ## Ingest 20 GB and add memory and progress to bench/RESULTS.md (ARGS="--gigabytes 2")
	@$(BIN)/python -m bench.bulk $(ARGS)

access: $(RUN) ## Measure what tokens, rules and records cost and add it to bench/RESULTS.md
	@$(BIN)/python -m bench.access $(ARGS)

days: $(RUN) ## Measure what a day costs a store of ten years and add it to bench/RESULTS.md
	@$(BIN)/python -m bench.days $(ARGS)

clients: $(RUN) ## Let thousands of clients behave badly and add what others notice to bench/RESULTS.md
	@$(BIN)/python -m bench.clients $(ARGS)

overload: $(RUN) ## Flood a unit with 500 clients and add it to bench/RESULTS.md (ARGS="--seconds 4")
	@$(BIN)/python -m bench.overload $(ARGS)

kills: $(RUN) ## Kill 200 ingests while clients read and add the outcome to bench/RESULTS.md (ARGS="--count 20")
	@$(BIN)/python -m bench.kills $(ARGS)

objects: $(DEV) ## The same on an S3 interface, over a network that fails (ARGS="--share 0.05")
	@$(BIN)/python -m bench.kills --objects $(ARGS)

downloads: $(RUN) ## Measure a gigabyte of netCDF-4, and tiles beside downloads, and add them to bench/RESULTS.md
	@$(BIN)/python -m bench.downloads $(ARGS)

soak: $(RUN) ## Ask 1,000,000 mixed questions and add memory and handles to bench/RESULTS.md (ARGS="--count 50000 --workers 1")
	@$(BIN)/python -m bench.soak $(ARGS)

fuzz: $(RUN) ## Ask 1,000,000 requests changed at random and add what is found to bench/RESULTS.md (ARGS="--only 4711")
	@$(BIN)/python -m bench.fuzz $(ARGS)

faults: $(DEV) ## Let faults happen while a unit serves and add the outcome to bench/RESULTS.md (ARGS="--count 2")
	@$(BIN)/python -m bench.serving_faults $(ARGS)

corpus: $(DEV) ## Write docs/corpus.md anew from the real files (DATA=folder)
	@$(BIN)/python -m tests.corpus.page $(DATA)

conformance: $(DEV) ## Write docs/conformance.md anew from the tests of the standards
	@$(BIN)/python -m tests.conformance.page

pictures: $(DEV) ## Draw the reference pictures of the tests anew; look at each that changed
	@$(BIN)/python -m tests.pictures.keep

lock: $(DEV) ## Pin the newest versions that pyproject.toml allows (with PYTHON=python3.11)
	@echo "resolving the dependencies; this takes some minutes"
	@$(COMPILE) --upgrade --extra dev --output-file requirements-dev.lock pyproject.toml
	@cp requirements-dev.lock requirements.lock
	@$(COMPILE) --output-file requirements.lock pyproject.toml

clean: ## Remove what make made; data/ stays
	@rm -rf $(VENV) build dist htmlcov .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUN): requirements.lock pyproject.toml
	$(call environment,requirements.lock)
	@touch $@

# It holds all that running needs too.
$(DEV): requirements-dev.lock pyproject.toml
	$(call environment,requirements-dev.lock)
	@touch $(RUN) $@

define environment
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo "Halocline needs Python 3.11 or newer, and $(PYTHON) is: $$($(PYTHON) --version 2>&1 | head -n 1)." >&2; \
	echo "Name another: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
@echo "installing $(1) into $(VENV) ($$($(PYTHON) --version))"
@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
@$(LOCKED) -r $(1)
@$(INSTALL) --no-deps --no-build-isolation --no-index -e .
endef
