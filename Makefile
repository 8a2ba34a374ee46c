# Each target does all its own set-up in .venv: `make demo` and `make test` need nothing but Python 3.11 or later.

PYTHON ?= python3
VENV ?= .venv
CONSTRAINTS ?= constraints.txt
TIME_LIMIT ?= 10

BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input -c $(CONSTRAINTS)
DEMO := examples/deliveries.csv --depot Hannover --capacity 120

.PHONY: help demo kernels test soak lowest lint format docs bench wheel clean
.DEFAULT_GOAL := help

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## / - /'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("optikit needs Python 3.11 or later; say make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

# One stamp a set of extras: installed again when what is asked for has changed.
$(VENV)/.installed-%: pyproject.toml $(CONSTRAINTS) | $(BIN)/python
	$(INSTALL) --editable ".[$(subst +,$(comma),$*)]"
	@touch $@

comma := ,

demo: $(VENV)/.installed-all  ## solve the deliveries of examples/ by a deadline and draw routes.png
	@$(BIN)/optikit warmup vrp > /dev/null
	$(BIN)/optikit solve $(DEMO) --time-limit $(TIME_LIMIT) --plot routes.png --out solution.json
	@echo "written: routes.png, solution.json"

kernels: $(VENV)/.installed-all+test  ## compile the kernels of these sources, as the wheel carries them
	$(BIN)/python -m optikit.kernels.build

test: $(VENV)/.installed-all+test  ## run the tests, kernels compiled
	$(BIN)/python -m pytest -m "not soak" $(ARGS)

CHECKED := OPTIKIT_KERNELS=checked OPTIKIT_CACHE_DIR=$(CURDIR)/build/checked

soak: $(VENV)/.installed-all+test+notebooks lowest  ## run the tests that take long
	$(BIN)/python -m pytest -m soak
	HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -m "not soak" tests/contract tests/routing
	$(CHECKED) $(BIN)/python -m pytest -m "not soak"
	OPTIKIT_KERNELS=python $(BIN)/python -m pytest -m "not soak"

lowest:  ## run the tests with the lowest versions that are supported
	$(MAKE) test VENV=.venv-lowest CONSTRAINTS=constraints-lowest.txt

lint: $(VENV)/.installed-all+test+lint  ## check style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-all+test+lint  ## format the sources and mend what ruff can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.installed-all+docs  ## build the documentation in docs/_build/html; a warning is an error
	@rm -rf docs/api  # pages of names that are gone
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html
	@echo "written: docs/_build/html/index.html"

bench: $(VENV)/.installed-all+micro+peers  ## measure beside the peers; takes long
	$(BIN)/python -m benchmarks $(ARGS)

wheel: $(VENV)/.installed-all+test  ## build the wheel with the kernels of this platform in dist/
	OPTIKIT_BUILD_KERNELS=require $(BIN)/python -m build --wheel --no-isolation

clean:  ## remove what was built, but not .venv
	rm -rf build dist src/optikit/_bin docs/_build docs/api .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache routes.png solution.json
