# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""What --steady brings: flicker and errors of propagated mattes with it and without.

    python tests/benchmarks/steady.py --davis DAVIS --clips CLIPS [--frames 24] [--height 240]
                                      [--only flamingo,h503000] [--sheet FOLDER]

Every object that is there in the first and the last frame is keyed on both and propagated once;
the same passes are put together with and without. Printed for both are, in the mean over the
frames between: chatter in pixels (`stmatte.evaluation.flicker`); dtSSD, how far the change
from one frame to the next is from that of the truth, which knows nothing of optical flow; the
error within 6 pixels of the true edge; and J and F at 0.5. `--sheet` draws some edges.

dtSSD is that of Rhemann et al., "A Perceptually Motivated Online Benchmark for Image Matting"
carried to video by Erofeev et al., BMVC 2015; times 100, over the whole picture.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.evaluation import f_measure, jaccard
from stmatte.evaluation.flicker import Neighbour, flicker
from stmatte.images import to_working, write_png
from stmatte.images.motion import Way, grey, ways
from stmatte.networks.registry import load_network
from stmatte.pipeline.checks import check_shot
from stmatte.pipeline.frames import frame_mattes
from stmatte.pipeline.planned import plan_shot
from stmatte.pipeline.propagate import walk
from stmatte.propagation.sights import Sights
from stmatte.settings import Settings
from stmatte.shot import Key, Shot
from stmatte.store import RamStore

Matte = NDArray[np.float32]
THERE = 50  # pixels' worth of alpha from which an object is in a frame
BAND = 6


@dataclass(frozen=True)
class Truth:
    """A sequence at the height that it is propagated at.

    plate    (h, w, 3) uint8 of each frame
    objects  name -> (h, w) of each frame
    """

    name: str
    plate: tuple[NDArray[np.uint8], ...]
    objects: Mapping[str, tuple[Matte, ...]]


def read(
    name: str, pictures: Sequence[Path], alphas: Sequence[Path], height: int, *, labels: bool
) -> Truth:
    """Read a sequence; `labels` says that alphas are labels of one object, as DAVIS has them."""
    first = cv2.imread(str(pictures[0]))
    size = height, round(first.shape[1] * height / first.shape[0])
    plate, planes = [], []
    for picture, alpha in zip(pictures, alphas, strict=True):
        rgb = cv2.cvtColor(cv2.imread(str(picture)), cv2.COLOR_BGR2RGB)
        small = to_working(rgb, size)
        plate.append(np.clip(np.rint(small), 0, 255).astype(np.uint8))
        if labels:
            drawn = np.where(cv2.imread(str(alpha), cv2.IMREAD_GRAYSCALE) > 0, 255, 0)[:, :, None]
        else:
            drawn = cv2.imread(str(alpha), cv2.IMREAD_UNCHANGED)
            drawn = drawn[:, :, [2, 1, 0, 3][: drawn.shape[2]]]
        planes.append(to_working(np.float32(drawn) / 255, size).reshape(*size, -1))
    objects = {
        f"object{n + 1}": tuple(np.ascontiguousarray(p[:, :, n]) for p in planes)
        for n in range(planes[0].shape[2])
        if min(planes[0][:, :, n].sum(), planes[-1][:, :, n].sum()) > THERE
    }
    return Truth(name, tuple(plate), objects)


def propagated(truth: Truth, height: int, model: str) -> tuple[dict[int, Any], dict[int, Any]]:
    """Return frame -> mattes without and with steadying, from the same passes."""
    last = len(truth.plate) - 1
    keys = tuple(
        Key(frame, {name: mattes[frame] for name, mattes in truth.objects.items()})
        for frame in (0, last)
    )
    settings = Settings(model=model, working_height=height, device="cpu")
    network, store, made = load_network(model, "cpu"), RamStore(), []
    for steady in (False, True):
        shot = Shot(dict(enumerate(truth.plate)), keys, settings=replace(settings, steady=steady))
        planned = plan_shot(check_shot(shot), network, store)
        walks = walk(planned, network, store, Sights(network), planned.checked.frames)
        found = [frame_mattes(planned, each) for each in walks if each is not None]
        made.append({each.frame: each.mattes for each in found})
    return made[0], made[1]


