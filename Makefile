# Every target sets up what it needs: a fresh machine needs Python 3.11 and make.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
# Where Python is told to write no bytecode, every start would compile all it imports, for a second: done at installation.
export UV_COMPILE_BYTECODE := 1
# Tests are compiled once, not at each run by each of its processes: half of the time until the first begins.
unexport PYTHONDONTWRITEBYTECODE
# How many files of tests run at a time; 0 runs all in one process, in order, as a debugger wants it. Three keep two cores
# busy, for tests wait for what they start: each takes up to 2 GB, for a broker, a store and a browser of its own.
JOBS ?= 3
# Whether tests that fail are run once more, alone: on a machine that others use as well, a missed deadline says nothing.
AGAIN ?=
# Of `make simulation` and `make demo-check`: how many, and the first; a different first tries others.
SEEDS ?= 10000
FIRST ?= 0

.DEFAULT_GOAL := help
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*\#\# .*/\1/p' $(firstword $(MAKEFILE_LIST)))

help: ## lists the targets
	@awk -F ':.*## ' '/^##@/{printf "%s\n", substr($$0, 5)} /^[a-z-]+:.*## /{printf "  make %-15s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

##@ Set up
$(VENV)/.installed: requirements/dev.txt pyproject.toml
	@echo "setting up $(VENV), from the package index: about a minute"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install -q uv==$(UV_VERSION)
	@$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q metrics streams
	@touch $@

