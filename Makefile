# STMatte on Linux and macOS. Every target makes what it needs; nothing outside this folder
# is touched. The README gives the plain pip lines, for Windows too.
#
#   make demo        mattes for the plate in demo/, from one key
#   make test        every check; what a change must pass
#   make test-slow   the tests that take minutes
#   make test-blender   the plug-in in a real Blender, 5.0.1; another one: BLENDER=4.5.15
#   make screenshots the README's pictures of Blender's window; takes Linux, root and debootstrap
#   make bench       how fast it is here, beside its own plain path; takes an idle machine, minutes
#   make lint        the checks that run nothing
#   make clean       remove everything that these targets made

# The Python that makes the environment; another one: make PYTHON=/path/to/python3.12 demo
PYTHON ?= $(firstword $(foreach name,python3.11 python3 python3.12 python3.13 python3.10,\
	$(shell $(name) -c $(FITS) 2>/dev/null && echo $(name))) python3)
FITS = 'import sys, ensurepip; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))'

ENVIRONMENT := .venv
BIN := $(ENVIRONMENT)/bin
READY := $(ENVIRONMENT)/.ready
OUT := out/demo
FRAMES := 1001-1024
BENCH := out/speed.json

# The Blender for `make test-blender`, as a Python module; up to 5.0 it is made for Python 3.11.
BLENDER ?= 5.0.1
BLENDER_WANTS := $(if $(filter 4.% 5.0.%,$(BLENDER)),3.11,3.13)
BLENDER_PYTHON ?= python$(BLENDER_WANTS)
BLENDER_FITS = 'import sys, ensurepip; sys.exit("%d.%d" % sys.version_info[:2] != "$(BLENDER_WANTS)")'
BLENDER_ENVIRONMENT := .venv-blender-$(BLENDER)
BLENDER_READY := $(BLENDER_ENVIRONMENT)/.ready
BLENDER_PIP := $(BLENDER_ENVIRONMENT)/bin/python -m pip --disable-pip-version-check --retries 2 --timeout 30

# Every Blender that has an environment here, for the slow tests; one that is named goes first.
BLENDERS = $(subst $() ,:,$(strip $(wildcard $(CURDIR)/.venv-blender-*/bin/python)))

.PHONY: demo test test-slow test-blender blender screenshots bench lint clean

demo: $(READY)
	@echo "== Making mattes for three objects, frames $(FRAMES), from the key on frame 1001 (half a minute, more on a busy machine)"
	@$(BIN)/stmatte propagate demo/plate.####.jpg --frames $(FRAMES) --key 1001=demo/key.1001.png \
		--object goat --object stone --object gem \
		--out $(OUT)/matte.####.exr --preview $(OUT)/preview
	@echo "== Done. Open these:"
	@echo "   mattes         $(CURDIR)/$(OUT)/matte.1001.exr and on (channels goat.A, stone.A, gem.A)"
	@echo "   contact sheet  $(CURDIR)/$(OUT)/preview/contact_sheet.png"

# A file's tests run in one process, files side by side and in their order: a test takes one
# thread. The last line that this prints is pytest's own summary.
test: lint
	@echo "== Running the tests (those marked slow are left out)"
	@$(BIN)/python -m pytest --numprocesses=logical --maxprocesses=4 --dist=loadfile \
		--no-loadscope-reorder

test-slow: $(READY)
	@echo "== Running the slow tests"
	@STMATTE_BLENDER_PYTHON="$${STMATTE_BLENDER_PYTHON:-$(BLENDERS)}" $(BIN)/python -m pytest -m slow

test-blender: $(READY) $(BLENDER_READY)
	@echo "== Running the tests in Blender $(BLENDER)"
	@STMATTE_BLENDER_PYTHON="$(CURDIR)/$(BLENDER_ENVIRONMENT)/bin/python" \
		$(BIN)/python -m pytest tests/blender

blender: $(BLENDER_READY)

# Says so where it cannot run.
screenshots: $(READY)
	@sh tests/blender/screenshots.sh $(BIN)/python

