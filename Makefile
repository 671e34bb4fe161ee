# What CI runs, and what to run before sending a change.

PYTHON ?= python

.PHONY: check test docs gallery bench

check:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m pyright --pythonpath "$$(command -v $(PYTHON))"
	$(PYTHON) -c 'from importlinter.cli import lint_imports_command as run; run()'
	$(PYTHON) -m pytest -q tests/architecture

test:
	$(PYTHON) -m pytest

docs:
	$(PYTHON) docs/generate.py

gallery:
	$(PYTHON) docs/gallery.py
	$(PYTHON) docs/before_after.py

bench:
	@for file in benchmarks/[a-z]*.py; do \
	    echo "== $$file"; \
	    $(PYTHON) "$$file" || exit 1; \
	done
