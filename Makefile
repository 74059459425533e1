# Set-up, build and every check of Tiercel. `make run` and `make test` need python3, a C compiler and make; nothing else.
# PYTHON chooses the interpreter, VENV the environment that is made from it (one for each interpreter).

PYTHON ?= python3
VENV ?= .venv
DURATION ?= 30s
ARGS ?=
TESTS ?= tests
JOBS ?= 1
SANITIZED ?= tests/unit/hotpath tests/differential tests/unit/actors tests/unit/gateways
FUZZ_SECONDS ?= 600
FUZZ_BUILD ?= sanitize
SEED ?= 1
COUNT ?= 200

BIN := $(VENV)/bin
VENV_PYTHON := $(BIN)/python
PIP := $(VENV_PYTHON) -m pip --disable-pip-version-check --quiet install
ROOMS := hotpath engine actors gateways
CYTHON := $(shell find $(ROOMS) -name '*.pyx' -o -name '*.pxd' -o -path '*/kernels/*')
LOOPS := $(shell find benchmarks -name '*.pyx')
PLAIN := $(shell find $(ROOMS) -name '*.py' -o -name '*.toml')

# Our own tree is found in this order: the build that is asked for, then the sources; never the folder that a command runs in.
on_release = PYTHONSAFEPATH=1 PYTHONPATH=$(CURDIR)
on_debug = PYTHONSAFEPATH=1 PYTHONPATH=$(CURDIR)/build/debug:$(CURDIR) TIERCEL_BUILD=debug
on_trace = PYTHONSAFEPATH=1 PYTHONPATH=$(CURDIR)/build/trace:$(CURDIR) TIERCEL_BUILD=trace COVERAGE_CORE=ctrace
# A line is covered by few examples as well as by many, and `make test` runs those.
on_coverage = TIERCEL_HYPOTHESIS=few
on_sanitize = PYTHONSAFEPATH=1 PYTHONPATH=$(CURDIR)/build/sanitize:$(CURDIR) TIERCEL_BUILD=sanitize PYTHONMALLOC=malloc \
	LD_PRELOAD="$$($(CC) -print-file-name=libasan.so)" \
	ASAN_OPTIONS=detect_leaks=0:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1
# A build beside the sources: compiled modules, and links to the Python files of the same packages.
define link_plain
	for file in $(PLAIN); do mkdir -p "$(1)/$${file%/*}" && ln -sf "$(CURDIR)/$$file" "$(1)/$$file" || exit 1; done
endef
# Tracing compiled code costs a factor of ten: it runs under the tests that are about it, the rest under nearly all.
TRACED := tests/unit/hotpath tests/unit/actors tests/unit/engine/runtime tests/unit/engine/test_ids.py
# These run under no coverage: whole engines, which `make test` has run on both builds, and what is about other code.
UNCOVERED := tests/e2e tests/simulation tests/architecture tests/differential tests/fuzz tests/unit/tools
# Of these files every line is proven by a test.
PROVEN := hotpath/core/units.pyx,hotpath/orders/fills.pyx,hotpath/orders/contract.pyx,hotpath/orders/fifo.pyx,hotpath/orders/position.pyx,hotpath/orders/exposure.pyx,hotpath/orders/slots.pyx,hotpath/orders/line.pyx,hotpath/orders/own_prices.pyx,hotpath/orders/limits.pyx,hotpath/orders/permission.pyx,hotpath/orders/sizes.pyx,hotpath/orders/worst_case.pyx,hotpath/orders/rates.pyx,hotpath/orders/window.pyx,hotpath/orders/losses.pyx,hotpath/orders/health.pyx,hotpath/orders/parents.pyx,hotpath/orders/turnover.pyx,hotpath/orders/greeks.pyx,hotpath/orders/seal.pyx,hotpath/orders/lifecycle.pyx,hotpath/orders/transitions.py

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test test-release test-debug bench peers lint types format wheel wheel-trial compilers coverage coverage-traced coverage-plain sanitize mutation soak fuzz clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' $(firstword $(MAKEFILE_LIST))

setup: $(VENV)/.developed $(VENV)/.built-loops $(VENV)/.built-debug # what `test` does first; with --jobs both builds at once

run: $(VENV)/.installed $(VENV)/.built ## set up what is missing, then the demonstration: DURATION=30s ARGS="..."
	@$(BIN)/tiercel run --duration $(DURATION) $(ARGS)

# With JOBS=2 both builds are tested at once, but for the tests that hold an engine to a time: those run alone, at the end.
test: ## set up what is missing, then every test on the release build and on the checked build; JOBS=2 for both at once
ifeq ($(JOBS),1)
	@$(MAKE) --no-print-directory --keep-going test-release test-debug
