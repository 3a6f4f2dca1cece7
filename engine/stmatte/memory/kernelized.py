# SPDX-License-Identifier: Apache-2.0
"""The kernelized read of KMN: each memory place is read near the query place it fits best.

The plain read looks for what is alike, wherever it is; two things that look the same are
confused. Here each memory place first chooses its own best query place, and counts less
the farther a query place is from that one.

The logarithm of the kernel, -|q - b|² / 2σ², is up to a term that the softmax over memory
cancels a product of three features of q and three of b. So the read is the plain one with
three more features, and streams as that does.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from stmatte.memory.dot import AFFINITY_BUDGET, check_read, recall, tile
from stmatte.memory.scarce import spared

SIGMA = 7.0
"""Width of the kernel in places of the grid that is read: the paper's choice."""


def read_kernelized(
    query: Tensor,
    keys: Tensor,
    values: Tensor,
    sigma: float = SIGMA,
    *,
    budget: int = AFFINITY_BUDGET,
) -> Tensor:
    """Recall what memory holds at similar places, each near where it fits best.

    query    (K, H, W)        key features of the frame being seen
    keys     (T, K, h, w)     key features of T memory frames
    values   (N, T, V, h, w)  what was remembered there, for N objects that share the keys
    sigma    places of the query's grid; infinity makes it the plain read
    budget   bytes of affinity held at once; at least one number must fit
    returns  (N, V, H, W)     recalled values, one map per object

    The softmax of query . key / sqrt(K) - |q - b|² / 2σ² runs over all T*h*w memory places,
    b being the `best_places` of each. The budget changes rounding only. The choice of the
    best place has no gradient.

    Raises StmatteError as `dot.read_dot`.
    Source: Seong et al., "Kernelized Memory Network for Video Object Segmentation",
    ECCV 2020, the kernelized memory read.
    """
    check_read(query, keys, values, budget)
    objects, _, depth = values.shape[:3]
    asked, known = _with_places(query, keys, sigma, budget)
    stored = values.permute(1, 3, 4, 0, 2).flatten(0, 2).flatten(1)  # (T*h*w, N*V)
    recalled = recall(asked, known, stored, budget)
    return recalled.T.reshape(objects, depth, *query.shape[1:])


def weights_of_kernelized(
    query: Tensor,
    keys: Tensor,
    sigma: float,
    place: tuple[int, int],
    *,
    budget: int = AFFINITY_BUDGET,
) -> Tensor:
    """Return how much each memory place counts when `read_kernelized` reads one query place.

    place    (row, column) of the query's place
    returns  (T, h, w), sums to 1

    Raises StmatteError as `read_kernelized`.
    """
    check_read(query, keys, keys[None], budget)
    asked, known = _with_places(query, keys, sigma, budget)
    affinity = asked[place[0] * query.shape[2] + place[1]] @ known
    return affinity.softmax(dim=0).view(keys.shape[0], *keys.shape[2:])


def best_places(query: Tensor, keys: Tensor, *, budget: int = AFFINITY_BUDGET) -> Tensor:
    """Return the query place that is most alike to each memory place.

    query, keys  as for `read_kernelized`
    budget       bytes of similarities held at once
    returns      (T, h, w) int64, row-major places of the query; the first of equals
    """
    asked = query.flatten(1)  # (K, H*W)
    known = keys.permute(0, 2, 3, 1).flatten(0, 2)  # (T*h*w, K)
    rows, columns = tile(len(known), asked.shape[1], spared(budget) // query.element_size())
    best = [_best(known[at : at + rows], asked, columns) for at in range(0, len(known), rows)]
    return torch.cat(best).view(keys.shape[0], *keys.shape[2:])


@torch.no_grad()
def _best(known: Tensor, asked: Tensor, columns: int) -> Tensor:
    """Return the best of the query (K, Q) for each memory place (M, K), going by `columns`."""
    peak = known.new_full((len(known),), -math.inf)
    best = torch.zeros_like(peak, dtype=torch.int64)
    for start in range(0, asked.shape[1], columns):
        here, place = (known @ asked[:, start : start + columns]).max(dim=1)
        higher = here > peak  # of equals the earlier stays
        peak, best = torch.where(higher, here, peak), torch.where(higher, place + start, best)
    return best


def _with_places(query: Tensor, keys: Tensor, sigma: float, budget: int) -> tuple[Tensor, Tensor]:
    """Return features (H*W, K + 3) and (K + 3, T*h*w) whose product is the read's exponent.

    -|q - b|² / 2σ² = (q/σ) . (b/σ) - |b/σ|² / 2 - |q/σ|² / 2, and the last term is the same
    for all of memory. Places are counted from the middle, which keeps the numbers small.
    """
    channels, height, width = query.shape
    best = best_places(query, keys, budget=budget).flatten()
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
