# `make` prints the targets. Each sets up what it needs: nothing has to be prepared by hand.
PYTHON ?= python3
.DEFAULT_GOAL := help
.PHONY: help demo test lint lock audit schema

help: ## print this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-6s %s\n", $$1, $$2}'

demo: ## set up, load the five plans, make a campaign, publish editions and serve the site on http://127.0.0.1:8000 (PORT=…)
	@$(PYTHON) scripts/setup.py demo
	@exec .venv/bin/python scripts/demo.py

test: ## set up, then lint and run the whole suite on SQLite and on a real PostgreSQL
	@$(PYTHON) scripts/setup.py test
	@exec .venv/bin/python scripts/test.py

lint: ## put the code in its standard form and check it
	@$(PYTHON) scripts/setup.py test
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .

audit: ## walk every page in Chromium and keep what is found for the accessibility statement
	@$(PYTHON) scripts/setup.py test
	@AUDIT=1 .venv/bin/python -m pytest tests/browser/test_every_page.py -k every_page_of -n 0

schema: ## write the OpenAPI schema of the API again (spaser/api/openapi.json)
	@$(PYTHON) scripts/setup.py test
	@SECRET_KEY=unused .venv/bin/python manage.py spectacular --format openapi-json --validate --fail-on-warn --file spaser/api/openapi.json

lock: ## pin the dependencies of pyproject.toml again, with hashes and without addresses (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header -o requirements.lock.txt
	uv pip compile pyproject.toml --group dev -c requirements.lock.txt --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header -o requirements-dev.lock.txt
