# Needs make and Python 3.10 or newer; `make setup` brings everything else.

PYTHON = python3
# Half as many again as there are cores: most tests with an engine wait for it half of the time.
JOBS = $(shell $(PYTHON) -c 'import os; cores = os.cpu_count() or 1; print(cores + cores // 2)')

# Relative on purpose: the checkout may lie under a path with spaces.
VENV_PYTHON = .venv/bin/python
QUIETLY = --disable-pip-version-check --no-input --quiet
PIP = $(VENV_PYTHON) -m pip $(QUIETLY)

COMPILE = $(VENV_PYTHON) -m uv pip compile --quiet --universal --python-version 3.10 \
	pyproject.toml --extra cli --extra emulator --extra dev --no-emit-package databricks-serving \
	--custom-compile-command "make lock"

.PHONY: help setup demo test test-long package docs bench oldest versions crash crash-engine golden-stack recordings lint types generate routes scenarios lock clean check-workspace

help: ## list the targets (the default)
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-16s  %s\n", $$1, $$2 }' Makefile

setup: .venv/.installed ## install the pinned dependencies, this project and a Pulumi engine
	@echo "setup: looking for a Pulumi engine"
	@$(VENV_PYTHON) tools/engine.py
	@$(VENV_PYTHON) -m compileall -q provider schema
	@echo "setup: ready; activate it with \`. .venv/bin/activate\`"

demo: setup ## show the provider at work against an emulated workspace; needs no account
	@PATH="$$PATH:$$($(VENV_PYTHON) tools/engine.py --print-bin)" .venv/bin/dbserving demo

test: setup lint types oldest ## run lint, types and every test, those with the real engine included
	$(VENV_PYTHON) -m pytest -n $(JOBS) --maxprocesses 8 --dist worksteal

EXAMPLES = 100

test-long: .venv/.installed ## hold the emulator against its own OpenAPI description, count the tests of its routes (minutes)
	DBSERVING_EXAMPLES=$(EXAMPLES) DBSERVING_SEED=$(SEED) $(VENV_PYTHON) -m pytest -n 2 tests/long

check-workspace: .venv/.installed ## hold a real workspace against the emulator (HOST= or PROFILE=; half an hour)
	@PYTHONPATH=tools $(VENV_PYTHON) -m check_workspace \
		$(if $(findstring command,$(origin HOST)),--host $(HOST)) \
		$(if $(findstring command,$(origin PROFILE)),--profile $(PROFILE)) \
		$(if $(CONFIRM),--confirm $(CONFIRM)) $(if $(CLEAN),--clean-only) $(CHECK)

package: setup ## build wheel and sdist, and try both in clean environments (minutes)
	rm -rf dist
	$(VENV_PYTHON) -m hatchling build -d dist
	$(VENV_PYTHON) -m pytest -n 0 --timeout 1800 tests/package

BENCH =

bench: setup ## measure everything in docs/performance.md, as ratios (ten minutes, on a quiet machine)
	@PYTHONPATH=tools $(VENV_PYTHON) -m bench $(BENCH)

# What leans on Pulumi's internals, and what uses other libraries most. Not test_arguments.py: the
# mocks of older Pulumi releases do not show what begins with `__`.
OLDEST = tests/dynamic_server tests/unit/dynamic/test_server_fallbacks.py \
	tests/unit/api tests/unit/apply tests/unit/plan

oldest: .venv-oldest/.installed ## run the edge's and the core's tests on the oldest supported releases
	.venv-oldest/bin/python -m pytest -n $(JOBS) --maxprocesses 8 $(OLDEST)

# The interpreters of `make versions`: the first that runs, unless said otherwise. A version manager's
# shim may be found and still run nothing.
FIRST_OF = $(shell for one in $(1); do $$one -c '' 2>/dev/null && echo $$one && break; done)
OLDEST_PYTHON ?= $(call FIRST_OF,python3.10 $(VENV_PYTHON))
NEWEST_PYTHON ?= $(call FIRST_OF,python3.14 python3.13 $(VENV_PYTHON))
# What the emulator is held against is the newest clients; see OLDEST for test_arguments.py. The
# linters of recipes and the docs' site are of no release of ours.
NOT_ON_OLDEST = --ignore tests/clients --ignore tests/unit/dynamic/test_arguments.py \
	--ignore tests/typing --ignore tests/recipes --ignore tests/docs \
	--ignore tests/meta/test_contributing.py

