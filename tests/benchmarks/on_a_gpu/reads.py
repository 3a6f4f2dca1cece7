# SPDX-License-Identifier: Apache-2.0
"""Fused reads against the whole affinity in double precision, and against tiles by the clock."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from stmatte.memory import dot
from stmatte.memory.fused import recall_fused

from ..timing.measure import by_turns, spread
from .ceilings import PRECISIONS

READS = {
    "stm": (128, 512),
    "stm, three objects of one memory": (128, 3 * 512),
    "by distance, as STCN's while it learns": (65, 512),
    "kernelized, as KMN's": (131, 512),
    "wider than a flash kernel": (320, 512),
}
"""Name -> features of keys and of values."""


def measure_reads(device: torch.device, places: int, frames: int) -> list[dict[str, Any]]:
    """Measure every kind of read in every precision.

    places  of the query, and of each memory frame
    """
    return [
        {"read": name, "precision": precision, **_one(device, places, frames, k, v, kind)}
        for name, (k, v) in READS.items()
        for precision, kind in PRECISIONS.items()
    ]


def _one(
    device: torch.device, places: int, frames: int, k: int, v: int, kind: torch.dtype
) -> dict[str, Any]:
    torch.manual_seed(0)
    asked = (torch.randn(places, k, device=device) / math.sqrt(k)).to(kind)
    known = torch.randn(k, frames * places, device=device).to(kind)
    stored = torch.randn(frames * places, v, device=device).to(kind)
    with torch.inference_mode():
        held = _peak(device)
        read = recall_fused(asked, known, stored)
        if read is None:
            return {"kernel": False}
        held = _peak(device) - held
        off = (read.double() - _whole(asked, known, stored)).abs()
        whole = asked.float(), known.float(), stored.float()
        told = by_turns(
            {
                "fused": lambda: recall_fused(asked, known, stored),
                "tiles": lambda: _tiles(*whole),
            },
            10,
            3,
            device,
        )
    return {
        "kernel": True,
        "most_off": float(off.max()),
        "mean_off": float(off.mean()),
        "bytes_taken": held,
        "bytes_of_the_affinity": 4 * places * frames * places,
        "seconds": spread(told["fused"]).median,
        "seconds_of_tiles_in_float32": spread(told["tiles"]).median,
    }


def _whole(asked: Tensor, known: Tensor, stored: Tensor) -> Tensor:
    parts = [
        (part.double() @ known.double()).softmax(dim=1) @ stored.double()
        for part in asked.split(256)
    ]
    return torch.cat(parts)


def _tiles(asked: Tensor, known: Tensor, stored: Tensor) -> Tensor:
    rows, columns = dot.tile(len(asked), len(stored), dot.AFFINITY_BUDGET // 4)
    return torch.cat([dot._recall(part, known, stored, columns) for part in asked.split(rows)])


def _peak(device: torch.device) -> int:
    """Return the most bytes that were taken since the last time, and begin to look anew."""
    if device.type != "cuda":
        return 0
    torch.cuda.synchronize(device)
    most = torch.cuda.max_memory_allocated(device)
    torch.cuda.reset_peak_memory_stats(device)
    return most
