# Two commands on a fresh machine with Python 3.11 and make: `make demo` and `make test`.
#
#   make install    .venv with the pinned versions; done once, again when the pins change
#   make demo       a sweep of three cells on real text, in a few minutes
#   make test       lint, types and the fast tests
#   make test-all   these, and the slow tests
#
# Packages come from the index that pip is configured for. TORCH_INDEX=URL takes torch alone from
# elsewhere (a CPU or a CUDA build); PYTHON=... chooses the interpreter of the environment.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
	if $$name -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; \
	then echo $$name; break; fi; done)
TORCH_INDEX ?=
TEST_WORKERS ?= 2

VENV := .venv
BIN := $(VENV)/bin
CONSTRAINTS := .constraints.txt
INSTALLED := $(VENV)/installed
PIP_INSTALL := $(BIN)/python -m pip install --quiet --constraint $(CONSTRAINTS)
TORCH_PIN = $(shell grep '^torch==' $(CONSTRAINTS))

.PHONY: help install demo lint format types test test-slow test-all clean

help:
	@sed -n 's/^#   //p' Makefile

install: $(INSTALLED)

# torch goes first: by itself it is found as the small build that the index offers.
$(INSTALLED): pyproject.toml $(CONSTRAINTS)
	@test -n "$(PYTHON)" || { echo "rnnlab needs Python 3.11 or later, with venv: none found on PATH"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP_INSTALL) $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) '$(TORCH_PIN)'
	$(PIP_INSTALL) --editable '.[dev]'
	touch $@

demo: install
	$(BIN)/rnnlab train -m cell=elman,lstm,gru seed=0,1 data=python_source cell.hidden_size=128 stack.dropout=0.1 trainer.max_steps=1000
	@echo
	@echo "Look at it in the dashboard:  $(BIN)/rnnlab ui"

lint: install
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: install
	$(BIN)/mypy

format: install
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

test: lint types
	$(BIN)/pytest -m "not slow" -n $(TEST_WORKERS)

test-slow: install
	$(BIN)/pytest -m slow -n $(TEST_WORKERS)

test-all: test test-slow

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
