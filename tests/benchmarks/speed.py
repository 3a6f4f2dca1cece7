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
import shlex
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from timing.clip import RADIUS
from timing.machine import Elsewhere, machine
from timing.models import model_of
from timing.network import Asked, measure_network
from timing.pipeline import measure_pipeline
from timing.records import Result, Run, add, read, schema
from timing.told import as_text, disturbed, without

from stmatte.cli.allocating import keep_what_is_freed
from stmatte.errors import StmatteError
from stmatte.networks.registry import choose_device


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
    parser.add_argument("--model", default="stmatte-s")
    parser.add_argument("--level", default="network")
    parser.add_argument("--objects", default="1")
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--size", default="480x854", help="lines x columns")
    parser.add_argument("--radius", type=float, default=RADIUS, help="of objects: 0.5 is large")
    parser.add_argument("--memory", type=int, default=8, help="frames in the bank")
    parser.add_argument("--frames", type=int, default=20, help="that count, of each")
    parser.add_argument("--warm", type=int, default=2, help="frames before them")
    parser.add_argument("--seconds", type=float, default=60, help="then five turns must do")
    parser.add_argument("--shot", type=int, default=4, help="frames of the pipeline's shot")
    parser.add_argument("--runs", type=int, default=5, help="deliveries of the pipeline's shot")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-plain", dest="plain", action="store_false")
    parser.add_argument("--as-library", action="store_true", help="malloc stays as it is")
    parser.add_argument("--json", type=Path)
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
        height, width = (int(side) for side in options.size.split("x"))
        asked = Asked(
            device=choose_device(options.device),
            size=(height, width),
            radius=options.radius,
            memory=options.memory,
            frames=options.frames,
            warm=options.warm,
            limit=options.seconds,
            seed=options.seed,
            precision=options.precision,
            compile=options.compile,
            plain=options.plain,
        )
        with tempfile.TemporaryDirectory() as folder:
            results = []
            for result in measured(options, asked, Path(folder)):
                print(as_text(result), flush=True)
                results.append(result)
    except StmatteError as error:
        print(error, file=sys.stderr)
        return 2
    words = [Path(sys.argv[0]).name, *without(sys.argv[1:], "--json")]
    run = Run(
        machine=machine(asked.device, keeps=keeps),
        command=shlex.join(words),
        elsewhere=watch.share(),
        results=tuple(results),
    )
    if said := disturbed(run):
        print(said, file=sys.stderr)
    print(run.machine.model_dump_json())
    if options.json is not None:
        add(options.json, run)
    return 0


if __name__ == "__main__":
    sys.exit(main())
