# SPDX-License-Identifier: Apache-2.0
"""Tiles: query places side by side that share one patch of memory places.

The windows of neighbours overlap, so they are cut out of memory once for a whole tile, and
compared with all of it in one matrix product. Geometry only; what is compared is not known.
"""

from __future__ import annotations

import torch
from torch import Tensor

TILE = 8
"""Query places per side."""


def patches(padded: Tensor, side: int, only: Tensor | None = None) -> Tensor:
    """Cut (C, H', W') into patches TILE apart: (tiles, C, side * side), row-major.

    only  which tiles, (n,) of their row-major numbers; None: all
    """
    cut = padded.unfold(1, side, TILE).unfold(2, side, TILE).permute(1, 2, 0, 3, 4)
    if only is not None:
        cut = cut[only // cut.shape[1], only % cut.shape[1]]
    return cut.reshape(-1, padded.shape[0], side * side)


def within(radius: int, device: torch.device) -> Tensor:
    """Tell which places of a tile's patch lie in the window of which query place."""
    side = TILE + 2 * radius
    query = torch.arange(TILE, device=device) + radius
    near = (query[:, None] - torch.arange(side, device=device)).abs() <= radius
    both = near[:, None, :, None] & near[None, :, None, :]
    return both.reshape(TILE * TILE, side * side)


def places_in_frame(
    indices: Tensor, radius: int, height: int, width: int, only: Tensor | None = None
) -> Tensor:
    """Turn indices into tiles' patches, (tiles, ...), into row-major places of the frame.

    Places outside the frame become places at its edge. only: as for `patches`.
    """
    side = TILE + 2 * radius
    across = -(-width // TILE)
    tile = torch.arange(indices.shape[0], device=indices.device) if only is None else only
    tile = tile[:, None, None]
    y = (tile // across) * TILE + indices // side - radius
    x = (tile % across) * TILE + indices % side - radius
    return y.clamp(0, height - 1) * width + x.clamp(0, width - 1)


def untiled(tiled: Tensor, height: int, width: int) -> Tensor:
    """Put (tiles, TILE * TILE, count) back into (H * W, count), row-major."""
    count = tiled.shape[2]
    down, across = -(-height // TILE), -(-width // TILE)
    grid = tiled.reshape(down, across, TILE, TILE, count).permute(0, 2, 1, 3, 4)
    grid = grid.reshape(down * TILE, across * TILE, count)
    return grid[:height, :width].reshape(-1, count)
