# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""How seconds a frame grow with frames, objects, resolution or memory.

    python tests/benchmarks/scaling.py --over objects [--at 1,2,3,5,10] [--model stmatte-s]
        [--json docs/speed-objects.json] [--plot docs/speed-objects.svg]
        [--precision bfloat16] [--compile] [--device cuda] [--frames 5] [--memory 8]
        [--radius 0.24] [--no-plain]

Every point is what `speed.py` measures at the network's level, ours and the plain path by turns.
Over frames memory grows as the network's own policy lets it; else it has `--memory` frames. Over
resolution a picture is 16:9, with so many lines.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from timing.machine import Elsewhere
from timing.measure import Spread
from timing.models import model_of
from timing.network import Asked, measure_network
from timing.options import add_options, asked_by, run_of
from timing.plot import Curve, as_plot
from timing.records import Contender, Result, add, read
from timing.told import as_text

from stmatte.allocating import keep_what_is_freed
from stmatte.errors import StmatteError

AT = {
    "frames": "10,50,100,200",
    "objects": "1,2,3,5,10",
    "resolution": "240,360,480,720",
    "memory": "8,16,32,64",
}
ACROSS = {
    "frames": "frames that have gone before",
    "objects": "objects",
    "resolution": "lines of the picture",
    "memory": "frames in the bank",
}
TO: dict[str, Callable[[Asked, int], Asked]] = {
    "frames": lambda asked, at: replace(asked, place=at, memory=None),
    "objects": lambda asked, at: replace(asked, objects=at),
    "resolution": lambda asked, at: replace(asked, size=(at, round(at * 16 / 9))),
    "memory": lambda asked, at: replace(asked, memory=at),
}


def curve(results: list[Result], at: list[int], contender: str) -> Curve:
    """Return one contender's points."""
    points = []
    for x, result in zip(at, results, strict=True):
        found: Contender = getattr(result, contender)
        points.append((float(x), Spread(**found.frame.model_dump())))
    return points


def main() -> int:
    """Measure point by point, print, write and draw."""
    parser = argparse.ArgumentParser(description="How seconds a frame grow.")
    parser.add_argument("--over", choices=tuple(AT), required=True)
    parser.add_argument("--at", help="the points")
    add_options(parser, frames=5, warm=1)
    parser.add_argument("--objects", type=int, default=1)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    # as the command line does, for all contenders
    keeps = not options.as_library and keep_what_is_freed()
    at = [int(word) for word in (options.at or AT[options.over]).split(",")]
    watch = Elsewhere()
    try:
        if options.json is not None and options.json.is_file():
            read(options.json)  # what cannot be added to is told of first
        asked = replace(asked_by(options), objects=options.objects)
        results = []
        with tempfile.TemporaryDirectory() as folder:
            model = model_of(options.model, asked.seed, Path(folder))
            for point in at:
                results.append(measure_network(model, TO[options.over](asked, point)))
                print(as_text(results[-1]), flush=True)
    except StmatteError as error:
        print(error, file=sys.stderr)
        return 2
    run = run_of(results, asked.device, watch, "--json", "--plot", keeps=keeps, over=options.over)
    if options.json is not None:
        add(options.json, run)
    if options.plot is not None:
        curves = {"ours": curve(results, at, "ours")}
        if asked.plain:
            curves["plain path"] = curve(results, at, "plain")
        on = run.machine
        title = f"{options.model}, {on.cpu}, {on.threads} threads, {on.device}"
        drawn = as_plot(curves, title, ACROSS[options.over], "seconds a frame")
        options.plot.parent.mkdir(parents=True, exist_ok=True)
        options.plot.write_text(drawn, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
