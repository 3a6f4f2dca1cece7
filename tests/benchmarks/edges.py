# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""What edges cost and are worth. Decision 0009 rests on it.

    python tests/benchmarks/edges.py --speed
    python tests/benchmarks/edges.py --true CLIPS [--every 3]
    python tests/benchmarks/edges.py --network CLIPS [--scale 2] [--frames 11] [--kept FOLDER]

`--speed` times a frame with two people's worth of edges at 1080p and 4K and tells what memory
it takes. `--true` takes the true alphas of rendered clips, averages them down to a quarter, and
brings them back. `--network` propagates at the plate's height over `--scale`, from a key on
the first and the last of so many frames, and compares what comes of that. CLIPS holds a folder
for each clip with `frames/NNNNN.jpg` and `alpha/NNNNN.png`, and `manifest.csv`; or it is a DAVIS
folder with `JPEGImages` and `Annotations`, whose truth is hard. What is printed so far stays
if it is stopped.
"""

from __future__ import annotations

import argparse
import csv
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import cv2
import numpy as np
import psutil
import torch
import torch.nn.functional as F
from coverage import propagated, read_clip
from torch import Tensor

from stmatte.evaluation.metrics import f_measure, jaccard
from stmatte.images import Picture, to_display
from stmatte.networks.registry import load_network
from stmatte.propagation.coverage import to_coverage
from stmatte.refine import Guide, Places, refine
from stmatte.settings import Edges

del sys.modules["coverage"], sys.path[0]  # numba would take it for the package of that name

WAYS: tuple[Edges, ...] = ("off", "guided", "matting")
THERE = 50  # pixels' worth of alpha from which an object is in a frame
FOLLOWED = 0.8  # IoU from which an object is followed well enough to look at its edges
AROUND = 15  # side of the square around an edge within which errors count
GRADIENT = 1.4  # pixels, the derivative of Gaussian of Rhemann et al., "A Perceptually
#                 Motivated Online Benchmark for Image Matting", CVPR 2009
KINDS = ("sharp", "motion blur", "defocus", "hair", "network")


@dataclass(frozen=True)
class Example:
    """A frame: what kind it is, its plate (H, W, 3), true alphas, and coverage (N, h, w)."""

    kind: str
    plate: Tensor
    truth: Tensor
    coverage: Tensor

    def guide(self, rows: Places, columns: Places) -> Tensor:
        return self.plate[rows, columns]


def kind_of(row: dict[str, str]) -> str | None:
    """Return what a clip of the manifest is an example of."""
    if "fur" in row["kinds"] or "fuzz" in row["kinds"]:
        return "hair"
    if row["dof"] == "1":
        return "defocus"
    shutter = float(row["shutter"] or 0)
    return "motion blur" if shutter >= 0.5 else "sharp" if shutter < 0.35 else None


def true_examples(clips: Path, every: int, scale: int) -> Iterator[Example]:
    """Yield one frame of every so manieth clip, its alphas averaged down."""
    with (clips / "manifest.csv").open() as rows:
        known = [row for row in csv.DictReader(rows) if (clips / row["name"]).is_dir()]
    for row in known[::every]:
        kind = kind_of(row)
        if kind is not None:
            pictures, alphas = read_clip(clips / row["name"], None)
            truth = alphas[4][alphas[4].sum(dim=(1, 2)) > THERE]
            if len(truth):
                plate = pictures[4].permute(1, 2, 0).contiguous()
                yield Example(kind, plate, truth, F.avg_pool2d(truth, scale))


def davis(folder: Path, name: str) -> tuple[Tensor, Tensor]:
    """Return pictures (T, 3, H, W) and the hard truth (T, 1, H, W) of a DAVIS sequence."""
    files = sorted((folder / "JPEGImages" / name).glob("*.jpg"))
    pictures = [cv2.cvtColor(cv2.imread(str(f)), cv2.COLOR_BGR2RGB) for f in files]
    masks = [cv2.imread(str(folder / "Annotations" / name / f"{f.stem}.png"), 0) for f in files]
    seen = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255
    return seen, torch.from_numpy(np.stack(masks) > 0).float()[:, None]


def network_examples(asked: argparse.Namespace) -> Iterator[Example]:
    """Yield frames between two keys, with what the network found at a lower resolution."""
    clips, scale = asked.network, asked.scale
    network = load_network(asked.model, "cpu")
    is_davis = (clips / "JPEGImages").is_dir()
    folders = sorted((clips / "JPEGImages" if is_davis else clips).iterdir())
    for folder in folders:
        if not folder.is_dir():
            continue
        kept = asked.kept / f"{folder.name}_{scale}_{asked.frames}.pt" if asked.kept else None
        if kept is not None and kept.is_file():
            pictures, alphas, found = torch.load(kept)
        else:
            pictures, alphas = davis(clips, folder.name) if is_davis else read_clip(folder, None)
            start = (len(pictures) - asked.frames) // 3
            pictures, alphas = (x[start : start + asked.frames] for x in (pictures, alphas))
            alphas = alphas[:, alphas[0].sum(dim=(1, 2)) > THERE]
            with torch.inference_mode():
                small = [F.avg_pool2d(x, scale) for x in (pictures, alphas)]
                planes = propagated(network, small[0], small[1])
                found = [to_coverage(p, aggregated=network.aggregates) for p in planes]
            every = slice(2, -2, 3)
            found = torch.stack(found[every])
            pictures, alphas = pictures[every].clone(), alphas[every].clone()
            if kept is not None:
                kept.parent.mkdir(parents=True, exist_ok=True)
                torch.save((pictures, alphas, found), kept)
        for picture, truth, coverage in zip(pictures, alphas, found, strict=True):
            true, said = F.avg_pool2d(truth, scale) >= 0.5, coverage >= 0.5
            followed = (true & said).sum(dim=(1, 2)) > FOLLOWED * (true | said).sum(dim=(1, 2))
            if followed.any():
                plate = picture.permute(1, 2, 0).contiguous()
                yield Example("network", plate, truth[followed], coverage[followed])


def slopes(mattes: Tensor) -> Tensor:
    """Return the gradient's magnitude (N, H, W), by the derivative of a Gaussian."""
    places = torch.arange(-5, 6).float()
    bell = torch.exp(-(places**2) / (2 * GRADIENT**2))
    bell = bell / bell.sum()
    slope = -places / GRADIENT**2 * bell
    slope = slope / slope.abs().sum()
    wide = F.pad(mattes[:, None], [5] * 4, mode="replicate")

    def along(rows: Tensor, columns: Tensor) -> Tensor:
        return F.conv2d(F.conv2d(wide, rows.view(1, 1, -1, 1)), columns.view(1, 1, 1, -1))[:, 0]

    return torch.hypot(along(bell, slope), along(slope, bell))


