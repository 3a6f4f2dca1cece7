# SPDX-License-Identifier: Apache-2.0
"""How many bytes a network takes: for what it keeps of a frame, and for a step of its work.

What it keeps is found by showing it a small picture. What a step takes for a moment cannot
be asked, so it was counted, tensor by tensor, and stands in a table. Knows no budget.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from stmatte.memory.dot import AFFINITY_BUDGET
from stmatte.networks.precision import plain
from stmatte.networks.protocol import Forgets, Network

GRID = 16
"""Sides of pictures are padded to multiples of this by all networks."""

SMALL = 4 * GRID
"""Side of the picture that is shown to learn what a network keeps."""


@dataclass(frozen=True)
class Work:
    """Bytes that the tensors of one step take at most, besides what is kept.

    pixel  for each pixel of the padded picture: encoding it, or comparing it nearby
    read   for each pixel and memory frame: what a read over all of memory copies
    """

    pixel: float
    read: float

    def bytes_at(self, size: tuple[int, int], frames: int) -> int:
        """Return the bytes of a step at a picture size (h, w) with so many memory frames."""
        pixels = padded(size)
        places = pixels // GRID**2
        tile = min(AFFINITY_BUDGET, frames * places**2 * 4) if self.read else 0
        return int(max(self.pixel * pixels, tile + self.read * pixels * frames))


WORK = {
    "stmatte-s": Work(pixel=290, read=3.1),
    "stmatte-b": Work(pixel=390, read=6.3),
    "label-propagation": Work(pixel=282, read=0),
    "stm": Work(pixel=374, read=21.6),
    "stm-late-r2-r4": Work(pixel=374, read=21.6),
    "stm-late-r3-r4": Work(pixel=374, read=21.6),
    "stm-early-r2": Work(pixel=374, read=21.6),
    "stm-early-r2-r3": Work(pixel=374, read=21.6),
    "stm-early-r2-r4": Work(pixel=374, read=21.6),
    "stm-interactive": Work(pixel=374, read=21.6),
    "rgmp": Work(pixel=525, read=0),
    "rgmp-gru": Work(pixel=525, read=0),
    "kmn": Work(pixel=374, read=21.7),
    "stcn": Work(pixel=326, read=18.9),
    "lmrc": Work(pixel=401, read=10.8),
}
"""Counted by `python tests/benchmarks/step_memory.py`; tests hold the table to it."""


@dataclass(frozen=True)
class Kept:
    """Bytes for each pixel of the padded picture.

    query   what was seen of a frame, besides the picture itself
    shared  a memory frame's maps that are the same for all objects
    object  a memory frame's maps of one object
    latest  what the latest memory frame holds besides, for each object
    """

    query: float
    shared: float
    object: float
    latest: float = 0


def kept_by(network: Network, device: torch.device) -> Kept:
    """Return what a network keeps of one frame with one object."""
    planes = torch.zeros(2, SMALL, SMALL, device=device)
    planes[0] = 1
    picture = torch.zeros(3, SMALL, SMALL, device=device)
    with torch.inference_mode():
        query = network.encode_query(picture)
        memory = network.encode_memory(picture, query, planes)
    fleeting = network.fleeting if isinstance(network, Forgets) else frozenset()
    lasting = [
        [map_ for name, map_ in maps.items() if name not in fleeting]
        for maps in (memory.maps, memory.objects)
    ]
    latest = [
        map_ for maps in (memory.maps, memory.objects) for n, map_ in maps.items() if n in fleeting
    ]
    kinds = (query.maps.values(), *lasting, latest)
    return Kept(*(_bytes(*maps) / SMALL**2 for maps in kinds))


def weight_bytes(network: Network) -> int:
    """Return the bytes of a network's weights; 0 for one that has none."""
    if not isinstance(network, nn.Module):
        return 0
    kept = {id(each): each for each in (network, plain(network))}.values()  # both, if there are two
    return sum(
        _bytes(*cast("dict[str, Tensor]", cast(nn.Module, each).state_dict()).values())
        for each in kept
    )


def padded(size: tuple[int, int]) -> int:
    """Return how many pixels a picture (h, w) has when it is padded to the grid."""
    height, width = (-(-side // GRID) * GRID for side in size)
    return height * width


def _bytes(*tensors: Tensor) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
