# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""What looking through a window is worth for small objects, and what it costs.

    python tests/benchmarks/focus.py DAVIS|CLIPS [NAME ...] [--height 160] [--frames 25]
        [--last] [--edges off|guided|matting] [--sheets FOLDER]

DAVIS is a folder as `stmatte evaluate davis16` takes it; CLIPS holds a folder a clip, with
`frames/NNNNN.jpg` and `alpha/NNNNN.png` (R, G, B, A = the mattes of objects 1 to 4), each of
which is propagated alone. The true mask of the first frame is keyed (with --last that of the
last one, too), and everything is propagated with focus off and auto. J and F are means over
the other frames, at the plate's size. SHEETS gets crops at 200 %. Printed as it goes, so that
it can be stopped at any time: the object's height or width, whichever is more, in parts of the
picture's on the first frame; J, F and seconds with focus off and auto; by how much larger the
object was seen on the first computed frame and on the last.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from stmatte.evaluation.davis import open_davis
from stmatte.evaluation.metrics import f_measure, jaccard
from stmatte.networks.protocol import Network
from stmatte.networks.registry import load_network
from stmatte.pipeline.checks import check_shot
from stmatte.pipeline.computing import found_in_store
from stmatte.pipeline.frames import frame_mattes
from stmatte.pipeline.planned import plan_shot
from stmatte.pipeline.propagate import walk
from stmatte.propagation.focus import View, Window, extent_of
from stmatte.propagation.sights import Sights
from stmatte.settings import Settings
from stmatte.shot import Key, Shot
from stmatte.store import RamStore

INSIDE = 0.5
SEEN = 50  # pixels that an object has at least in the first frame, to be asked for

Pixels = NDArray[Any]


@dataclass(frozen=True)
class Footage:
    """One object of a sequence.

    pictures  (H, W, 3) uint8
    mattes    (H, W) float32 in [0, 1], the truth
    """

    name: str
    pictures: list[Pixels]
    mattes: list[Pixels]


@dataclass(frozen=True)
class Result:
    """Means over the frames that were not keyed; scales on the first and the last of them."""

    j: float
    f: float
    seconds: float
    scales: tuple[float, float]
    mattes: dict[int, Pixels]


def davis(folder: Path, names: Sequence[str], frames: int) -> Iterator[Footage]:
    """Yield the first frames of DAVIS sequences; of all if no names are given."""
    for found in open_davis(folder).sequences(",".join(names) or "all"):
        pictures = [np.asarray(picture) for picture in islice(found.frames(), frames)]
        truth = [found.truth(index).astype(np.float32) for index in range(len(pictures))]
        yield Footage(found.name, pictures, truth)


def clips(folder: Path, names: Sequence[str], frames: int) -> Iterator[Footage]:
    """Yield every object of rendered clips; of all if no names are given."""
    there = sorted(path for path in folder.iterdir() if path.is_dir())
    for clip in (path for path in there if not names or path.name in names):
        paths = sorted((clip / "frames").glob("*.jpg"))[:frames]
        pictures = [np.asarray(cv2.imread(str(path)))[:, :, ::-1] for path in paths]
        alphas = [
            np.asarray(cv2.imread(str(clip / "alpha" / f"{path.stem}.png"), cv2.IMREAD_UNCHANGED))
            for path in paths
        ]
        for index, channel in enumerate([2, 1, 0, 3][: alphas[0].shape[2]]):
            mattes = [alpha[:, :, channel].astype(np.float32) / 255 for alpha in alphas]
            if mattes[0].sum() > SEEN:
                yield Footage(f"{clip.name}.{index + 1}", pictures, mattes)


