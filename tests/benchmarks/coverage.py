# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""How true coverage is, against clips whose true alphas are known. Decision 0005 rests on it.

    python tests/benchmarks/coverage.py CLIPS [--every 2] [--model NAME] [--height H]
                                        [--kept FOLDER] [--fit]

CLIPS holds a folder for each clip with `frames/NNNNN.jpg` and `alpha/NNNNN.png` (an object in
each channel). Every object that is there in the first frame is propagated alone, from
that frame's alpha and from the last one's, and both passes are fused. Printed is how far each
way from these planes to coverage is from the truth; with `--fit`, also other constants.
`--kept` keeps the planes, so that a second run with other code need not propagate again.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from stmatte.networks.aggregation import EPSILON, soft_aggregate
from stmatte.networks.protocol import Network
from stmatte.networks.registry import load_network
from stmatte.propagation import coverage
from stmatte.propagation.coverage import to_coverage
from stmatte.propagation.fusing import fuse
from stmatte.propagation.passes import KeyedMattes, run_pass, seeing

THERE = 50  # pixels' worth of alpha from which an object is in a frame
AROUND = 10  # pixels on either side of the true edge, and what counts as deep inside or outside
FOLLOWED = 0.85  # IoU from which an object is followed well enough to look at its ramps
BANDS = (6, 9, 24, 36)
SLIGHT = 0.7  # what planes claim together where a seam is only a slight error of theirs


def read_clip(folder: Path, height: int | None) -> tuple[Tensor, Tensor]:
    """Return pictures (T, 3, H, W) and alphas (T, N, H, W) of the objects in the first frame."""
    pictures, alphas = [], []
    for frame in sorted((folder / "frames").glob("*.jpg")):
        picture = cv2.cvtColor(cv2.imread(str(frame)), cv2.COLOR_BGR2RGB)
        alpha = cv2.imread(str(folder / "alpha" / f"{frame.stem}.png"), cv2.IMREAD_UNCHANGED)
        pictures.append(torch.from_numpy(picture).permute(2, 0, 1).float() / 255)
        alphas.append(torch.from_numpy(alpha[:, :, [2, 1, 0, 3][: alpha.shape[2]]]))
    truth = torch.stack(alphas).permute(0, 3, 1, 2).float() / 255
    truth = truth / truth.sum(dim=1, keepdim=True).clamp(min=1)  # 264 of 255 occurs
    truth, seen = truth[:, truth[0].sum(dim=(1, 2)) > THERE], torch.stack(pictures)
    if height is not None:
        size = (height, round(seen.shape[-1] * height / seen.shape[-2]))
        seen = F.interpolate(seen, size, mode="bilinear", antialias=True)
        truth = F.interpolate(truth, size, mode="bilinear", antialias=True)
    return seen, truth


def propagated(network: Network, pictures: Tensor, alphas: Tensor) -> Tensor:
    """Return the planes (T, N, H, W) of objects that are propagated alone, and fused."""
    last = len(pictures) - 1
    sights = [seeing(network, pictures.__getitem__)(t) for t in range(last + 1)]
    planes = torch.zeros_like(alphas)

    def walked(start: int, places: range, index: int) -> dict[int, Tensor]:
        key = KeyedMattes(alphas[start, index : index + 1], (True,))
        results = run_pass(network, sights.__getitem__, places, {start: key}, 1)
        return {place: found[1] for place, found in results}

    for index in range(alphas.shape[1]):
        found = walked(0, range(last + 1), index)
        if alphas[last, index].sum() > THERE:
            back = walked(last, range(last, -1, -1), index)
            found = {t: fuse(found[t], back[t], (last - t) / last).plane for t in found}
        planes[:, index] = torch.stack([found[t] for t in range(last + 1)])
    return planes