else
	@$(MAKE) --no-print-directory --jobs=$(JOBS) setup
	@$(MAKE) --no-print-directory --keep-going --jobs=$(JOBS) --output-sync=target test-release test-debug MARK="not timed"; \
		status=$$?; $(MAKE) --no-print-directory --keep-going test-release test-debug MARK=timed && exit $$status
endif

test-release: $(VENV)/.developed $(VENV)/.built-loops
	$(on_release) $(BIN)/pytest $(if $(MARK),-m "$(MARK)") $(TESTS)

test-debug: $(VENV)/.developed $(VENV)/.built-loops $(VENV)/.built-debug
	$(on_debug) $(BIN)/pytest $(if $(MARK),-m "$(MARK)") $(TESTS)

bench: $(VENV)/.developed $(VENV)/.built-loops ## measure everything that has a budget; QUICK=1 with tiny inputs
	$(on_release) $(VENV_PYTHON) -m benchmarks $(if $(QUICK),--quick)

peers: $(VENV)/.developed $(VENV)/.built-loops .peers-venv/.installed ## measure other libraries beside ours, as ratios
	$(on_release) $(VENV_PYTHON) -m benchmarks --peers $(if $(QUICK),--quick)

lint: $(VENV)/.developed ## style, spelling, secrets and the rules of tools/tidy.py
	SKIP=mypy $(BIN)/pre-commit run --all-files --show-diff-on-failure

types: $(VENV)/.developed ## mypy, strict
	$(BIN)/mypy

format: $(VENV)/.developed ## rewrite the sources in the project's style
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

wheel: $(VENV)/.developed ## build a wheel into dist/
	@rm -rf build/lib* build/bdist*
	$(VENV_PYTHON) -m pip --disable-pip-version-check wheel --no-deps --no-build-isolation --wheel-dir dist .

wheel-trial: $(VENV)/.developed ## the wheel on each Python that is here: in a clean environment, tested, run from an empty folder
	PYTHONSAFEPATH=1 PYTHONPATH=$(CURDIR) $(VENV_PYTHON) -m tools.wheel_trial

compilers: $(VENV)/.developed ## gcc and clang, where they are installed: no warning, and the hot path's tests
	@for compiler in gcc clang; do \
		command -v $$compiler >/dev/null || { echo "$$compiler is not installed: not compiled with it"; continue; }; \
		echo "building the hot path with $$compiler"; \
		$(call link_plain,build/$$compiler); \
		CC=$$compiler LDSHARED="$$compiler -shared" TIERCEL_WERROR=1 $(VENV_PYTHON) setup.py --quiet build_ext \
			--build-lib build/$$compiler --build-temp build/objects-$$compiler || exit 1; \
		PYTHONSAFEPATH=1 PYTHONPATH=$(CURDIR)/build/$$compiler:$(CURDIR) TIERCEL_BUILD=$$compiler \
			$(BIN)/pytest -q -p no:cacheprovider tests/unit/hotpath tests/differential || exit 1; \
	done

coverage: $(VENV)/.developed $(VENV)/.built-loops $(VENV)/.built-trace ## fails below 85 % of lines overall, or 100 % where money is
	@rm -rf build/coverage && mkdir -p build/coverage
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target coverage-traced coverage-plain
	@$(BIN)/coverage combine --quiet
	@$(VENV_PYTHON) -m tools.coverage_headers
	$(BIN)/coverage report --fail-under=85
	$(BIN)/coverage report --fail-under=100 --include=$(PROVEN)

coverage-traced:
	$(on_trace) $(on_coverage) $(BIN)/coverage run -m pytest -m "not untraced" $(TRACED)

coverage-plain:
	$(on_release) $(on_coverage) $(BIN)/coverage run -m pytest -m "not untraced" $(addprefix --ignore=,$(UNCOVERED) $(TRACED)) $(TESTS)

# What the sanitizers watch has to be loaded before Python is; their own library finds leaks of Python itself, so not asked.
sanitize: $(VENV)/.developed $(VENV)/.built-sanitize ## the hot path's tests with address and undefined-behaviour sanitizers
	$(on_sanitize) $(BIN)/pytest -p no:cacheprovider $(SANITIZED)

# Each test that has a long version reads TIERCEL_SOAK; `make soak TESTS=tests/e2e` runs those below one folder.
soak: $(VENV)/.developed $(VENV)/.built-loops ## hours: the long versions of kills, latches, signals, recovery, memory
	TIERCEL_SOAK=1 $(on_release) $(BIN)/pytest -p no:cacheprovider \
		$$(grep -rlE --include='test_*.py' 'TIERCEL_SOAK' $(TESTS))