def measured(mattes: Sequence[Matte], truth: Sequence[Matte], led: Sequence[Any]) -> list[float]:
    """Return chatter, dtSSD, error in the band, J and F."""
    rows: list[list[float]] = []
    disk = np.ones((2 * BAND + 1, 2 * BAND + 1), np.uint8)
    for t in range(1, len(mattes) - 1):
        before, after = Neighbour(mattes[t - 1], led[t - 1][1]), Neighbour(mattes[t + 1], led[t][0])
        found = flicker(mattes[t], before, after)
        inside = (truth[t] >= 0.5).astype(np.uint8)
        band = cv2.dilate(inside, disk) != cv2.erode(inside, disk)
        apart = (mattes[t] - mattes[t - 1]) - (truth[t] - truth[t - 1])
        rows.append(
            [
                np.nan if found.chatter is None else found.chatter,
                100 * float(np.sqrt((apart**2).mean())),
                100 * float(np.abs(mattes[t] - truth[t])[band].mean()) if band.any() else np.nan,
                100 * jaccard(mattes[t] >= 0.5, inside),
                100 * f_measure(mattes[t] >= 0.5, inside),
            ]
        )
    return [float(mean) for mean in np.nanmean(np.array(rows), axis=0)]


def sheet(path: Path, truth: Truth, name: str, *rows: Sequence[Matte]) -> None:
    """Draw six frames from the middle on: the plate, and the mattes around the edge."""
    middle = len(truth.plate) // 2
    frames = range(middle - 3, middle + 3)
    box = np.argwhere(np.max([truth.objects[name][t] for t in frames], axis=0) >= 0.5)
    (top, left), (bottom, right) = box.min(axis=0), box.max(axis=0)
    cut = np.s_[max(0, top - 8) : bottom + 8, max(0, left - 8) : right + 8]
    lines = [np.hstack([truth.plate[t][cut] for t in frames])]
    for mattes in rows:
        grey_ = np.hstack([mattes[t][cut] for t in frames])
        lines.append(np.repeat(np.rint(grey_ * 255).astype(np.uint8)[:, :, None], 3, axis=2))
    steps = [np.hstack([np.abs(m[t] - m[t - 1])[cut] for t in frames]) for m in rows]
    lines += [np.repeat(np.rint(s * 255).astype(np.uint8)[:, :, None], 3, axis=2) for s in steps]
    drawn = np.vstack(lines)
    big = cv2.resize(drawn, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
    write_png(path, np.asarray(big, np.uint8))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--davis", type=Path)
    parser.add_argument("--clips", type=Path)
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--height", type=int, default=240)
    parser.add_argument("--model", default="stmatte-s")
    parser.add_argument("--only", default="")
    parser.add_argument("--sheet", type=Path)
    options = parser.parse_args()
    places = []
    if options.davis:
        for folder in sorted((options.davis / "Annotations").iterdir()):
            alphas = sorted(folder.glob("*.png"))[: options.frames]
            pictures = [
                options.davis / "JPEGImages" / folder.name / f"{a.stem}.jpg" for a in alphas
            ]
            places.append((folder.name, pictures, alphas, True))
    if options.clips:
        for folder in sorted(path for path in options.clips.iterdir() if path.is_dir()):
            pictures = sorted((folder / "frames").glob("*.jpg"))[: options.frames]
            alphas = [folder / "alpha" / f"{picture.stem}.png" for picture in pictures]
            places.append((folder.name, pictures, alphas, False))
    only = set(filter(None, options.only.split(",")))
    everything: list[list[list[float]]] = []
    print("chatter dtSSD band J F, without and with --steady")
    for title, pictures, alphas, labels in places:
        if only and title not in only:
            continue
        truth = read(title, pictures, alphas, options.height, labels=labels)
        if not truth.objects:
            continue
        lights = [grey(np.float32(picture) / 255) for picture in truth.plate]
        led: list[tuple[Way, Way]] = [ways(*pair) for pair in pairwise(lights)]
        both = propagated(truth, options.height, options.model)
        for name, true in truth.objects.items():
            series = [[made[frame][name] for frame in range(len(true))] for made in both]
            numbers = [measured(mattes, true, led) for mattes in series]
            everything.append(numbers)
            words = "  ".join(" ".join(f"{n:6.2f}" for n in each) for each in numbers)
            print(f"{truth.name:12} {name}: {words}", flush=True)
            if options.sheet:
                sheet(options.sheet / f"{truth.name}_{name}.png", truth, name, *series)
    if everything:
        table = np.array(everything)
        means = "  ".join(" ".join(f"{n:6.2f}" for n in each) for each in np.nanmean(table, axis=0))
        better = (np.sign(table[:, 0] - table[:, 1]) * [1, 1, 1, -1, -1] > 0).sum(axis=0)
        print(f"mean: {means}   better in {better.tolist()} of {len(table)}")


if __name__ == "__main__":
    main()
