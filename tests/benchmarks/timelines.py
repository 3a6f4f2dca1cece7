# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""How long a long timeline takes to be looked through, before anything is propagated.

    python tests/benchmarks/timelines.py --clips 2000 --frames 50

Writes a timeline on two tracks, empty files for its plates, all in one folder, and three keys
a shot; then runs `stmatte batch --dry-run` on it and prints the seconds of the processor and
of the clock, and writes the timeline with mattes as if all had been made.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import opentimelineio as otio

from stmatte.output import Output
from stmatte.pipeline import Delivery
from stmatte.shot import Key, MatteFile, Shot
from stmatte.timelines.batch import Outcome
from stmatte.timelines.opening import open_cut
from stmatte.timelines.shots import Order, shots_of
from stmatte.timelines.written import write_cut


def span(start: int, count: int) -> otio.opentime.TimeRange:
    rational = otio.opentime.RationalTime
    return otio.opentime.TimeRange(rational(start, 24), rational(count, 24))


def make(folder: Path, clips: int, frames: int) -> Path:
    """Write the timeline, its plates and its keys."""
    cut = otio.schema.Timeline("long")
    cut.tracks.extend(otio.schema.Track(name) for name in ("V1", "V2"))
    (folder / "plates").mkdir()
    for i in range(clips):
        name = f"sh{i:05d}"
        for frame in range(1001, 1001 + frames):
            (folder / "plates" / f"{name}.{frame}.exr").touch()
        (folder / "keys" / name).mkdir(parents=True)
        for frame in (1010, 1020, 1030):
            (folder / "keys" / name / f"hero.{frame}.png").touch()
        media = otio.schema.ExternalReference(f"plates/{name}.%04d.exr", span(86400, frames))
        cut.tracks[i % 2].append(otio.schema.Clip(name, media, span(86405, frames - 10)))
    path = folder / "long.otio"
    path.write_text(cut.to_json_string(), "utf-8")
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=2000)
    parser.add_argument("--frames", type=int, default=50)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.chdir(folder)
        path = make(folder, given.clips, given.frames)
        program = [sys.executable, "-m", "stmatte", "batch", str(path), "--dry-run"]
        words = ["--keys", "keys", "--out", "m/{shot}.####.exr", "--handles", "2"]
        began = time.monotonic()
        ran = subprocess.run([*program, *words], capture_output=True, text=True, check=True)
        wall = time.monotonic() - began
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert len(ran.stdout.splitlines()) == given.clips + 1
        print(f"dry run: {used.ru_utime + used.ru_stime:.1f} s of the processor, {wall:.1f} s")

        began, busy = time.monotonic(), time.process_time()
        cut, order = open_cut(path), Order(Output("m/{shot}.####.exr"), Path("keys"))
        made = Shot("p.####.exr", (Key(1010, {"hero": MatteFile("k.png")}),))
        done = [
            Outcome(
                shot,
                made,
                Delivery({f: (Path("m.exr"),) for f in shot.frames or ()}, {}, None),
                {f: {"hero": 0.5} for f in shot.frames or ()},
            )
            for shot in shots_of(cut, order)
        ]
        write_cut(cut, done, order, folder / "long.mattes.otio")
        busy, wall = time.process_time() - busy, time.monotonic() - began
        print(f"read, looked through and written: {busy:.1f} s of the processor, {wall:.1f} s")


if __name__ == "__main__":
    main()