fuzz: $(VENV)/.fuzzing $(VENV)/.built-$(FUZZ_BUILD) ## every parser under inputs nobody wrote: FUZZ_SECONDS=600 SEED=1 FUZZ_BUILD=sanitize, or REPLAY=file
	$(on_$(FUZZ_BUILD)) $(VENV_PYTHON) -m tests.fuzz $(if $(REPLAY),--replay $(REPLAY),--seconds $(FUZZ_SECONDS) --seed $(SEED))

mutation: $(VENV)/.developed $(VENV)/.built-loops ## change the code that guards money in 200 ways: the tests must notice 95 % of them; COUNT=200 SEED=1
	$(on_release) $(VENV_PYTHON) -m tools.mutate --count $(COUNT) --seed $(SEED)

clean: ## remove what the build made; the environment and the data directory stay
	rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache $(VENV)/.built*
	find actors engine gateways hotpath tiercel tests tools benchmarks examples \
		\( -name '*.so' -o -name __pycache__ \) -prune -exec rm -rf {} +
	rm -f $(patsubst %.pyx,%.c,$(filter %.pyx,$(CYTHON)))

# ---- set-up, in steps that run again only when what they rest on has changed

$(VENV)/.created: tools/preflight.py
	@command -v $(PYTHON) >/dev/null || { echo "tiercel: $(PYTHON) is missing: sudo apt-get install python3" >&2; exit 1; }
	@$(PYTHON) tools/preflight.py
	@echo "making $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: pyproject.toml $(VENV)/.created
	@echo "installing what Tiercel needs"
	@$(VENV_PYTHON) tools/requirements.py build | $(PIP) -r /dev/stdin
	@TIERCEL_LINK_ONLY=1 $(PIP) --no-build-isolation -e .
	@touch $@

$(VENV)/.developed: pyproject.toml $(VENV)/.installed
	@echo "installing what developers need"
	@$(VENV_PYTHON) tools/requirements.py dev | $(PIP) -r /dev/stdin
	@touch $@

$(VENV)/.built: setup.py $(CYTHON) $(VENV)/.installed
	@echo "building the hot path"
	@$(VENV_PYTHON) setup.py --quiet build_ext --inplace --build-lib build/release --build-temp build/objects-$(notdir $(VENV))
	@touch $@

# The other libraries, beside what the benchmarks themselves need; the same Python, so that our modules load there too.
.peers-venv/.installed: benchmarks/peers/requirements.txt pyproject.toml $(VENV)/.created
	@echo "installing the other libraries"
	@$(VENV_PYTHON) -m venv .peers-venv
	@$(VENV_PYTHON) tools/requirements.py run | cat - benchmarks/peers/requirements.txt | \
		.peers-venv/bin/python -m pip --disable-pip-version-check --quiet install -r /dev/stdin
	@touch $@

# Where atheris has no build for this Python the inputs are chosen without it.
$(VENV)/.fuzzing: pyproject.toml $(VENV)/.developed
	@$(VENV_PYTHON) tools/requirements.py fuzz | $(PIP) -r /dev/stdin || echo "atheris does not install here: fuzzing goes on without it"
	@touch $@

# What benchmarks loop over in compiled code; a run of the engine does without.
$(VENV)/.built-loops: $(LOOPS) $(VENV)/.built
	@echo "building the loops of the benchmarks"
	@TIERCEL_BENCH=1 $(VENV_PYTHON) setup.py --quiet build_ext --inplace --build-lib build/release --build-temp build/objects-$(notdir $(VENV))
	@touch $@

$(VENV)/.built-debug: setup.py $(CYTHON) $(PLAIN) $(VENV)/.installed
	@echo "building what is compiled, checked"
	@$(call link_plain,build/debug)
	@TIERCEL_DEBUG=1 $(VENV_PYTHON) setup.py --quiet build_ext --build-lib build/debug --build-temp build/objects-debug-$(notdir $(VENV))
	@touch $@

$(VENV)/.built-sanitize: setup.py $(CYTHON) $(PLAIN) $(VENV)/.installed
	@echo "building what is compiled, with sanitizers"
	@$(call link_plain,build/sanitize)
	@TIERCEL_SANITIZE=1 $(VENV_PYTHON) setup.py --quiet build_ext --build-lib build/sanitize --build-temp build/objects-sanitize
	@touch $@

$(VENV)/.built-trace: setup.py $(CYTHON) $(PLAIN) $(VENV)/.installed
	@echo "building what is compiled, traced"
	@$(call link_plain,build/trace)
	@TIERCEL_TRACE=1 $(VENV_PYTHON) setup.py --quiet build_ext --build-lib build/trace --build-temp build/objects-trace
	@touch $@
