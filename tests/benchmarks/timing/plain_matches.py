# SPDX-License-Identifier: Apache-2.0
"""The engine's search for best matches as it was before anything was made quicker.

A twin of `stmatte.memory.matches` to measure and to check against: the same results, one
obvious step after another, float32, nothing kept from call to call. It is not to be improved.
It learns nothing, so that gradients are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from stmatte.memory.bank import Bank, MemoryFrame

BUDGET = 64 * 2**20  # bytes of similarities held at once
TILE = 8  # query places per side that share one window of memory places
FAR = -1e4  # similarity of what must not match


class Matches(NamedTuple):
    """The best matches of Q query places: scores and places, (Q, count) each."""

    scores: Tensor
    places: Tensor


def global_matches(query: Tensor, keys: Tensor, count: int, *, budget: int = BUDGET) -> Matches:
    """Compare every query place with every place of every memory frame.

    query    (C, H, W) key features of the frame being seen
    keys     (T, C, H, W) key features of T memory frames
    count    how many matches to keep, at most T * H * W
    budget   bytes of similarities held at once; one query place at least is compared
    """
    channels = query.shape[0]
    memory = keys.transpose(0, 1).reshape(channels, -1)
    count = min(count, memory.shape[1])
    chunk = max(1, budget // (memory.shape[1] * memory.element_size()))
    scores, places = [], []
    for part in torch.split(query.reshape(channels, -1).T, chunk):
        best = (part @ memory).topk(count, dim=1)
        scores.append(best.values)
        places.append(best.indices)
    return Matches(torch.cat(scores), torch.cat(places))


def window_matches(query: Tensor, keys: Tensor, radius: int, count: int) -> Matches:
    """Compare every query place with the memory places at most `radius` away from it.

    query    (C, H, W), keys (T, C, H, W) as for `global_matches`
    radius   places away in either axis: the window has (2 * radius + 1) squared places
    count    matches to keep, over all frames together

    Query places are compared tile by tile with the patch of memory that holds all their
    windows, one matrix product a tile, since gathering every window alone is slow.
    """
    frames, _, height, width = keys.shape
    down, right = -height % TILE, -width % TILE
    side = TILE + 2 * radius
    around = (radius, radius + right, radius, radius + down)
    tiles = _patches(F.pad(query, (0, right, 0, down)), TILE).transpose(1, 2)  # tile, query, C
    inside = _patches(F.pad(query.new_ones(1, height, width), around), side)  # tile, 1, memory
    barred = (inside == 0) | ~_within(radius, query.device)  # tile, query, memory
    count_here = min(count, side * side)

    scores, places = [], []
    for t in range(frames):
        likeness = torch.bmm(tiles, _patches(F.pad(keys[t], around), side))
        best = likeness.masked_fill(barred, FAR).topk(count_here, dim=2)
        scores.append(best.values)
        places.append(_places(best.indices, radius, height, width) + t * height * width)
    kept = torch.cat(scores, dim=2).topk(min(count, count_here * frames), dim=2)
    where = torch.cat(places, dim=2).gather(2, kept.indices)
    return Matches(_untile(kept.values, height, width), _untile(where, height, width))


def join_matches(one: Matches, other: Matches, offset: int, count: int) -> Matches:
    """Keep the best of two sets; places of `other` move up by `offset`."""
    scores = torch.cat([one.scores, other.scores], dim=1)
    places = torch.cat([one.places, other.places + offset], dim=1)
    best = scores.topk(min(count, scores.shape[1]), dim=1)
    return Matches(best.values, places.gather(1, best.indices))


def read_matches(matches: Matches, values: Tensor, temperature: Tensor | float) -> Tensor:
    """Blend what the bank holds at the matches: softmax over scores / temperature.

    values   (V, T * H * W) what each memory place holds
    returns  (V, Q)
    """
    weights = (matches.scores / temperature).softmax(dim=1)
    return (values[:, matches.places] * weights).sum(dim=2)


def read_both(
    query: Tensor,
    memory: Sequence[MemoryFrame],
    near: int,
    radius: int,
    count: int,
    temperature: Tensor | float,
) -> tuple[Tensor, Tensor]:
    """Read masks from keys over the whole frame and from the latest frames within a window.

    query    (C, H, W) key features
    memory   frames with maps "key8" (C, H, W) and objects "mask8" (N, H, W), in order of
             their steps. Without a key among them, the first one is read as if it were
    near     how many of the latest frames are read within the window
    returns  masks (N, H, W) in [0, 1], and the likeness of the best match (1, H, W)
    """
    height, width = query.shape[-2:]
    matches, frames = _match_both(query, memory, near, radius, count)
    masks = torch.cat([frame.objects["mask8"].flatten(1) for frame in frames], dim=1)
    read = read_matches(matches, masks, temperature)
    likeness = matches.scores[:, 0]
    return read.reshape(-1, height, width), likeness.reshape(1, height, width)


def _match_both(
    query: Tensor, memory: Sequence[MemoryFrame], near: int, radius: int, count: int
) -> tuple[Matches, tuple[MemoryFrame, ...]]:
    """Return the matches of `read_both`, and the frames that their places count through.

    A late key is among these frames twice: read over the whole frame, and within the window.
    """
    height, width = query.shape[-2:]
    bank = Bank(tuple(memory))
    far, late = bank.keys() or bank.frames[:1], bank.latest(near)
    matches = join_matches(
        global_matches(query, _keys(far), count),
        window_matches(query, _keys(late), radius, count),
        offset=len(far) * height * width,
        count=count,
    )
    return matches, (*far, *late)


def _keys(frames: Sequence[MemoryFrame]) -> Tensor:
    return torch.stack([frame.maps["key8"] for frame in frames])


def _patches(padded: Tensor, side: int) -> Tensor:
    """Cut (C, H', W') into patches TILE apart: (tiles, C, side * side), row-major."""
    cut = padded.unfold(1, side, TILE).unfold(2, side, TILE)  # C, down, across, side, side
    return cut.permute(1, 2, 0, 3, 4).reshape(-1, padded.shape[0], side * side)


def _within(radius: int, device: torch.device) -> Tensor:
    """Tell which places of a tile's patch lie in the window of which query place."""
    side = TILE + 2 * radius
    query = torch.arange(TILE, device=device) + radius
    near = (query[:, None] - torch.arange(side, device=device)).abs() <= radius
    both = near[:, None, :, None] & near[None, :, None, :]
    return both.reshape(TILE * TILE, side * side)


def _places(indices: Tensor, radius: int, height: int, width: int) -> Tensor:
    """Turn indices into tiles' patches into row-major places of the frame."""
    side = TILE + 2 * radius
    across = -(-width // TILE)
    tile = torch.arange(indices.shape[0], device=indices.device)[:, None, None]
    y = (tile // across) * TILE + indices // side - radius
    x = (tile % across) * TILE + indices % side - radius
    # barred places may lie outside; they carry FAR, so any valid place will do
    return y.clamp(0, height - 1) * width + x.clamp(0, width - 1)


def _untile(tiled: Tensor, height: int, width: int) -> Tensor:
    """Put (tiles, TILE * TILE, count) back into (H * W, count), row-major."""
    count = tiled.shape[2]
    down, across = -(-height // TILE), -(-width // TILE)
    grid = tiled.reshape(down, across, TILE, TILE, count).permute(0, 2, 1, 3, 4)
    grid = grid.reshape(down * TILE, across * TILE, count)
    return grid[:height, :width].reshape(-1, count)
