# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""Objects propagated together, beside every object alone: what competition in memory is worth.

    python tests/benchmarks/alone.py CLIPS [--model NAME]

CLIPS holds a folder a clip, with `frames/NNNNN.jpg` and `alpha/NNNNN.png` (R, G, B, A = the
mattes of objects 1 to 4). Every clip is propagated from the mattes of its first frame:
once in one pass of all objects, which compete for every frame before it is remembered,
and once in a pass of its own for each object, whose results meet at the end. Printed is
J of every object, the mean over the other frames.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from stmatte.evaluation.metrics import jaccard
from stmatte.networks.aggregation import soft_aggregate
from stmatte.networks.protocol import Network
from stmatte.networks.registry import load_network
from stmatte.propagation.passes import KeyedMattes, run_pass, seeing

SEEN = 50  # pixels that an object has at least in the first frame, to be asked for


def read_clip(folder: Path) -> tuple[list[Tensor], Tensor]:
    """Return pictures (3, H, W), and true mattes (T, N, H, W) of objects in the first frame."""
    paths = sorted((folder / "frames").glob("*.jpg"))
    pictures, mattes = [], []
    for path in paths:
        picture = cv2.imread(str(path))[:, :, ::-1].astype(np.float32) / 255
        alpha = cv2.imread(str(folder / "alpha" / f"{path.stem}.png"), cv2.IMREAD_UNCHANGED)
        order = [2, 1, 0, 3][: alpha.shape[2]]
        pictures.append(torch.from_numpy(picture).permute(2, 0, 1))
        mattes.append(alpha[:, :, order].astype(np.float32) / 255)
    truth = torch.from_numpy(np.stack(mattes)).permute(0, 3, 1, 2)
    return pictures, truth[:, truth[0].sum(dim=(1, 2)) > SEEN]


def propagated(network: Network, pictures: list[Tensor], key: Tensor) -> Tensor:
    """Return planes (T, N + 1, H, W) from a key (N, H, W) on the first frame."""
    keyed = {0: KeyedMattes(key, (True,) * len(key))}
    see = seeing(network, lambda place: pictures[place])
    passed = run_pass(network, see, range(len(pictures)), keyed, len(key))
    return torch.stack([planes for _, planes in passed])


def alone(network: Network, pictures: list[Tensor], key: Tensor) -> Tensor:
    """As `propagated`, with a pass for each object."""
    planes = [propagated(network, pictures, one[None])[:, 1] for one in key]
    together = torch.stack(planes, dim=1)
    claims = torch.sigmoid(torch.logit(together, eps=1e-7) / 2)  # before they were aggregated
    return torch.stack([soft_aggregate(frame) for frame in claims])


def scores(planes: Tensor, truth: Tensor) -> list[float]:
    """Return J of every object, the mean over all frames but the first."""
    background = (1 - truth.sum(dim=1, keepdim=True)).clamp(min=0)
    true = torch.cat([background, truth], dim=1).argmax(dim=1)
    said = planes.argmax(dim=1)
    return [
        float(
            np.mean(
                [
                    jaccard((said[t] == n).numpy(), (true[t] == n).numpy())
                    for t in range(1, len(true))
                ]
            )
        )
        for n in range(1, truth.shape[1] + 1)
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Objects together, and alone.")
    parser.add_argument("clips", type=Path)
    parser.add_argument("--model", default="stmatte-s")
    options = parser.parse_args(arguments)
    network = load_network(options.model, "cpu")
    both: dict[str, list[float]] = {"together": [], "alone": []}
    for folder in sorted(path for path in options.clips.iterdir() if path.is_dir()):
        pictures, truth = read_clip(folder)
        key = truth[0] / truth[0].sum(dim=0).clamp(min=1)
        for name, way in (("together", propagated), ("alone", alone)):
            found = scores(way(network, pictures, key), truth)
            both[name] += found
            print(folder.name, f"{name:8}", *(f"{j:.3f}" for j in found), flush=True)
    print({name: round(float(np.mean(js)), 4) for name, js in both.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
