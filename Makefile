# Two commands matter: `make run` and `make test`. `make help` names the others.

# The first Python of the machine that is new enough; PYTHON=/path/to/python overrides it.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; exit; }; done; echo none)
BIN := .venv/bin
# What `make test` does a share of, in part outside of tests/faults.
WHOLE := tests/faults tests/cli/backup/test_ten_gigabytes.py tests/dav/test_sync_clients.py tests/http/test_framing.py \
	tests/sharing/test_model.py tests/storage/test_rotation.py
VENDOR := workspace/web/static/vendor
PO := $(wildcard workspace/*/translations/*/LC_MESSAGES/*.po)
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --annotation-style line --upgrade

export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help run test test-quick faults bench-scale bench check assets messages lock openapi env-example pictures clean .venv test-venv
.DELETE_ON_ERROR:

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */  make \1\t/' | expand -t 20

run: .venv assets  ## everything from nothing, then the instance at http://localhost:8000 (PORT=, DEMO=0, WORKSPACE_INSTANCE=)
	@exec $(BIN)/workspace up

test: test-venv assets  ## everything from nothing, then every check and every test
	@tests/prepare.sh
	@$(MAKE) --no-print-directory check
	$(BIN)/pytest -n 2 --dist loadfile

test-quick: test-venv assets  ## unit and domain tests only, for every day
	$(BIN)/pytest -n 2 --dist loadfile -m "not slow and not browser"

faults: test-venv assets  ## kills, power cuts, full disks, lying stores: all of what `make test` does a share of; one table
	@tests/prepare.sh faults
	FAULTS=1 CI=true $(BIN)/pytest -n 2 --dist loadfile --timeout 3600 $(WHOLE)

bench: test-venv assets  ## how fast this program is against nginx and sabre/dav (ROUNDS=3, STACK=sqlite, ALL=1, QUICK=1, ONLY=)
	@$(BIN)/python -m tests.bench

bench-scale: test-venv  ## what operations cost at 10,000, 100,000 and 1,000,000 items, on both databases; a table each, and the plans
	$(BIN)/python -m tests.bench.scale

check: test-venv  ## style, types, layers and the other laws of the house
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q -p no:cacheprovider tests/laws

assets: $(VENDOR)/.stamp $(PO:.po=.mo)  ## front-end packages of package-lock.json, compiled catalogues

messages: .venv  ## collects the words of the pages into the Ukrainian catalogue and says what lacks a translation
	@$(BIN)/python deploy/messages.py

lock: test-venv  ## writes the lock files anew from setup.cfg
	$(LOCK) --output-file requirements.lock setup.cfg
	$(LOCK) --extra test --constraints requirements.lock --output-file requirements-test.lock setup.cfg

openapi: .venv  ## writes workspace/api/openapi.yaml anew from the operations
	$(BIN)/python -m workspace.api.openapi > workspace/api/openapi.yaml.new
	mv workspace/api/openapi.yaml.new workspace/api/openapi.yaml

pictures: .venv  ## takes the guides' pictures from the screenshots that the browser tests made last
	@$(BIN)/python deploy/pictures.py

env-example: .venv  ## writes deploy/env.example anew from workspace/settings.py
	$(BIN)/python -c 'from workspace.settings import example; print(example(), end="")' > deploy/env.example

clean:  ## forgets all that was built; keeps the instance
	rm -rf .venv node_modules build *.egg-info $(VENDOR) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	rm -f $(PO:.po=.mo)

.venv: .venv/runtime.stamp
test-venv: .venv/test.stamp

.venv/runtime.stamp: requirements.lock setup.cfg deploy/venv.sh
	@deploy/venv.sh "$(PYTHON)" requirements.lock
	@touch $@

# The test lock holds the runtime's packages, too, so that one resolution serves both.
.venv/test.stamp: requirements-test.lock .venv/runtime.stamp
	@deploy/venv.sh "$(PYTHON)" requirements-test.lock
	@touch $@

$(VENDOR)/.stamp: package-lock.json package.json deploy/assets.py | .venv
	@$(BIN)/python deploy/assets.py $(VENDOR)
	@touch $@

%.mo: %.po | .venv
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
