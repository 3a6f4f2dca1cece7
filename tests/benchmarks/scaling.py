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
import shlex
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from timing.clip import RADIUS
from timing.machine import Elsewhere, machine
from timing.measure import Spread
from timing.models import model_of
from timing.network import Asked, measure_network
from timing.plot import Curve, as_plot
from timing.records import Contender, Result, Run, add, read
from timing.told import as_text, disturbed, without

from stmatte.cli.allocating import keep_what_is_freed
from stmatte.errors import StmatteError
from stmatte.networks.registry import choose_device

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
    parser.add_argument("--model", default="stmatte-s")
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--size", default="480x854", help="lines x columns")
    parser.add_argument("--objects", type=int, default=1)
    parser.add_argument("--radius", type=float, default=RADIUS, help="of objects: 0.5 is large")
    parser.add_argument("--memory", type=int, default=8)
    parser.add_argument("--frames", type=int, default=5, help="that count, at every point")
    parser.add_argument("--warm", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60, help="for a point")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-plain", dest="plain", action="store_false")
    parser.add_argument("--as-library", action="store_true", help="malloc stays as it is")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    # as the command line does, for all contenders
    keeps = not options.as_library and keep_what_is_freed()
    at = [int(word) for word in (options.at or AT[options.over]).split(",")]
    watch = Elsewhere()
    try:
        if options.json is not None and options.json.is_file():
            read(options.json)  # what cannot be added to is told of first
        height, width = (int(side) for side in options.size.split("x"))
        asked = Asked(
            device=choose_device(options.device),
            size=(height, width),
            objects=options.objects,
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
        results = []
        with tempfile.TemporaryDirectory() as folder:
            model = model_of(options.model, asked.seed, Path(folder))
            for point in at:
                results.append(measure_network(model, TO[options.over](asked, point)))
                print(as_text(results[-1]), flush=True)
    except StmatteError as error:
        print(error, file=sys.stderr)
        return 2
    words = [Path(sys.argv[0]).name, *without(sys.argv[1:], "--json", "--plot")]
    run = Run(
        machine=machine(asked.device, keeps=keeps),
        command=shlex.join(words),
        elsewhere=watch.share(),
        over=options.over,
        results=tuple(results),
    )
    if said := disturbed(run):
        print(said, file=sys.stderr)
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