def clips(asked: argparse.Namespace, network: Network) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield true alphas and planes (T, N, H, W) of every clip but for its keyed frames."""
    folders = sorted(p for p in asked.clips.iterdir() if (p / "alpha").is_dir())[:: asked.every]
    for folder in folders:
        kept = asked.kept / f"{folder.name}.pt" if asked.kept else None
        if kept is not None and kept.is_file():
            alphas, planes = torch.load(kept)
        else:
            with torch.inference_mode():
                pictures, alphas = read_clip(folder, asked.height)
                planes = propagated(network, pictures, alphas)
            if kept is not None:
                kept.parent.mkdir(parents=True, exist_ok=True)
                torch.save((alphas, planes), kept)
            print(f"propagated {folder.name}", file=sys.stderr)
        yield alphas[1:-1], planes[1:-1]


def ways(aggregated: bool, tried: bool) -> dict[str, Callable[[Tensor], Tensor]]:
    """Return ways from planes (N, H, W) to coverage (N, H, W); `tried`: also what was rejected."""
    gain = coverage.GAIN / 2 if aggregated else coverage.GAIN

    def odds(planes: Tensor) -> Tensor:
        return torch.logit(planes, eps=EPSILON)

    def claims(planes: Tensor) -> Tensor:
        return (odds(planes) / (2 if aggregated else 1)).sigmoid()

    def curve(planes: Tensor) -> Tensor:
        return coverage._stretched((gain * odds(planes)).sigmoid())

    def in_proportion(planes: Tensor) -> Tensor:
        mattes = curve(planes)
        return mattes / mattes.sum(dim=0).clamp(min=1)

    def seams_left(planes: Tensor) -> Tensor:
        shares = coverage._shared(gain * odds(planes))
        band = coverage.default_band(planes.shape[-2])
        return coverage._stretched(coverage._hardened(shares, band))

    chosen = {
        "planes": lambda planes: planes,
        "claims": claims,
        "aggregated": lambda planes: soft_aggregate(claims(planes))[1:],
        "curve": curve,
        "coverage": lambda planes: to_coverage(planes, aggregated=aggregated),
    }
    bands = {f"band {px} px": partial(to_coverage, aggregated=aggregated, band=px) for px in BANDS}
    rejected = {"proportion": in_proportion, "seams left": seams_left, **bands}
    return {**chosen, **(rejected if tried else {})}


def grown(region: Tensor, pixels: int) -> Tensor:
    """Return a region (N, H, W), grown by so many pixels."""
    size = 2 * pixels + 1
    rows = F.max_pool2d(region.float(), (size, 1), 1, (pixels, 0))
    return F.max_pool2d(rows, (1, size), 1, (0, pixels)) > 0


def slopes(mattes: Tensor) -> Tensor:
    """Return the gradient's magnitude (N, H - 2, W - 2)."""
    across = (mattes[:, 1:-1, 2:] - mattes[:, 1:-1, :-2]) / 2
    down = (mattes[:, 2:, 1:-1] - mattes[:, :-2, 1:-1]) / 2
    return torch.hypot(across, down)


def ramp(mattes: Tensor) -> Tensor:
    """Return how many pixels wide mattes go from 10 to 90 %, (N): area by length of the edge."""
    area = ((mattes > 0.1) & (mattes < 0.9)).sum(dim=(1, 2))
    return area / slopes(mattes).sum(dim=(1, 2)).clamp(min=1)


class Errors:
    """Sums over all frames of what one way makes wrong."""

    def __init__(self) -> None:
        self.sums: dict[str, list[float]] = {}
        self.ramps: list[tuple[float, float]] = []  # true, found

    def add(self, name: str, wrong: Tensor, where: Tensor) -> None:
        """Add what is wrong at the places `where`."""
        of = self.sums.setdefault(name, [0.0, 0.0])
        of[0] += float(wrong[where].sum(dtype=torch.float64))
        of[1] += float(where.sum())

    def mean(self, name: str) -> float:
        """Return the mean of what was added under a name."""
        wrong, places = self.sums.get(name, (0.0, 0.0))
        return wrong / places if places else float("nan")

    def ratio(self, least: float, most: float) -> float:
        """Return the median ratio of found to true ramp, of true ramps between two widths."""
        ratios = [found / true for true, found in self.ramps if least <= true < most]
        return float(np.median(ratios)) if ratios else float("nan")


def add_frame(errors: Errors, found: Tensor, truth: Tensor, planes: Tensor) -> None:
    """Add one frame: found coverage, true coverage, and the planes, each (N, H, W)."""
    both = ((truth >= 0.5) & (planes >= 0.5)).sum(dim=(1, 2))
    either = ((truth >= 0.5) | (planes >= 0.5)).sum(dim=(1, 2))
    followed = both > FOLLOWED * either
    everywhere = torch.ones_like(truth, dtype=torch.bool)
    edge = grown(truth >= 0.5, AROUND) & grown(truth < 0.5, AROUND)
    away = (found - truth).abs()
    well = edge & followed.view(-1, 1, 1)
    for name, where in (("band", edge), ("well", well), ("whole", everywhere)):
        errors.add(f"{name} MAE", away, where)
        errors.add(f"{name} MSE", away**2, where)
    steeper = slopes(found) - slopes(truth)
    errors.add("gradient", steeper**2, edge[:, 1:-1, 1:-1])
    errors.add("core", found != 1, ~grown(truth < 1, AROUND) & followed.view(-1, 1, 1))
    errors.add("outside", found != 0, ~grown(truth > 0, AROUND) & followed.view(-1, 1, 1))
    total = found.sum(dim=0)
    errors.add("over", total > 1 + 1e-5, everywhere[0])
    if len(truth) > 1:
        touching = (truth.sum(dim=0) > 0.99) & (truth.topk(2, dim=0).values[1] > 0.2)
        touching &= followed.all()
        errors.add("seam", 1 - total, touching)
        errors.add("slight seam", 1 - total, touching & (planes.sum(dim=0) > SLIGHT))
    pairs = zip(ramp(truth[followed]).tolist(), ramp(found[followed]).tolist(), strict=True)
    errors.ramps += [(true, wide) for true, wide in pairs if true > 0]


