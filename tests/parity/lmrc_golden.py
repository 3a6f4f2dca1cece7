# SPDX-License-Identifier: Apache-2.0
"""Golden file of LMRC: every read and every list of the comparator, on small maps."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from torch import Tensor

from parity.outcome import Outcome
from parity.stm_golden import Settings, furthest
from stmatte.memory.local import best_nearby, difference, filled, moved, read_around
from stmatte.memory.nearest import nearest, read_nearest
from stmatte.networks.scaling import enlarged

NEAR = {torch.float32: 1e-5, torch.float64: 1e-9}
GIVEN = {"q4", "q3", "q2", "l4", "l3", "l2", "g4", "v4", "v3", "v2", "vg", "settings"}


def check_blocks(file: Path, weights: ModuleType) -> Outcome:
    """Compare in float32 to 1e-5 and in float64 to 1e-9; the distance told is the former."""
    del weights
    golden = np.load(file)
    settings = json.loads(str(golden["settings"]))
    off, worst = [], 0.0
    for dtype, allowed in NEAR.items():
        given = {n: torch.from_numpy(golden[n]).to(dtype) for n in GIVEN - {"settings"}}
        ours = blocks(given, settings)
        distances = {n: furthest(t.numpy(), golden[n]) for n, t in ours.items()}
        off += [f"{n} is {d:.1e} off in {dtype}" for n, d in distances.items() if not d <= allowed]
        if dtype is torch.float32:
            worst = max(distances.values())
    off += [f"{name} is not compared" for name in sorted(set(golden) - GIVEN - set(ours))]
    return Outcome(worst if golden.files else math.nan, trouble="; ".join(off))


def blocks(given: dict[str, Tensor], settings: Settings) -> dict[str, Tensor]:
    """Return all results by the names of the golden file; 4, 3, 2 are strides 16, 8, 4."""
    scale, reach, count = settings["s"], settings["d"], settings["k"]
    keys, values = given["g4"].transpose(0, 1), given["vg"].transpose(0, 1)[None]
    best = nearest(given["q4"], keys, scale, count).scores
    far = filled(best.T.reshape(-1, *given["q4"].shape[1:]), count)
    results = {"R_G": read_nearest(given["q4"], keys, values, scale)[0]}
    coarser = None
    for r in (4, 3, 2):
        query, key, value = (given[f"{kind}{r}"] for kind in "qlv")
        here = read_around(query, key, value[None], reach, scale)
        reads = {f"L{r}": here}
        if coarser is not None:
            far = enlarged(far[None], 2)[0]
            key, value = (moved(coarser.weights, maps) for maps in (key, value))
            reads[f"S{r}"] = read_around(query, key, value[None], reach, scale)
            results |= {f"K_S{r}": key, f"V_S{r}": value}
        coarser = here
        results[f"topk_G{r}"] = far
        for name, nearby in reads.items():
            top = best_nearby(nearby.similarity, count)
            results |= {f"R_{name}": nearby.read[0], f"topk_{name}": top}
            results[f"D_{name}"] = difference(top, far, settings["alpha"])
    return results