versions: ## run every test on the oldest and on the newest releases of Python and all libraries (long)
	@$(OLDEST_PYTHON) -m venv --clear .venv-versions
	@.venv-versions/bin/python -m pip $(QUIETLY) install -r requirements-oldest.lock
	@.venv-versions/bin/python -m pip $(QUIETLY) install --no-deps --no-build-isolation -e .
	@echo "versions: the oldest, on `.venv-versions/bin/python --version`"
	.venv-versions/bin/python -m pytest -n $(JOBS) --maxprocesses 8 --dist worksteal $(NOT_ON_OLDEST)
	@$(NEWEST_PYTHON) -m venv --clear .venv-versions
	@.venv-versions/bin/python -m pip $(QUIETLY) install --upgrade -e ".[cli,emulator,dev,clients,docs,recipes]"
	@echo "versions: the newest, on `.venv-versions/bin/python --version`"
	.venv-versions/bin/python -m pytest -n $(JOBS) --maxprocesses 8 --dist worksteal

crash: .venv/.installed ## kill the provider at every call of every scenario, and run again
	DBSERVING_CRASHES=all $(VENV_PYTHON) -m pytest -q -n $(JOBS) --maxprocesses 8 \
		tests/dynamic_server/test_crash_matrix.py

crash-engine: setup ## kill the real engine at every call of five programs, and run again (an hour)
	DBSERVING_CRASHES=all $(VENV_PYTHON) -m pytest -q -n $(JOBS) --maxprocesses 8 \
		tests/engine/test_crashes.py

golden-stack: setup ## write down the stack of this version, once before each release
	$(VENV_PYTHON) tools/record_stack.py

recordings: setup ## record on the real engine what the tests' own engine is measured by
	DBSERVING_RECORD=all $(VENV_PYTHON) -m pytest -q -n 0 tests/engine/test_recordings.py

lint: .venv/.installed ## check style, formatting and the layers' imports
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m ruff format --check .
	.venv/bin/lint-imports

types: .venv/.installed ## check types: the packages, then the tools
	$(VENV_PYTHON) -m mypy
	MYPYPATH=tools $(VENV_PYTHON) -m mypy tools

generate: .venv/.installed ## write what follows from schema, command and catalogue: types, JSON Schemas, reference pages
	$(VENV_PYTHON) tools/generate.py

routes: .venv/.installed ## write docs/emulator-routes.md from the calls of the emulator's tests
	$(VENV_PYTHON) tools/generate_routes.py

docs: .venv/.installed ## build the site of the docs into site/, strictly and without the network
	@$(VENV_PYTHON) tools/docs_site.py

scenarios: .venv/.installed ## write docs/scenarios.md from the tests of tests/scenarios
	$(VENV_PYTHON) tools/generate_scenarios.py

lock: .venv/.installed ## pin the dependencies anew; with UPGRADE=--upgrade, at their newest
	$(PIP) install uv
	$(COMPILE) --extra clients --extra long --extra docs --extra recipes $(UPGRADE) -o requirements.lock
	$(COMPILE) --resolution lowest-direct -o requirements-oldest.lock

clean: ## remove what these targets made in the checkout
	rm -rf .venv .venv-oldest .venv-versions .demo .bench .check-workspace .site site dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name .git -prune -o -type d -name __pycache__ -exec rm -rf {} +
	@echo "The Pulumi engine stays outside the checkout. To remove it too:"
	@echo "  rm -rf \"$${XDG_CACHE_HOME:-$$HOME/.cache}/databricks-serving\""

.venv/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
		echo "setup: Python 3.10 or newer is needed, and \`$(PYTHON)\` is not one." >&2; \
		echo "       Name another with: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "setup: this Python cannot make virtual environments (no venv or ensurepip)." >&2; \
		echo "       Debian and Ubuntu have them in a package: apt install python3-venv" >&2; exit 1; }
	@$(PIP) --version >/dev/null 2>&1 || { \
		echo "setup: creating .venv with `$(PYTHON) --version`"; $(PYTHON) -m venv .venv; }
	@echo "setup: installing what requirements.lock pins, about a minute the first time"
	@$(PIP) install -r requirements.lock
	@echo "setup: installing databricks-serving, editable"
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv-oldest/.installed: requirements-oldest.lock pyproject.toml .venv/.installed
	@echo "oldest: installing the oldest supported releases into .venv-oldest"
	@$(VENV_PYTHON) -m venv .venv-oldest
	@.venv-oldest/bin/python -m pip $(QUIETLY) install -r requirements-oldest.lock
	@.venv-oldest/bin/python -m pip $(QUIETLY) install --no-deps --no-build-isolation -e .
	@touch $@