def errors(found: Tensor, truth: Tensor) -> tuple[float, float, float, float]:
    """Return MAD and gradient error around edges, x 1000, and J and F (1 pixel) in percent."""
    edge = F.max_pool2d(truth, 3, 1, 1) + F.max_pool2d(-truth, 3, 1, 1) > 0
    near = F.max_pool2d(edge.any(dim=0).float()[None], AROUND, 1, AROUND // 2)[0] > 0
    mad = float((found - truth).abs()[:, near].mean())
    gradient = float(((slopes(found) - slopes(truth)) ** 2)[:, near].mean())
    masks = [(a.numpy() >= 0.5, b.numpy() >= 0.5) for a, b in zip(found, truth, strict=True)]
    region = np.mean([jaccard(a, b) for a, b in masks])
    contour = np.mean([f_measure(a, b, bound=1) for a, b in masks])
    return 1000 * mad, 1000 * gradient, 100 * float(region), 100 * float(contour)


def measure(examples: Iterator[Example]) -> None:
    """Print a table of all ways, kind by kind."""
    table: dict[tuple[str, str], list[tuple[float, ...]]] = {}
    spent = dict.fromkeys(("bilinear", *WAYS), 0.0)
    try:
        for each in examples:
            size = (each.truth.shape[1], each.truth.shape[2])
            for way in spent:
                start = time.process_time()
                if way == "bilinear":
                    found = F.interpolate(each.coverage[None], size, mode="bilinear")[0]
                else:
                    found = refine(each.coverage, size, each.guide, way)  # type: ignore[arg-type]
                spent[way] += time.process_time() - start
                table.setdefault((each.kind, way), []).append(errors(found, each.truth))
    finally:
        print("kind         frames  way        MAD   gradient      J      F")
        for kind in KINDS:
            for way in spent:
                if rows := table.get((kind, way)):
                    means = np.mean(rows, axis=0)
                    print(f"{kind:12} {len(rows):5}   {way:9}", *(f"{x:7.2f}" for x in means))


def two_people(size: tuple[int, int]) -> Tensor:
    """Return two soft shapes (2, h, w) with limbs, about 45 and 30 % of the picture high."""
    height, width = size
    down, along = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")

    def shape(x: float, y: float, tall: float) -> Tensor:
        turn = torch.atan2(down - y * height, along - x * width)
        away = torch.hypot(down - y * height, along - x * width)
        radius = tall * height * (0.35 + 0.15 * torch.sin(5 * turn))
        return ((radius - away) / 2 + 0.5).clamp(0, 1)

    return torch.stack([shape(0.3, 0.5, 0.45), shape(0.75, 0.55, 0.3)])


def linear_guide(size: tuple[int, int]) -> Guide:
    """Return a scene-linear plate's view, made piece by piece as a delivery does it."""
    light = torch.rand(*size, 3, generator=torch.Generator().manual_seed(1)).numpy()

    def show(rows: Places, columns: Places) -> Tensor:
        part = light[rows, columns]
        shown = to_display(Picture(part.reshape(-1, part.shape[-2], 3), "lin_rec709_scene"))
        return torch.from_numpy(shown.reshape(part.shape))

    return show


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def speed() -> None:
    """Print what a frame costs, largest last, so that peaks are each way's own."""
    print(f"threads {torch.get_num_threads()}, load {psutil.getloadavg()[0]:.1f} before")
    for size in ((1080, 1920), (2160, 4096)):
        working = (480, round(480 * size[1] / size[0]))
        mattes, guide = two_people(working), linear_guide(size)
        share = float(((mattes > 0) & (mattes < 1)).any(dim=0).float().mean())
        print(f"{size[1]}x{size[0]}, 2 objects, {100 * share:.1f} % of the picture soft")
        for way in WAYS:
            walls, works, before = [], [], peak()
            if way == "matting":
                refine(mattes[:, :64, :64], (64, 64), guide, way)  # it compiles once
            for _ in range(2 if way == "matting" else 9):
                start, work = time.perf_counter(), time.process_time()
                refine(mattes, size, guide, way)
                walls.append(time.perf_counter() - start)
                works.append(time.process_time() - work)
            if way != "matting":  # the first one makes the matrices
                walls, works = walls[1:], works[1:]
            print(
                f"  {way:8} median {median(walls):.3f} s, fastest {min(walls):.3f} s, "
                f"of all cores {median(works):.3f} s, peak {peak():.2f} GiB ({before:.2f} before)"
            )
    print(f"load {psutil.getloadavg()[0]:.1f} after")


def main() -> int:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description="What edges cost and are worth.")
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--true", type=Path)
    parser.add_argument("--network", type=Path)
    parser.add_argument("--every", type=int, default=1, help="take every so manieth clip")
    parser.add_argument("--scale", type=int, default=4)
    parser.add_argument("--frames", type=int, default=11)
    parser.add_argument("--model", default="stmatte-s")
    parser.add_argument("--kept", type=Path, help="folder that keeps coverage between runs")
    asked = parser.parse_args()
    if asked.speed:
        speed()
    if asked.true:
        measure(true_examples(asked.true, asked.every, asked.scale))
    if asked.network:
        measure(network_examples(asked))
    return 0


if __name__ == "__main__":
    sys.exit(main())
