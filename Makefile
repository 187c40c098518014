# `make` alone prints this list. The README's two commands are `make demo` and `make test`: each does its own set-up.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

VENV := .venv
BIN := $(VENV)/bin
PYTHON = $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	command -v $$name >/dev/null 2>&1 && $$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& { command -v $$name; break; }; done)

.PHONY: help install install-dev demo test check conformance test-clients regen lock serve clean
help:  ## print this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s'|' 2>/dev/null || sed -nE 's/^([a-z-]+):.*## (.*)/  make \1: \2/p' $(MAKEFILE_LIST)

demo: install  ## everything at once on your machine: deploy, load data, three syncs, and the story they tell
	@$(BIN)/nps demo $(ARGS)

test: install-dev  ## all tests that need only Python
	@$(BIN)/python -m pytest -n $(or $(JOBS),2) --dist loadscope $(ARGS)

check: install-dev  ## format, lint, types, layers, generated files
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/nps generate --check
	@$(BIN)/nps docs --check

conformance: install-dev  ## the formula engine against third-party cases (skipped where they are absent)
	@$(BIN)/python -m pytest tests/local_org/formula/test_conformance.py -q -rs $(ARGS)

test-clients: install-dev  ## the real clients (sf, the metadata schema, linters) against the local org; needs Node
	@$(BIN)/python -m pytest tests/clients -m clients -n $(or $(JOBS),2) --dist loadfile -rs $(ARGS)

regen: install-dev  ## write force-app/ and the generated documents again
	@$(BIN)/nps generate
	@$(BIN)/nps docs

serve: install  ## a local org in the foreground, with our metadata deployed
	@$(BIN)/nps local-org serve --deploy orgs/customer --deploy force-app $(ARGS)

install: $(VENV)/.installed  ## set up .venv for the demo and for daily use
install-dev: $(VENV)/.installed-dev  ## set up .venv for development

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed and none was found: install one, then run make again."; exit 2; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)

# Hashes in the lock files make pip refuse anything that is not what was tested.
define pip_install
	@n=$$(grep -cE '^[A-Za-z0-9_.-]+==' $(1)); echo "Installing $$n packages from $(1)"; \
	$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r $(1) \
	| awk -v n=$$n '/^(Collecting|Requirement already)/ {i++; printf "\r  %d of %d: %-40s", i, n, ($$1=="Collecting" ? $$2 : $$4); fflush()} END {printf "\r%60s\r", ""}'
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
endef

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(call pip_install,requirements.lock)
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(call pip_install,requirements-dev.lock)
	@touch $@

lock:  ## resolve the lock files again (needs uv); versions and hashes only
	uv pip compile pyproject.toml --extra cci --extra local-org --extra build --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements.lock
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --no-header -c requirements.lock -q -o requirements-dev.lock

clean:  ## remove everything that make and the demo made
	@rm -rf $(VENV) build .demo .local-org .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache tests/clients/node_modules