def add_edges(errors: Errors, planes: Tensor, truth: Tensor, aggregated: bool) -> None:
    """Add how far true softness reaches, and what is in pieces that nowhere reach one half."""
    soft = (truth > 0.05) & (truth < 0.95)
    for far in (8, 16, 24):
        reached = grown(truth >= 0.5, far) & grown(truth < 0.5, far)
        errors.add(f"truly soft farther than {far} px from the edge, in %", 100.0 * ~reached, soft)
    matte = ways(aggregated, False)["curve"](planes)
    pieces = (matte > 0) & ~grown(planes >= 0.5, coverage.default_band(planes.shape[-2]))
    errors.add(
        "pieces below one half: error if delivered, x 1000", 1000 * (matte - truth).abs(), pieces
    )
    errors.add("pieces below one half: error if not, x 1000", 1000 * truth, pieces)


def print_table(table: dict[str, Errors]) -> None:
    """Print a line for each way."""
    print(f"{'':11}  band +-10 px   followed      whole frame   grad", end="")
    print("  not exact %     over  seam          ramp/true")
    print(f"{'':11}" + 3 * "   MAE    MSE ", end="")
    print("       core  outside 1, %   all  slight   all sharp  soft")
    for name, e in table.items():
        errors = [e.mean(f"{n} {m}") for n in ("band", "well", "whole") for m in ("MAE", "MSE")]
        exact = [e.mean(n) for n in ("core", "outside", "over")]
        print(
            f"{name:11}",
            " ".join(f"{1000 * x:6.2f}" for x in (*errors, e.mean("gradient"))),
            " ".join(f"{100 * x:6.2f}" for x in exact),
            " ".join(f"{e.mean(n):6.3f}" for n in ("seam", "slight seam")),
            " ".join(f"{e.ratio(*r):5.2f}" for r in ((0, 1e9), (0, 2), (4, 1e9))),
        )


def print_fit(counts: Tensor, odds: Tensor, aggregated: bool) -> None:
    """Print what other constants of the curve would give, and what any curve could.

    counts  (L, 256) pixels in the band, by log-odds of the plane and true alpha
    odds    (L) the log-odds
    """
    alphas = torch.arange(256, dtype=torch.float64) / 255
    seen = counts.sum(dim=1).clamp(min=1)

    def wrong(found: Tensor) -> tuple[float, float]:
        away = (found[:, None] - alphas).abs()
        mae, mse = (1000 * float((counts * w).sum() / counts.sum()) for w in (away, away**2))
        return mae, mse

    middle = (counts.cumsum(dim=1) * 2 >= seen[:, None]).int().argmax(dim=1)
    print("any curve: MAE not below", f"{wrong(alphas[middle])[0]:.1f},", end=" ")
    print(f"MSE not below {wrong((counts * alphas).sum(dim=1) / seen)[1]:.1f}")
    margins = (0, 0.05, 0.08, 0.1, 0.12, 0.15, 0.2)
    print("gain   margin", "".join(f"{m:13}" for m in margins))
    for gain in (1, 1.2, 1.4, 1.5, 1.6, 1.7, 1.8, 2, 2.5, 3):
        shares = (gain / (2 if aggregated else 1) * odds).sigmoid()
        cells = [wrong(((shares - m) / (1 - 2 * m)).clamp(0, 1)) for m in margins]
        print(f"{gain:4}         ", " ".join(f"{mae:6.1f}/{mse:5.1f}" for mae, mse in cells))


def main() -> int:
    """Propagate, measure, and print."""
    parser = argparse.ArgumentParser(description="How true coverage is.")
    parser.add_argument("clips", type=Path)
    parser.add_argument("--every", type=int, default=1, help="take every so manieth clip")
    parser.add_argument("--model", default="stmatte-s")
    parser.add_argument("--height", type=int, help="scale the clips to this height")
    parser.add_argument("--kept", type=Path, help="folder that keeps planes between runs")
    parser.add_argument("--fit", action="store_true", help="also try other constants")
    asked = parser.parse_args()
    network = load_network(asked.model, "cpu")
    aggregated = network.aggregates
    chosen = ways(aggregated, asked.fit)
    table, edges = {name: Errors() for name in chosen}, Errors()
    odds = torch.linspace(-12, 12, 481, dtype=torch.float64)
    counts = torch.zeros(481 * 256, dtype=torch.float64)
    measured = 0
    for clip in clips(asked, network):
        measured += 1
        for truth, planes in zip(*clip, strict=True):
            for name, way in chosen.items():
                add_frame(table[name], way(planes), truth, planes)
            add_edges(edges, planes, truth, aggregated)
            edge = grown(truth >= 0.5, AROUND) & grown(truth < 0.5, AROUND)
            level = ((torch.logit(planes[edge], eps=EPSILON) + 12) * 20).round().clamp(0, 480)
            at = level.long() * 256 + (truth[edge] * 255).round().long()
            counts += torch.bincount(at, minlength=len(counts))
    print(f"{asked.model}, {measured} clips of {asked.clips}, errors x 1000")
    print_table(table)
    if asked.fit:
        print("".join(f"{name}: {edges.mean(name):.1f}\n" for name in edges.sums), end="")
        print_fit(counts.view(481, 256), odds, aggregated)
    return 0


if __name__ == "__main__":
    sys.exit(main())
