# SPDX-License-Identifier: Apache-2.0
"""Golden files of KMN: the kernelized read alone, and whole clips with it."""

from __future__ import annotations

import math
from pathlib import Path
from types import ModuleType

import numpy as np
import torch

from parity.outcome import Outcome
from parity.stm_golden import Settings, furthest, loaded, run_clip
from stmatte.memory.dot import read_dot
from stmatte.memory.kernelized import best_places, read_kernelized
from stmatte.networks.kmn import KMN

MOST_READ = 2e-5
"""How far a read in float32 may be from the golden one, which was made in float64."""


def check_clip(file: Path, weights: ModuleType) -> Outcome:
    """Propagate the first mask over the clip with the file's sigma, and compare all frames."""

    def made(settings: Settings) -> tuple[KMN, str]:
        return loaded(KMN(sigma=settings["sigma"]), weights, "stm", settings)

    return run_clip(file, made)


def check_read(file: Path, weights: ModuleType) -> Outcome:
    """Compare the read of each object: best places exactly, what is read to 2e-5."""
    del weights
    golden = {name: torch.from_numpy(array) for name, array in np.load(file).items()}
    worst, elsewhere = 0.0, 0
    for index, query in enumerate(golden["query_key"]):
        keys = golden["mem_key"][index].transpose(0, 1)
        values = golden["mem_value"][index].transpose(0, 1)[None]
        elsewhere += int((best_places(query, keys) != golden["best_query"][index]).sum())
        reads = {"stm_read": read_dot(query, keys, values)} | {
            f"read_sigma{sigma}": read_kernelized(query, keys, values, sigma) for sigma in (7, 3, 1)
        }
        for name, ours in reads.items():
            worst = max(worst, furthest(ours[0].numpy(), golden[name][index].numpy()))
    trouble = f"{elsewhere} memory places are best elsewhere" if elsewhere else ""
    return Outcome(worst if worst <= MOST_READ else math.inf, trouble=trouble)
