# SPDX-License-Identifier: Apache-2.0
"""Best matches: for every place of a query, the few memory places that look most alike.

A read by best matches compares, keeps the best `count`, and blends what the bank holds
there. Compared with reading everything, it does not wash a small object out when the
memory is large. Two ways to compare: with a whole frame, or within a window around the
same place, which is cheap and forbids jumps to look-alikes far away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from stmatte.memory.bank import Bank, MemoryFrame
from stmatte.memory.dot import AFFINITY_BUDGET
from stmatte.memory.scarce import spared
from stmatte.memory.tiles import TILE, patches, places_in_frame, untiled, within

FAR = -1e4  # similarity of what must not match; finite, so that a softmax stays finite


class Matches(NamedTuple):
    """The best matches of Q query places.

    scores  (Q, count) similarities, FAR where a place has fewer matches
    places  (Q, count) int64, row-major index over (T, H, W) of the memory
    """

    scores: Tensor
    places: Tensor


def global_matches(
    query: Tensor, keys: Tensor, count: int, *, budget: int = AFFINITY_BUDGET
) -> Matches:
    """Compare every query place with every place of every memory frame.

    query    (C, H, W) key features of the frame being seen
    keys     (T, C, H, W) key features of T memory frames
    count    how many matches to keep, at most T * H * W
    budget   bytes of similarities held at once; one query place at least is compared
    """
    if _learning(query, keys):
        with torch.no_grad():
            found = global_matches(query, keys, count, budget=budget)
        return _scored_again(found, query, keys)
    channels = query.shape[0]
    memory = keys.transpose(0, 1).reshape(channels, -1)
    count = min(count, memory.shape[1])
    chunk = max(1, spared(budget) // (memory.shape[1] * memory.element_size()))
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
    if _learning(query, keys):
        with torch.no_grad():
            found = window_matches(query, keys, radius, count)
        return _scored_again(found, query, keys)
    frames, _, height, width = keys.shape
    down, right = -height % TILE, -width % TILE
    side = TILE + 2 * radius
    around = (radius, radius + right, radius, radius + down)
    tiles = patches(F.pad(query, (0, right, 0, down)), TILE).transpose(1, 2)  # tile, query, C
    inside = patches(F.pad(query.new_ones(1, height, width), around), side)  # tile, 1, memory
    barred = (inside == 0) | ~within(radius, query.device)  # tile, query, memory
    count_here = min(count, side * side)

    scores, places = [], []
    for t in range(frames):
        likeness = torch.bmm(tiles, patches(F.pad(keys[t], around), side))
        best = likeness.masked_fill(barred, FAR).topk(count_here, dim=2)
        scores.append(best.values)
        # barred places may lie outside; they carry FAR, so any valid place will do
        places.append(places_in_frame(best.indices, radius, height, width) + t * height * width)
    kept = torch.cat(scores, dim=2).topk(min(count, count_here * frames), dim=2)
    where = torch.cat(places, dim=2).gather(2, kept.indices)
    return Matches(untiled(kept.values, height, width), untiled(where, height, width))


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


def weights_of(matches: Matches, asked: int, places: int, temperature: Tensor | float) -> Tensor:
    """Return how much each memory place counts when one query place is read by `read_matches`.

    asked    which of the Q query places
    places   how many memory places there are, T * H * W
    returns  (places,), sums to 1; a place that was matched twice counts with both
    """
    weights = (matches.scores[asked] / temperature).softmax(dim=0)
    return weights.new_zeros(places).index_add(0, matches.places[asked], weights)


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


def weights_of_both(
    query: Tensor,
    memory: Sequence[MemoryFrame],
    near: int,
    radius: int,
    count: int,
    temperature: Tensor | float,
    place: tuple[int, int],
) -> Tensor:
    """Return how much each memory place counts when `read_both` reads one query place.

    place    (row, column) of the query's place
    returns  (T, H, W) for the frames of `memory`, sums to 1

    All other arguments as for `read_both`.
    """
    height, width = query.shape[-2:]
    matches, frames = _match_both(query, memory, near, radius, count)
    asked = place[0] * width + place[1]
    counted = weights_of(matches, asked, len(frames) * height * width, temperature)
    at = torch.tensor([memory.index(frame) for frame in frames], device=query.device)
    weights = query.new_zeros(len(memory), height, width)
    return weights.index_add(0, at, counted.reshape(-1, height, width).to(weights))


def _match_both(
    query: Tensor, memory: Sequence[MemoryFrame], near: int, radius: int, count: int
) -> tuple[Matches, tuple[MemoryFrame, ...]]:
    """Return the matches of `read_both`, and the frames that their places count through.

    A late key is among these frames twice: read over the whole frame, and within the window.
    """
    height, width = query.shape[-2:]
    far, late = far_and_late(memory, near)
    matches = join_matches(
        global_matches(query, _keys(far), count),
        window_matches(query, _keys(late), radius, count),
        offset=len(far) * height * width,
        count=count,
    )
    return matches, (*far, *late)


def far_and_late(
    memory: Sequence[MemoryFrame], near: int
) -> tuple[tuple[MemoryFrame, ...], tuple[MemoryFrame, ...]]:
    """Return the frames that are read over the whole frame, and those read within the window.

    memory, near  as for `read_both`
    """
    bank = Bank(tuple(memory))
    return bank.keys() or bank.frames[:1], bank.latest(near)


def _keys(frames: Sequence[MemoryFrame]) -> Tensor:
    return torch.stack([frame.maps["key8"] for frame in frames])


def _learning(query: Tensor, keys: Tensor) -> bool:
    return torch.is_grad_enabled() and (query.requires_grad or keys.requires_grad)


def _scored_again(found: Matches, query: Tensor, keys: Tensor) -> Matches:
    """Return matches with scores that gradients flow through.

    They are of the few products that were kept. Back through the search they would pass all
    that were compared, nearly all of them zero.
    """
    channels = query.shape[0]
    memory = keys.transpose(0, 1).reshape(channels, -1).T
    kept = memory[found.places]  # Q, count, C
    scores = torch.bmm(kept, query.reshape(channels, -1).T[:, :, None])[:, :, 0]
    return Matches(torch.where(found.scores > FAR, scores, found.scores), found.places)