# The part in Rust, which makes a worker need less CPU, and without which it does all the same.
NATIVE := streams/native
NATIVE_SOURCES := $(NATIVE)/Cargo.toml $(NATIVE)/Cargo.lock $(NATIVE)/pyproject.toml $(wildcard $(NATIVE)/src/*.rs)
# Two names: where there is cargo since the last time, it is built.
NATIVE_DONE := $(VENV)/$(if $(shell command -v cargo),.native,.no-native)

install: $(VENV)/.installed $(NATIVE_DONE) ## sets everything up; leaves .venv/bin/cxb

.venv-native/.installed: requirements/native.txt $(VENV)/.installed
	@test -x .venv-native/bin/python || $(PYTHON) -m venv .venv-native
	@$(BIN)/uv pip install -q --python .venv-native/bin/python --require-hashes -r requirements/native.txt
	@touch $@

$(VENV)/.native: $(NATIVE_SOURCES) requirements/native.txt $(VENV)/.installed
	@echo "building $(NATIVE) by cargo: a minute or two"
	@if $(MAKE) -s native-wheel >$(VENV)/native.log 2>&1; then \
	  $(BIN)/uv pip install -q --python $(BIN)/python --no-deps --reinstall $(NATIVE)/target/wheels/*.whl; \
	else $(NO_OLD_NATIVE); echo "warning: $(NATIVE) could not be built, events are read by Python code: see $(VENV)/native.log (rm $@ to try again)"; fi
	@touch $@

$(VENV)/.no-native: $(NATIVE_SOURCES) $(VENV)/.installed
	@if [ ! -e $(VENV)/.native ] || [ -n "$$(find $(NATIVE_SOURCES) -newer $(VENV)/.native)" ]; then \
	  $(NO_OLD_NATIVE); echo "no cargo: events are read by Python code"; fi
	@touch $@

# What was built from other sources is not to be used.
NO_OLD_NATIVE := $(BIN)/uv pip uninstall -q --python $(BIN)/python cx-balance-native 2>/dev/null || true

native-wheel: .venv-native/.installed ## builds the part in Rust as a wheel, into streams/native/target/wheels; needs cargo
	@rm -rf $(NATIVE)/target/wheels
	.venv-native/bin/maturin build --release --locked -q -m $(NATIVE)/Cargo.toml -o $(NATIVE)/target/wheels -i $(BIN)/python

TEST_TOOLS := prometheus prometheus-alertmanager chromium kcat

.venv-chart/.installed: requirements/chart.txt $(VENV)/.installed
	@test -x .venv-chart/bin/python || $(PYTHON) -m venv .venv-chart
	@UV_COMPILE_BYTECODE=0 $(BIN)/uv pip install -q --python .venv-chart/bin/python --require-hashes -r requirements/chart.txt
	@touch $@

test-tools: .venv-chart/.installed ## real Prometheus, Alertmanager, Chromium, kcat and Helm for the tests; needs Debian, root or sudo, and Go for Helm
	@tests/install-tools.sh $(TEST_TOOLS)
	@tests/install-helm.sh || echo "test-tools: helm could not be built: the tests of the chart are skipped (CXB_REQUIRE_HELM=1 makes that an error)"
	@tests/install-tools.sh chromium-headless-shell || echo "test-tools: without it: tests take the whole Chromium, which is three times the work"

hooks: install ## checks each commit before it is made, with the tools of .venv (pre-commit)
	@$(BIN)/pre-commit install

demo: install ## starts the service with a simulated company
	@$(BIN)/cxb up --demo

##@ Check
lint: install ## style, complexity, purity, directions of imports, spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/codespell

format: install ## puts the code in shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

type: install ## types, strictly
	$(BIN)/mypy

test: install ## the test suite, three files at a time (JOBS=N), ten minutes or more; what fails once more, alone (AGAIN=1)
	$(BIN)/python -m pytest -n $(JOBS) --durations=20 -m "not (faults or long)"$(if $(AGAIN), $(RETRY))
	@echo "left to make test-long: tests that take most of a minute, every case of what was tested here in one, and much of the page"

test-long: install ## what make test leaves out: real data, upgrades, every language, width and case, laws in the engine (PART=N: half of it, by the number)
	$(if $(PART),CXB_TEST_PART=$(PART) )$(BIN)/python -m pytest -n $(JOBS) --durations=20 -m "long and not faults"$(if $(AGAIN), $(RETRY))

# Only after a run that came to its end: with no failure on record it fails as well.
RETRY = || { [ $$? -eq 1 ] && echo 'once more, alone:' && $(BIN)/python -m pytest -n 0 --last-failed --last-failed-no-failures none; }

test-fast: install ## about a minute: tests that need no broker, no store, no browser, no real data and little time
	$(BIN)/python -m pytest -n $(JOBS) -m "not (faults or kafka or embedded or store or browser or olist or slow or long)"

# Each in an environment of its own, because packages are built for one Python.
PYTHONS ?= python3.11 python3.12 python3.13
pythons: ## the fast tests on each Python that is supported (PYTHONS="python3.12"), each in an environment of its own
	@for python in $(PYTHONS); do $(MAKE) test-fast PYTHON=$$python VENV=.venv-$$python || exit 1; done

coverage: install ## the tests, held to their coverage: metrics/ 100 %, streams/ 90 %
	@rm -f .coverage .coverage.*
	$(BIN)/python -m pytest -n $(JOBS) --cov --cov-report=
	@$(BIN)/coverage report --include='metrics/*' --fail-under=100
	@$(BIN)/coverage report --include='streams/*' --fail-under=90

lint-page: ## types and faults of the page's code, by tsc and biome; skipped where there is no Node 20
	@tests/page/check.sh

vendor: ## the libraries that the page carries along, built again from tests/page/package.json; needs Node 20
	@tests/page/tools.sh && node tests/page/vendor.mjs .venv-page streams/web/static/vendor

check: lint lint-page lint-native type test test-long ## lint, types and all tests; CI runs it with half of the long tests (PART=N), and a slice of the faults

faults: install ## kills, cuts and freezes everything, for up to an hour (SLICE=1: each case once)
	CXB_FAULTS=$(if $(SLICE),slice,full) $(BIN)/python -m pytest -m faults tests/faults -q
	@$(if $(SLICE),true,$(BIN)/python -m tests.faults.report)

mutants: install ## breaks the project on purpose, in some forty ways: a test must notice each; ten minutes
	CXB_REQUIRE_KAFKA=1 $(BIN)/python -m tests.mutants

mutants-quick: install ## the same with five of them, others for each commit
	$(BIN)/python -m tests.mutants --some $(shell git rev-list --count HEAD)

simulation: install ## SEEDS=10000 runs of the real code on simulated time, with failures by seed, each checked (JOBS processes)
	$(BIN)/python -m tests.simulation --seeds $(SEEDS) --first $(FIRST) --jobs $(JOBS)

laws: install ## the laws of metrics/ with twenty times as many examples (Hypothesis)
	CXB_LAWS=deep $(BIN)/python -m pytest -n $(JOBS) -m hypothesis tests/metrics

native-twins: install ## 10 million records by chance (RECORDS=N), read by native and by Python code: no difference may show; needs cargo
	$(BIN)/python -m tests.streams.native.twins $(or $(RECORDS),10000000) $(FIRST)

lint-native: ## form and faults of the part in Rust; skipped where there is no cargo with rustfmt and Clippy, or no way to its crates
	@if ! { cargo fmt --version && cargo clippy --version; } >/dev/null 2>&1; then echo "lint-native: skipped, there is no cargo with rustfmt and Clippy"; \
	elif ! cargo fetch -q --locked --manifest-path $(NATIVE)/Cargo.toml; then echo "lint-native: skipped, crates cannot be fetched"; \
	else cd $(NATIVE) && cargo fmt --check && cargo clippy -q --release --locked -- -D warnings; fi

model: install ## the protocol as a model, checked exhaustively: every order of steps, crashes and lost answers; half a minute
	@$(BIN)/python -m tests.model

.venv-clients/.installed: requirements/clients.txt $(VENV)/.installed
	@test -x .venv-clients/bin/python || $(PYTHON) -m venv .venv-clients
	@$(BIN)/uv pip install -q --python .venv-clients/bin/python --require-hashes -r requirements/clients.txt
	@touch $@

clients: .venv-clients/.installed ## client libraries of five languages, each in all its configurations, on a real Kafka and on the embedded broker, and those that read figures; 20 minutes (ARGS="--only franz")
	$(BIN)/python -m tests.clients $(ARGS)

.venv-peers/.installed: requirements/peers.txt $(VENV)/.installed
	@test -x .venv-peers/bin/python || $(PYTHON) -m venv .venv-peers
	@$(BIN)/uv pip install -q --python .venv-peers/bin/python --require-hashes -r requirements/peers.txt
	@touch $@

peers: .venv-peers/.installed ## compares credit for conversions with a library that computes it too
	$(BIN)/python -m pytest tests/metrics/governance/test_credit_peers.py -q

companies: install ## the report about a seventh planted company and twenty calm ones whose customers come again; minutes
	CXB_CALM=20 $(BIN)/python -m pytest -n 0 tests/streams/governance/test_report_companies.py

demo-check: install ## what drifts in SEEDS=20 demos besides what their start says is planted, by the service's own detection; ten minutes
	CXB_DEMO_SEEDS=$(if $(filter command line,$(origin SEEDS)),$(SEEDS),20) CXB_DEMO_FIRST=$(FIRST) CXB_DEMO_AT=$(AT) $(BIN)/python -m pytest -n 0 -q -s tests/streams/simulate/test_told_drifts.py

##@ Measure
.venv-bench/.installed: requirements/bench.txt $(VENV)/.installed
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	@$(BIN)/uv pip install -q --python .venv-bench/bin/python --require-hashes -r requirements/bench.txt
	@touch $@

bench/jvm/target/cxbench.jar: bench/jvm/pom.xml $(wildcard bench/jvm/src/main/java/cxbench/*.java)
	mvn -q -B --strict-checksums -f bench/jvm/pom.xml package

bench-compiled: ## builds the compiled contestant, where there is cargo and a C compiler; without cargo the benchmark leaves it out
	@if command -v cargo >/dev/null; then cargo build -q --release --locked --target-dir .cache/compiled --manifest-path bench/contestants/compiled/Cargo.toml; \
	else echo "bench-compiled: skipped, there is no cargo"; fi

bench: install .venv-bench/.installed bench/jvm/target/cxbench.jar bench-compiled ## the whole job against peers, in one run (ARGS="--broker tansu")
	$(BIN)/python -m bench $(ARGS)

bench-quick: install bench-compiled ## at most 5 minutes once the compiled contestant is built, the check before a release: ratios to plain faust, raw aiokafka, a compiled consumer and ClickHouse only
	$(BIN)/python -m bench --quick $(ARGS)

bench-flat: install ## what refreshes and figures cost with ten and a hundred million cells of history; 5 minutes, 6 GB
	$(BIN)/python -m bench.flat

bench-scale: install ## what grows with what: dates, departments, combinations, partitions, from one size to ten times that (ARGS="dates")
	$(BIN)/python -m bench.scale $(ARGS)

bench-backfill: install .venv-bench/.installed ## ten million events of 390 days at once, next to live ones; 6 minutes (ARGS="--events 1000000")
	$(BIN)/python -m bench.backfill $(ARGS)

##@ Write
.venv-calibrate/.installed: requirements/calibrate.txt $(VENV)/.installed
	@test -x .venv-calibrate/bin/python || $(PYTHON) -m venv .venv-calibrate
	@$(BIN)/uv pip install -q --python .venv-calibrate/bin/python --require-hashes -r requirements/calibrate.txt
	@touch $@

calibrate: .venv-calibrate/.installed ## false alarms and delays of drift detection, simulated: writes docs/drift.md; hours (EFFORT=0.1: a tenth of what is not simulated)
	.venv-calibrate/bin/python -m bench.calibrate

coverage-of-since: install ## how often the days that an alarm gives for its drift's beginning hold the true one: prints the table of docs/metrics.md
	$(BIN)/python -m bench.calibrate.onsets

clock-changes: install ## a simulated company in Rome over two years, 200 times: no change of its clocks raises an alarm
	$(BIN)/python -m bench.calibrate.clocks

.venv-docs/.installed: requirements/docs.txt $(VENV)/.installed
	@test -x .venv-docs/bin/python || $(PYTHON) -m venv .venv-docs
	@$(BIN)/uv pip install -q --python .venv-docs/bin/python --require-hashes -r requirements/docs.txt
	@touch $@

docs: .venv-docs/.installed ## the documents as a site, site/index.html, which needs no network; a broken link fails
	NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --strict

intervals: install ## how often 95 % intervals hold the truth, simulated: writes docs/intervals.md; 15 minutes
	$(BIN)/python -m bench.intervals

schemas: install ## writes the contract with publishers into streams/contract/files, from the types that decode; needs Node 20
	$(BIN)/python -m deploy.contract.generate

dashboards: install ## writes the dashboards and the documents' table of metrics, from the catalogue (PAGE_URL=https://...)
	$(BIN)/python -m deploy.grafana.generate $(PAGE_URL)
	$(BIN)/python -m deploy.helm.generate

chart: install ## writes what the Helm chart takes from elsewhere: rules, dashboards, settings, the table of its values
	$(BIN)/python -m deploy.helm.generate

pictures: install ## the README's table, screenshots and recording, of one real demo; needs chromium, and fetches termtosvg
	$(BIN)/python -m deploy.pictures
	$(BIN)/uv tool run --from termtosvg-ng==1.4.1 termtosvg render docs/images/demo.cast docs/images/demo.svg -m 300 -M 5000

dashboard-pictures: install ## pictures of the dashboards' panels on Prometheus, drawn by Perses; ten minutes, needs make test-tools and Node 20
	$(BIN)/python -m tests.deploy.perses

diagram: install ## draws the rooms in ARCHITECTURE.md, from the imports
	$(BIN)/python -m deploy.diagram

##@ Release
LOCK := UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --universal --python-version 3.11 $(LOCKFLAGS)

lock: $(VENV)/.installed ## pins every dependency again, with hashes, into requirements/ (LOCKFLAGS=--upgrade)
	$(LOCK) pyproject.toml -o requirements/runtime.txt
	$(LOCK) pyproject.toml --group dev -c requirements/runtime.txt -o requirements/dev.txt
	$(LOCK) --group build -c requirements/dev.txt -o requirements/build.txt
	$(LOCK) --group bench -o requirements/bench.txt
	$(LOCK) --group calibrate -c requirements/dev.txt -o requirements/calibrate.txt
	$(LOCK) --group peers -o requirements/peers.txt
	$(LOCK) --group docs -o requirements/docs.txt
	$(LOCK) --group clients -o requirements/clients.txt
	$(LOCK) --group chart -o requirements/chart.txt
	$(LOCK) --group native -o requirements/native.txt

changelog: install ## shows what the next release says, from changelog.d/
	@$(BIN)/towncrier build --draft --version Unreleased 2>/dev/null

release: install ## sets the version everywhere, writes CHANGELOG.md, commits and tags (VERSION=1.2.3); pushes nothing
	@test -n "$(VERSION)" || { echo "release: say which: make release VERSION=1.2.3" >&2; exit 2; }
	@git diff --quiet HEAD || { echo "release: commit or stash your changes first" >&2; exit 1; }
	$(BIN)/uv version -q --frozen $(VERSION)
	sed -i 's/^CXB_TAG=.*/CXB_TAG=$(VERSION)/' .env.example
	sed -i 's/CXB_TAG:-[^}]*/CXB_TAG:-$(VERSION)/' docker-compose.yml
	sed -i -E 's/^(version|appVersion):.*/\1: $(VERSION)/' deploy/helm/cx-balance/Chart.yaml
	$(BIN)/towncrier build --yes --version $(VERSION)
	git commit -q -a -m "Version $(VERSION)"
	git tag v$(VERSION)

##@ Clean
clean: ## removes what the targets made, but no data
	rm -rf $(VENV) $(addprefix .venv-,$(PYTHONS)) .venv-bench .venv-calibrate .venv-peers .venv-clients .venv-docs .venv-chart .venv-native $(NATIVE)/target site bench/jvm/target tests/clients/java/target tests/clients/node/node_modules .venv-page .venv-perses .venv-contract .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .cache
