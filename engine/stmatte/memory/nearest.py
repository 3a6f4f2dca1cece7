# SPDX-License-Identifier: Apache-2.0
"""Reads by distance: memory is recalled where its keys are nearest to the query's.

A dot product prefers long keys, whatever they show; a distance does not. The squared one is
a product of features too, up to a term of the query alone that a softmax over memory
cancels, so that these reads stream as the plain read does.

Source: Cheng et al., "Rethinking Space-Time Networks with Improved Memory Coverage for
Efficient Video Object Segmentation", NeurIPS 2021 (STCN).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from stmatte.memory.dot import AFFINITY_BUDGET, check_read, recall
from stmatte.memory.matches import Matches
from stmatte.memory.scarce import spared


def read_nearest(
    query: Tensor,
    keys: Tensor,
    values: Tensor,
    scale: float,
    count: int | None = None,
    *,
    budget: int = AFFINITY_BUDGET,
) -> Tensor:
    """Recall, for every place of the query, what memory holds at the nearest places.

    query    (K, H, W)        key features of the frame being seen
    keys     (T, K, h, w)     key features of T memory frames
    values   (N, T, V, h, w)  what was remembered there, for N objects that share the keys
    scale    what a squared distance is multiplied by; STCN's is 1 / sqrt(K)
    count    how many places are read, the nearest ones; None: all
    budget   bytes of similarities held at once; one query place at least is compared
    returns  (N, V, H, W)     recalled values, one map per object

    The softmax of -scale * |query - key|² runs over the places that are read.

    Raises StmatteError as `dot.read_dot`.
    """
    check_read(query, keys, values, budget)
    objects, _, depth = values.shape[:3]
    stored = values.permute(1, 3, 4, 0, 2).flatten(0, 2).flatten(1)  # (T*h*w, N*V)
    asked, known = _as_products(query, keys, scale)
    if count is None:
        read = recall(asked, known, stored, budget)
    else:
        best = _best(asked, known, count, budget)
        weights = best.scores.softmax(dim=1)
        read = F.embedding_bag(best.places, stored, per_sample_weights=weights, mode="sum")
    return read.T.reshape(objects, depth, *query.shape[1:])


def nearest(
    query: Tensor, keys: Tensor, scale: float, count: int, *, budget: int = AFFINITY_BUDGET
) -> Matches:
    """Return the memory places that are nearest to each query place, nearest first.

    query, keys  as for `read_nearest`
    count        how many; fewer where memory has fewer places
    returns      scores -scale * |query - key|², and places in row-major order of (T, h, w)
    """
    asked, known = _as_products(query, keys, scale)
    best = _best(asked, known, count, budget)
    own = query.flatten(1).square().sum(dim=0)[:, None]  # what the products leave out
    return Matches(best.scores - scale * own, best.places)


def weights_of_nearest(
    query: Tensor, keys: Tensor, scale: float, count: int | None, place: tuple[int, int]
) -> Tensor:
    """Return how much each memory place counts when `read_nearest` reads one query place.

    place    (row, column) of the query's place
    returns  (T, h, w), sums to 1

    Raises StmatteError as `read_nearest`.
    """
    check_read(query, keys, keys[None], AFFINITY_BUDGET)
    asked, known = _as_products(query[:, place[0], place[1]][:, None, None], keys, scale)
    scores = (asked @ known)[0]
    best = scores.topk(min(count or len(scores), len(scores)))
    weights = torch.zeros_like(scores).scatter(0, best.indices, best.values.softmax(dim=0))
    return weights.view(keys.shape[0], *keys.shape[2:])


def _as_products(query: Tensor, keys: Tensor, scale: float) -> tuple[Tensor, Tensor]:
    """Return features (H*W, K + 1) and (K + 1, T*h*w) whose product is scale * (2 k.q - |k|²)."""
    asked = query.flatten(1).T * (2 * scale)
    known = keys.permute(1, 0, 2, 3).flatten(1)
    return (
        torch.cat([asked, torch.ones_like(asked[:, :1])], dim=1),
        torch.cat([known, -scale * known.square().sum(dim=0, keepdim=True)]),
    )


def _best(asked: Tensor, known: Tensor, count: int, budget: int) -> Matches:
    """Return the highest products of each query place, going by strips of the query."""
    count = min(count, known.shape[1])
    rows = max(1, spared(budget) // (known.shape[1] * known.element_size()))
    best = [(strip @ known).topk(count, dim=1) for strip in torch.split(asked, rows)]
    return Matches(torch.cat([b.values for b in best]), torch.cat([b.indices for b in best]))
