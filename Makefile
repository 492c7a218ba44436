# Everything a person types. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test check bench wheels serve clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.demo ## install, and run the whole main job on sample data
	$(BIN)/shuize demo

test: $(VENV)/.test ## install what the tests need, and run them
	$(BIN)/python -m tests.postgres  # installs the Debian package postgresql where there is none and it may
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

check: $(VENV)/.test ## format, lint, types, and the direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.test ## run every benchmark and print a table (BENCH=--quick for a small run)
	$(BIN)/python -m benchmarks $(BENCH)

# Downloads nothing that is kept. Not in the test suite, because it asks a package index.
wheels: $(VENV)/bin/python ## ask the package index for wheels of every dependency for Python 3.11, 3.12 and 3.13
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	$(BIN)/python -c 'import tomllib; p = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
		print(*p["dependencies"], *(r for n in ("demo", "fast", "postgres") for r in p["optional-dependencies"][n]), sep="\n")' \
		> "$$folder/wanted" && \
	for version in 3.11 3.12 3.13; do \
		$(BIN)/python -m pip download --quiet --only-binary :all: --python-version $$version \
			--constraint constraints.txt --requirement "$$folder/wanted" --dest "$$folder/$$version" || exit 1; \
		echo "Python $$version: $$(ls "$$folder/$$version" | wc -l) wheels"; \
		rm -rf "$$folder/$$version"; \
	done

serve: $(VENV)/.demo ## serve the demo's data on http://127.0.0.1:8000
	SHUIZE_HOME=$${SHUIZE_HOME:-shuize-demo/home} $(BIN)/shuize serve

clean: ## remove the virtual environment, the demo and caches
	rm -rf $(VENV) .tools shuize-demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'error: Python 3.11 or newer is needed; this is '"$$($(PYTHON) --version)"; \
		  echo 'hint: install one and say which: make $(MAKECMDGOALS) PYTHON=python3.12'; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo 'error: no virtual environment can be made'; \
		  echo 'hint: on Debian and Ubuntu: sudo apt-get install python3-venv'; exit 1; }

$(VENV)/.demo: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo 'installing into $(VENV): about 90 packages, which takes a minute or two and says nothing meanwhile'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[demo,fast]'
	@touch $@

$(VENV)/.test: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo 'installing what the tests need into $(VENV), which takes a minute or two and says nothing meanwhile'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[demo,fast,postgres,test]'
	@touch $@
