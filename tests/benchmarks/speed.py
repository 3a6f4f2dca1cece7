# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""How fast STMatte is, beside its own plain path in the same run.

    python tests/benchmarks/speed.py --model stmatte-s [--objects 1,3,10] [--json docs/speed.json]
        [--level network,pipeline] [--precision bfloat16] [--compile] [--device cuda]
        [--size 480x854] [--radius 0.24] [--memory 8] [--frames 20] [--seconds 60] [--no-plain]
        [--as-library] [--schema]

The plain path is float32, contiguous, without caches, one object at a time; README.md beside
says how both are timed. At the network's level a pass goes over a made clip; at the pipeline's
a shot is propagated from files to files. `--json` adds what was found to a file, in place
of what the same command found before.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from timing.machine import Elsewhere
from timing.models import model_of
from timing.network import Asked, measure_network
from timing.options import add_options, asked_by, run_of
from timing.pipeline import measure_pipeline
from timing.records import Result, add, read, schema
from timing.told import as_text

from stmatte.allocating import keep_what_is_freed
from stmatte.errors import StmatteError


def measured(options: argparse.Namespace, asked: Asked, folder: Path) -> Iterator[Result]:
    """Measure every level with every number of objects."""
    model = model_of(options.model, asked.seed, folder)
    for level in options.level.split(","):
        for objects in options.objects.split(","):
            one = replace(asked, objects=int(objects))
            if level == "network":
                yield measure_network(model, one)
            else:
                with tempfile.TemporaryDirectory(dir=folder) as shot:
                    place = Path(shot)
                    yield measure_pipeline(model, one, place, options.shot, options.runs)


def main() -> int:
    """Measure, print, and write down."""
    parser = argparse.ArgumentParser(description="How fast STMatte is, beside its plain path.")
    add_options(parser, frames=20, warm=2)
    parser.add_argument("--level", default="network")
    parser.add_argument("--objects", default="1")
    parser.add_argument("--shot", type=int, default=4, help="frames of the pipeline's shot")
    parser.add_argument("--runs", type=int, default=5, help="deliveries of the pipeline's shot")
    parser.add_argument("--schema", action="store_true", help="print the schema of the JSON")
    options = parser.parse_args()
    # as the command line does, for all contenders
    keeps = not options.as_library and keep_what_is_freed()
    if options.schema:
        print(schema(), end="")
        return 0
    watch = Elsewhere()
    try:
        if options.json is not None and options.json.is_file():
            read(options.json)  # what cannot be added to is told of first
        asked = asked_by(options)
        with tempfile.TemporaryDirectory() as folder:
            results = []
            for result in measured(options, asked, Path(folder)):
                print(as_text(result), flush=True)
                results.append(result)
    except StmatteError as error:
        print(error, file=sys.stderr)
        return 2
    run = run_of(results, asked.device, watch, "--json", keeps=keeps)
    print(run.machine.model_dump_json())
    if options.json is not None:
        add(options.json, run)
    return 0


if __name__ == "__main__":
    sys.exit(main())
