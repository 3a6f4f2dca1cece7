# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""How many weights each network has, and how much arithmetic a frame takes.

    python tests/benchmarks/effort.py [NETWORK ...]

A frame of 480 x 854 with one object: seeing it, remembering it, and telling the object with
eight memory frames, the first a key. Multiply-adds are counted on tensors that have shapes and
no numbers, by `stmatte.networks.effort`.
"""

from __future__ import annotations

import sys
from typing import cast

import torch

from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.networks.effort import multiply_adds
from stmatte.networks.protocol import Memory, Network, Query
from stmatte.networks.registry import NETWORKS

SIZE = (480, 854)
FRAMES = 8


def counted(network: Network) -> list[int]:
    """Return the multiply-adds of seeing, remembering and telling."""
    image, planes = torch.empty(3, *SIZE), torch.empty(2, *SIZE)
    queries: list[Query] = []
    memories: list[Memory] = []
    see = multiply_adds(lambda: queries.append(network.encode_query(image)))
    remember = multiply_adds(
        lambda: memories.append(network.encode_memory(image, queries[0], planes))
    )
    maps, objects = memories[0].maps, memories[0].objects
    frames = tuple(
        MemoryFrame(t, Origin.RESULT if t else Origin.KEY, maps, objects, (True,))
        for t in range(FRAMES)
    )
    return [see, remember, multiply_adds(lambda: network.segment(queries[0], Bank(frames)))]


def main() -> None:
    print(f"{'network':18} {'weights, M':>10} {'see, G':>8} {'remember':>9} {'tell':>8} {'all':>8}")
    for name in sys.argv[1:] or NETWORKS:
        with torch.device("meta"):
            made = NETWORKS[name].make().eval()
            parts = counted(cast(Network, made))
        weights = sum(p.numel() for p in made.parameters()) / 1e6
        told = "".join(f"{part / 1e9:9.2f}" for part in (*parts, sum(parts)))
        print(f"{name:18} {weights:10.2f}{told}", flush=True)


if __name__ == "__main__":
    main()
