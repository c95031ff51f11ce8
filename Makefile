# make run     Learnscope in the browser (PORT=8600 for another port)
# make test    all tests; TESTS="tests/core -k dropout" for some
# make check   lint, format and types
# make bench   the benchmarks
# make screenshots   the pictures of the README
# make lock    write the locked requirements anew, after a change in pyproject.toml
#
# Each does its own set-up, once: a virtual environment in .venv and the locked packages in it.

.DEFAULT_GOAL := run
.PHONY: run test check bench screenshots lock

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet
TESTS ?=

run: $(VENV)/.ready-to-run
	$(BIN)/python -m pages $(if $(PORT),--server.port $(PORT))

# All of them: two at a time, but those that want the machine for themselves, in a browser or with
# processes of their own, one by one.
test: $(VENV)/.ready-to-test
	@$(BIN)/python -m tests.browser.chromium
ifeq ($(strip $(TESTS)),)
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not browser and not slow"
	$(BIN)/python -m pytest -m "browser or slow"
else
	$(BIN)/python -m pytest $(TESTS)
endif

check: $(VENV)/.ready-to-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.ready-to-test
	@$(BIN)/python -m tests.browser.chromium
	@for file in benchmarks/[a-z]*.py; do \
	    echo "== $$file"; $(BIN)/python -m "benchmarks.$$(basename "$$file" .py)" || exit 1; \
	done

screenshots: $(VENV)/.ready-to-test
	@$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m tests.browser.screenshots

# For all of Python 3.11 to 3.13 at once, and without the address of whoever served the packages.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url \
    --custom-compile-command "make lock" --upgrade

lock: $(VENV)/.ready-to-run
	$(PIP) uv==0.13.9
	$(LOCK) pyproject.toml --output-file requirements.txt
	$(LOCK) --group test --constraint requirements.txt --output-file tests/requirements.txt

# The stamps are younger than the requirements that they were made of, so make runs these but once.
$(VENV)/.ready-to-run: requirements.txt | $(BIN)/python
	@echo "Installing the packages of Learnscope (about 1 GB, once) ..."
	$(PIP) --requirement requirements.txt
	@touch $@

$(VENV)/.ready-to-test: tests/requirements.txt $(VENV)/.ready-to-run
	$(PIP) --requirement requirements.txt --requirement tests/requirements.txt
	@touch $@

# Each candidate is run, since a name on the PATH need not be a Python that works; PYTHON goes first.
$(BIN)/python:
	@for python in $(PYTHON) python3.12 python3.13 python3.11 python3 python; do \
	    if $$python -c 'import sys, ensurepip, venv; \
	        sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; then \
	        echo "Making $(VENV) with $$($$python --version) ..."; \
	        exec $$python -m venv $(VENV); \
	    fi; \
	done; \
	echo "Expected Python 3.11, 3.12 or 3.13 with its venv module; found none." >&2; \
	echo "Install one (on Debian or Ubuntu: apt install python3 python3-venv)," >&2; \
	echo "or name one: make run PYTHON=/path/to/python3.12" >&2; \
	exit 1
