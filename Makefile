# The commands of this repository. Bare `make` prints them.
SHELL = /bin/sh
.DEFAULT_GOAL = help
.PHONY: help run test check types shape fix bench prove docs
PY = .venv/bin/python
# Processes start by the hundred: what is compiled once is kept, whatever a machine says elsewhere.
unexport PYTHONDONTWRITEBYTECODE
T ?=
N ?=
ARGS ?=
# A file's tests stay together, so that what a file prepares is prepared once. Four at a time on
# two cores: many tests wait for a process, a browser or a clock. The longest files begin first.
SPREAD = -n 4 --dist loadfile --no-loadscope-reorder

# The first Python that starts and is new enough; a name on the path may be a broken shim.
set_up = @for p in $(PY) python3 python3.14 python3.13 python3.12 python3.11; do \
	  "$$p" -I -S -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; p=; \
	done; \
	if [ -z "$$p" ]; then \
	  echo 'Strongroom needs Python 3.11 or newer, and found none (python3 -V tells yours).' >&2; \
	  exit 1; \
	fi; \
	"$$p" -I -S bootstrap.py

help:
	@echo 'make run              set everything up and start Strongroom (STRONGROOM_PORT, STRONGROOM_HOME;'
	@echo '                      ARGS=--pick-port takes another port where that one is in use)'
	@echo 'make test             set up what tests need and run them (ARGS="-k name")'
	@echo 'make check            format, lint, types, import contracts, documents, tests: what CI runs'
	@echo 'make fix              put format and simple lint findings right'
	@echo 'make bench [T=name]   measure, as ratios side by side'
	@echo 'make prove [T=name N=count]   run seeded proofs'
	@echo 'make docs             write docs/reference anew'

run:
	$(set_up) run
	@exec $(PY) -m strongroom.cli run $(ARGS)

test:
	$(set_up) test
	@$(PY) -m pytest $(SPREAD) $(ARGS)

check:
	$(set_up) test
	@$(MAKE) --no-print-directory -j 2 types shape
	@$(PY) -m pytest $(SPREAD) $(ARGS) || { \
	  echo 'What failed is tried once more, alone: on a busy machine some wait too long.'; \
	  $(PY) -m pytest --last-failed --last-failed-no-failures=none; \
	}

types:
	$(PY) -m mypy
	$(PY) -m mypy tests bootstrap.py

# Tests are collected while types are checked, so that all who run them find them compiled.
shape:
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	.venv/bin/lint-imports
	$(PY) -m strongroom.cli docs --check
	@said=$$($(PY) -m pytest --collect-only -qq) || { echo "$$said"; exit 1; }

fix:
	$(set_up) dev
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench:
	$(set_up) dev
	@$(PY) -m benchmarks $(T)

prove:
	$(set_up) dev
	@$(PY) -m tests.prove $(T) $(N)

docs:
	$(set_up) dev
	@$(PY) -m strongroom.cli docs