def propagated(network: Network, shot: Footage, settings: Settings, *, last: bool) -> Result:
    """Propagate from the true matte of the first frame, and of the last one if wanted."""
    end = len(shot.pictures) - 1
    keys = [Key(f, {"object": shot.mattes[f]}) for f in ((0, end) if last else (0,))]
    checked = check_shot(Shot(dict(enumerate(shot.pictures)), tuple(keys), settings=settings))
    store = RamStore()
    planned = plan_shot(checked, network, store)
    start = time.perf_counter()
    walked = walk(planned, network, store, Sights(network, lasting=False), checked.frames)
    found = (each for each in walked if each is not None)
    mattes = {each.frame: frame_mattes(planned, each).mattes["object"] for each in found}
    seconds = time.perf_counter() - start
    (plan,) = planned.plan.objects
    asked = [frame for frame in mattes if plan.span_at(frame) is not None]
    scales = []
    for frame in (min(asked), max(asked)):
        known = found_in_store(planned, store, plan, frame)
        scales.append(0.0 if known is None else known.plane.shape[0] / planned.size[0])
    scored = [(mattes[f] >= INSIDE, shot.mattes[f] >= INSIDE) for f in asked]
    return Result(
        float(np.mean([jaccard(*pair) for pair in scored])),
        float(np.mean([f_measure(*pair) for pair in scored])),
        seconds,
        (scales[0], scales[1]),
        mattes,
    )


def extent(matte: Pixels) -> float:
    """Return the part of the picture's height or width that an object fills, the larger one."""
    plane = torch.from_numpy(matte)
    found = extent_of(
        View(Window.whole((matte.shape[0], matte.shape[1])), torch.stack([1 - plane, plane]))
    )
    return 0.0 if found is None else found.largest


def sheet(path: Path, shot: Footage, results: dict[str, Result], frames: Sequence[int]) -> None:
    """Write crops around the object at 200 %: picture, truth, and each result, a row a frame."""
    rows = []
    boxes = [cv2.boundingRect((m >= INSIDE).astype(np.uint8)) for m in shot.mattes]
    side = int(min(240, max(max(box[2:]) for box in boxes) + 24))
    for frame in frames:
        x, y, w, h = boxes[frame]
        height, width = shot.mattes[frame].shape
        left = min(max(0, x + w // 2 - side // 2), max(0, width - side))
        top = min(max(0, y + h // 2 - side // 2), max(0, height - side))
        part = slice(top, top + side), slice(left, left + side)
        grey = [shot.mattes[frame], *(result.mattes[frame] for result in results.values())]
        shown = [np.repeat((m[part] * 255).astype(np.uint8)[:, :, None], 3, axis=2) for m in grey]
        row = np.concatenate([shot.pictures[frame][part][:, :, ::-1], *shown], axis=1)
        rows.append(cv2.resize(row, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST))
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.concatenate(rows))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What focus is worth.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--height", type=int, default=160)
    parser.add_argument("--frames", type=int, default=25)
    parser.add_argument("--last", action="store_true")
    parser.add_argument("--edges", default="off")
    parser.add_argument("--sheets", type=Path)
    parser.add_argument("--model", default="stmatte-s")
    options = parser.parse_args(arguments)
    network = load_network(options.model, "cpu")
    settings = Settings(device="cpu", working_height=options.height, edges=options.edges)
    of_davis = (options.folder / "JPEGImages").is_dir()
    shots = (davis if of_davis else clips)(options.folder, options.names, options.frames)
    table: list[tuple[Result, Result]] = []
    print(f"{'':16} size   J off  auto   F off  auto   s off  auto  seen larger by", flush=True)
    for shot in shots:
        pair = {
            focus: propagated(network, shot, replace(settings, focus=focus), last=options.last)
            for focus in ("off", "auto")
        }
        off, auto = pair["off"], pair["auto"]
        print(
            f"{shot.name:16} {extent(shot.mattes[0]):.2f}   {off.j:.3f} {auto.j:.3f}  "
            f"{off.f:.3f} {auto.f:.3f}  {off.seconds:5.1f} {auto.seconds:5.1f}  "
            f"{auto.scales[0]:.1f}, {auto.scales[1]:.1f}",
            flush=True,
        )
        table.append((off, auto))
        if options.sheets is not None:
            frames = np.linspace(1, len(shot.pictures) - 2, 4).astype(int).tolist()
            sheet(options.sheets / f"{shot.name}_{options.height}.png", shot, pair, frames)
    larger = [pair for pair in table if pair[1].scales[0] > 1]
    for words, rows in ((f"all {len(table)}", table), (f"seen larger {len(larger)}", larger)):
        if rows:
            j, f = np.mean([[[r.j, r.f] for r in pair] for pair in rows], axis=0).T
            print(f"{words:16}        {j[0]:.3f} {j[1]:.3f}  {f[0]:.3f} {f[1]:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