# No part of any check. tests/benchmarks/README.md says how it is measured.
bench: $(READY)
	@echo "== Measuring (let the machine do nothing else meanwhile)"
	@$(BIN)/python tests/benchmarks/speed.py --objects 1,3,10 --json $(BENCH)
	@$(BIN)/python tests/benchmarks/speed.py --objects 1,3,10 --precision bfloat16 --json $(BENCH)
	@$(BIN)/python tests/benchmarks/speed.py --level pipeline --objects 1,3 --json $(BENCH)
	@$(BIN)/python tests/benchmarks/speed.py --model stm --objects 1,3 --json $(BENCH)
	@$(BIN)/python tests/benchmarks/speed.py --model stm --objects 1,3 --precision bfloat16 --json $(BENCH)
	@$(BIN)/python tests/benchmarks/speed.py --model stcn --objects 1,3 --json $(BENCH)
	@$(BIN)/python tests/benchmarks/speed_table.py $(BENCH)

lint: $(READY)
	@echo "== Checking style (ruff)"
	@$(BIN)/ruff check .
	@echo "== Checking layout of the code (ruff format)"
	@$(BIN)/ruff format --check .
	@echo "== Checking types (mypy, strict)"
	@$(BIN)/mypy -p stmatte -p stmatte_host -p stmatte_nuke
	@MYPYPATH=tests/plugin/stmatte_nuke:tests/plugin/stmatte_nuke/fake $(BIN)/mypy --config-file= \
		--cache-dir=.mypy_cache/fake --strict --explicit-package-bases -p nuke -m seat
	@$(BIN)/python plugin/build_blender.py --stage build/types/stmatte_in_blender
	@MYPYPATH=build/types $(BIN)/mypy -p stmatte_in_blender
	@echo "== Checking that every room imports only from the floors below it (import-linter)"
	@$(BIN)/lint-imports

clean:
	@echo "== Removing the environment, results and caches"
	@rm -rf $(ENVIRONMENT) .venv-blender-* out build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis \
		.import_linter_cache
	@find engine plugin tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment is made again where it is missing, and brought up to date when what it is
# made from has changed. The stamp is written last: an install that broke off is repeated.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c $(FITS) || { echo "STMatte needs Python 3.10, 3.11, 3.12 or 3.13 with pip;" \
		"\"$(PYTHON)\" is not one. Install one of them, or name it:" \
		"make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@test -x $(BIN)/python || { echo "== Making the environment $(ENVIRONMENT) with $(PYTHON)"; \
		$(PYTHON) -m venv $(ENVIRONMENT); }
	@echo "== Installing PyTorch (the large part; minutes on a slow line)"
	@$(BIN)/python -m pip install --disable-pip-version-check torch==2.13.0 -c constraints.txt
	@echo "== Installing STMatte, and what its checks need"
	@$(BIN)/python -m pip install --disable-pip-version-check -e '.[dev]' -c constraints.txt
	@touch $(READY)

# A gigabyte. Made once for each version, and thrown away again if it cannot be made whole.
$(BLENDER_READY):
	@$(BLENDER_PYTHON) -c $(BLENDER_FITS) 2>/dev/null || { \
		echo "Blender $(BLENDER) as a module is made for Python $(BLENDER_WANTS) alone, with pip;" \
		"\"$(BLENDER_PYTHON)\" is not one. Install it, or name it:" \
		"make test-blender BLENDER=$(BLENDER) BLENDER_PYTHON=/path/to/python$(BLENDER_WANTS)" >&2; \
		exit 1; }
	@echo "== Making the environment $(BLENDER_ENVIRONMENT) with Blender $(BLENDER) (once; 1 GB)"
	@rm -rf $(BLENDER_ENVIRONMENT)
	@$(BLENDER_PYTHON) -m venv $(BLENDER_ENVIRONMENT)
	@$(BLENDER_PIP) install --only-binary=:all: bpy==$(BLENDER) || { \
		rm -rf $(BLENDER_ENVIRONMENT); \
		echo "pip cannot get bpy $(BLENDER), Blender as a Python module, for this machine." \
		"Give pip a place that has its wheel (PIP_FIND_LINKS=/folder/with/wheels make ...), or" \
		"name a Python that has Blender: STMATTE_BLENDER_PYTHON=/path/to/python" \
		"$(BIN)/python -m pytest tests/blender" >&2; exit 1; }
	@$(BLENDER_ENVIRONMENT)/bin/python -c 'import os, bpy; print("== Blender", bpy.app.version_string, flush=True); os._exit(0)'
	@touch $(BLENDER_READY)
