# SPDX-License-Identifier: Apache-2.0
"""The engine's softmax reads as they were before anything was made quicker.

Twins of `stmatte.memory.dot`, `kernelized` and `nearest` to measure and to check against: the
affinity in strips of a stated budget, float32, nothing kept from call to call. They are not to
be improved. What is wrong with shapes the engine says; here nobody is told.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

BUDGET = 64 * 2**20  # bytes of affinity held at once
STRIP = 64  # query places below which a tile is so thin that its matrix product is slow
SIGMA = 7.0


def read_dot(query: Tensor, keys: Tensor, values: Tensor, *, budget: int = BUDGET) -> Tensor:
    """Recall by scaled dot product, as `stmatte.memory.dot.read_dot`."""
    asked = query.flatten(1).T / math.sqrt(query.shape[0])  # (H*W, K)
    known = keys.permute(1, 0, 2, 3).flatten(1)  # (K, T*h*w)
    recalled = recall(asked, known, _stored(values), budget)
    return recalled.T.reshape(len(values), values.shape[2], *query.shape[1:])


def read_kernelized(
    query: Tensor, keys: Tensor, values: Tensor, sigma: float = SIGMA, *, budget: int = BUDGET
) -> Tensor:
    """Recall each memory place near where it fits best, as the engine's `read_kernelized`."""
    asked, known = _with_places(query, keys, sigma, budget)
    recalled = recall(asked, known, _stored(values), budget)
    return recalled.T.reshape(len(values), values.shape[2], *query.shape[1:])


def read_nearest(
    query: Tensor,
    keys: Tensor,
    values: Tensor,
    scale: float,
    count: int | None = None,
    *,
    budget: int = BUDGET,
) -> Tensor:
    """Recall the nearest places, as `stmatte.memory.nearest.read_nearest`."""
    stored = _stored(values)
    asked = query.flatten(1).T * (2 * scale)
    known = keys.permute(1, 0, 2, 3).flatten(1)
    asked = torch.cat([asked, torch.ones_like(asked[:, :1])], dim=1)
    known = torch.cat([known, -scale * known.square().sum(dim=0, keepdim=True)])
    if count is None:
        read = recall(asked, known, stored, budget)
    else:
        count = min(count, known.shape[1])
        rows = max(1, budget // (known.shape[1] * known.element_size()))
        best = [(strip @ known).topk(count, dim=1) for strip in torch.split(asked, rows)]
        weights = torch.cat([b.values for b in best]).softmax(dim=1)
        places = torch.cat([b.indices for b in best])
        read = F.embedding_bag(places, stored, per_sample_weights=weights, mode="sum")
    return read.T.reshape(len(values), values.shape[2], *query.shape[1:])


def recall(asked: Tensor, known: Tensor, stored: Tensor, budget: int) -> Tensor:
    """Return softmax(asked @ known) @ stored, without ever holding the affinity whole.

    asked    (Q, K), known (K, M), stored (M, V)
    returns  (Q, V)
    """
    rows, columns = _tile(len(asked), len(stored), budget // asked.element_size())
    strips = [
        _recall(asked[start : start + rows], known, stored, columns)
        for start in range(0, len(asked), rows)
    ]
    return torch.cat(strips)


def _stored(values: Tensor) -> Tensor:
    return values.permute(1, 3, 4, 0, 2).flatten(0, 2).flatten(1)  # (T*h*w, N*V)


def _tile(queries: int, memories: int, numbers: int) -> tuple[int, int]:
    rows = min(queries, max(1, numbers // memories, min(STRIP, math.isqrt(numbers))))
    return rows, min(memories, numbers // rows)


def _recall(asked: Tensor, known: Tensor, stored: Tensor, columns: int) -> Tensor:
    peak = asked.new_full((len(asked), 1), -math.inf)
    total: Tensor = torch.zeros_like(peak)
    recalled = asked.new_zeros(len(asked), stored.shape[1])
    for start in range(0, len(stored), columns):
        affinity = asked @ known[:, start : start + columns]  # (Q, columns)
        before, peak = peak, torch.maximum(peak, affinity.amax(dim=1, keepdim=True))
        affinity.sub_(peak).exp_()
        fade = (before - peak).exp()
        total = total * fade + affinity.sum(dim=1, keepdim=True)
        recalled = recalled * fade + affinity @ stored[start : start + columns]
    return recalled / total


def _with_places(query: Tensor, keys: Tensor, sigma: float, budget: int) -> tuple[Tensor, Tensor]:
    channels, height, width = query.shape
    best = _best_places(query, keys, budget)
    rows = torch.arange(height, device=query.device) - (height - 1) / 2
    columns = torch.arange(width, device=query.device) - (width - 1) / 2
    places = torch.cartesian_prod(rows, columns).to(query) / sigma  # (H*W, 2)
    chosen = places[best]  # (T*h*w, 2)
    asked = query.flatten(1).T / math.sqrt(channels)
    known = keys.permute(1, 0, 2, 3).flatten(1)
    return (
        torch.cat([asked, places, torch.ones_like(places[:, :1])], dim=1),
        torch.cat([known, chosen.T, -chosen.square().sum(dim=1)[None] / 2]),
    )


def _best_places(query: Tensor, keys: Tensor, budget: int) -> Tensor:
    asked = query.flatten(1)  # (K, H*W)
    known = keys.permute(0, 2, 3, 1).flatten(0, 2)  # (T*h*w, K)
    rows, columns = _tile(len(known), asked.shape[1], budget // query.element_size())
    best = [_best(known[at : at + rows], asked, columns) for at in range(0, len(known), rows)]
    return torch.cat(best)


def _best(known: Tensor, asked: Tensor, columns: int) -> Tensor:
    peak = known.new_full((len(known),), -math.inf)
    best = torch.zeros_like(peak, dtype=torch.int64)
    for start in range(0, asked.shape[1], columns):
        here, place = (known @ asked[:, start : start + columns]).max(dim=1)
        higher = here > peak  # of equals the earlier stays
        peak, best = torch.where(higher, here, peak), torch.where(higher, place + start, best)
    return best
