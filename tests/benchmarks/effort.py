# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""How many weights each network has, and how much arithmetic a frame takes.

    python tests/benchmarks/effort.py [NETWORK ...]

A frame of 480 x 854 with one object: seeing it, remembering it, and telling the object with
eight memory frames, the first a key. An object is looked for everywhere, also by networks that
look only where it can be. Multiply-adds are counted on tensors that have shapes and
no numbers, by `stmatte.networks.effort`.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import cast

import torch

from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.networks.effort import multiply_adds
from stmatte.networks.protocol import Memory, Network, Query
from stmatte.networks.registry import NETWORKS
from stmatte.networks.stmatte_s import StmatteS
from stmatte.networks.stmatte_s_blocks import Recalled, Seen

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


def everywhere(network: StmatteS, seen: Seen, memory: tuple[MemoryFrame, ...]) -> Recalled:
    """Recall as if the object could be anywhere: tensors without numbers don't say where it is."""
    return network.recall_everywhere(seen, memory)._replace(near16=None)


def main() -> None:
    print(f"{'network':18} {'weights, M':>10} {'see, G':>8} {'remember':>9} {'tell':>8} {'all':>8}")
    for name in sys.argv[1:] or NETWORKS:
        with torch.device("meta"):
            made = NETWORKS[name].make().eval()
            if isinstance(made, StmatteS):
                vars(made)["recall"] = partial(everywhere, made)
            parts = counted(cast(Network, made))
        weights = sum(p.numel() for p in made.parameters()) / 1e6
        told = "".join(f"{part / 1e9:9.2f}" for part in (*parts, sum(parts)))
        print(f"{name:18} {weights:10.2f}{told}", flush=True)


if __name__ == "__main__":
    main()
