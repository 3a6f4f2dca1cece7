# SPDX-License-Identifier: Apache-2.0
"""The memory read of STM: recall by scaled dot product, within a stated budget.

The affinity compares every memory place with every query place. A whole one is what
makes long shots and high pictures run out of memory, so it is never held whole: it
exists in tiles, and the softmax runs over them with a running maximum.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from stmatte.errors import StmatteError
from stmatte.memory.fused import reads_fused, recall_fused
from stmatte.memory.scarce import spared

AFFINITY_BUDGET = 64 * 2**20
"""Bytes of affinity that a read holds at once, unless told otherwise."""


def read_dot(
    query: Tensor, keys: Tensor, values: Tensor, *, budget: int = AFFINITY_BUDGET
) -> Tensor:
    """Recall, for every place of the query, what memory holds at similar places.

    query    (K, H, W)        key features of the frame being seen
    keys     (T, K, h, w)     key features of T memory frames
    values   (N, T, V, h, w)  what was remembered there, for N objects that share the keys; they
                              may be of half precision where keys are not
    budget   bytes of affinity held at once; at least one number must fit
    returns  (N, V, H, W)     recalled values, one map per object

    The softmax of query . key / sqrt(K) runs over all T*h*w memory places, never over the
    query. Differentiable. The budget changes rounding only.

    Raises StmatteError if memory is empty, if shapes don't fit each other, or if the budget
    can't hold a single number.
    Source: Oh et al., "Video Object Segmentation using Space-Time Memory Networks",
    ICCV 2019, section 3.2; the scale is the public code's. The running maximum is the
    "online softmax" of Milakov and Gimelshein, arXiv:1805.02867.
    """
    check_read(query, keys, values, budget)
    objects, _, depth = values.shape[:3]
    height, width = query.shape[1:]
    asked = query.flatten(1).T / math.sqrt(query.shape[0])  # (H*W, K)
    known = keys.permute(1, 0, 2, 3).flatten(1)  # (K, T*h*w)
    stored = values.permute(1, 3, 4, 0, 2).flatten(0, 2).flatten(1)  # (T*h*w, N*V)
    recalled = recall(asked, known, stored, budget)
    return recalled.T.reshape(objects, depth, height, width)


def recall(asked: Tensor, known: Tensor, stored: Tensor, budget: int) -> Tensor:
    """Return softmax(asked @ known) @ stored, without ever holding the affinity whole.

    In tiles on a CPU; on a GPU as `fused.recall_fused`, which holds none of it.

    asked    (Q, K) features of query places
    known    (K, M) features of memory places
    stored   (M, V) what memory holds there, also in half precision
    budget   bytes of affinity held at once
    returns  (Q, V) in the precision of what is asked
    """
    if reads_fused(asked, known, stored):
        read = recall_fused(asked, known, stored)
        if read is not None:
            return read
    rows, columns = tile(len(asked), len(stored), spared(budget) // asked.element_size())
    strips = [
        _recall(asked[start : start + rows], known, stored, columns)
        for start in range(0, len(asked), rows)
    ]
    return torch.cat(strips)


def weights_of_dot(query: Tensor, keys: Tensor, place: tuple[int, int]) -> Tensor:
    """Return how much each memory place counts when `read_dot` reads one query place.

    query, keys  as for `read_dot`
    place        (row, column) of the query's place
    returns      (T, h, w), sums to 1

    Raises StmatteError as `read_dot`.
    """
    check_read(query, keys, keys[None], AFFINITY_BUDGET)
    asked = query[:, place[0], place[1]] / math.sqrt(query.shape[0])  # (K,)
    affinity = torch.einsum("k,tkhw->thw", asked, keys)
    return affinity.flatten().softmax(dim=0).view_as(affinity)


STRIP = 64
"""Query places below which a tile is so thin that its matrix product is slow."""


def tile(queries: int, memories: int, numbers: int) -> tuple[int, int]:
    """Return (query places, memory places) of one tile that holds at most `numbers` numbers.

    All of memory for as many query places as fit; where not even a strip of `STRIP` fits,
    memory is cut as well.
    """
    rows = min(queries, max(1, numbers // memories, min(STRIP, math.isqrt(numbers))))
    return rows, min(memories, numbers // rows)


def _recall(asked: Tensor, known: Tensor, stored: Tensor, columns: int) -> Tensor:
    """Return (Q, N*V): what one strip of the query (Q, K) recalls.

    Memory is gone through `columns` places at a time; what was summed up before a higher
    maximum turned up fades by the difference.
    """
    peak = asked.new_full((len(asked), 1), -math.inf)
    total: Tensor = torch.zeros_like(peak)
    recalled = asked.new_zeros(len(asked), stored.shape[1])
    for start in range(0, len(stored), columns):
        affinity = asked @ known[:, start : start + columns]  # (Q, columns)
        before, peak = peak, torch.maximum(peak, affinity.detach().amax(dim=1, keepdim=True))
        affinity.sub_(peak).exp_()  # in place: this tile is the budget
        fade = (before - peak).exp()
        total = total * fade + affinity.sum(dim=1, keepdim=True)
        weights = affinity.to(stored.dtype)  # halves are blended as halves, and summed up here
        recalled = recalled * fade + weights @ stored[start : start + columns]
    return recalled / total


def check_read(query: Tensor, keys: Tensor, values: Tensor, budget: int) -> None:
    """Raise StmatteError unless shapes are those of a read and the budget holds a number."""
    if keys.numel() == 0:
        raise StmatteError("Memory is empty", allowed="a read needs at least one memory frame")
    if keys.shape[1] != query.shape[0]:
        raise StmatteError(
            f"Memory keys have {keys.shape[1]} features",
            value=keys.shape[1],
            allowed=f"the query has {query.shape[0]}",
        )
    frames, _, height, width = keys.shape
    if (values.shape[1], *values.shape[3:]) != (frames, height, width):
        raise StmatteError(
            f"Memory values have shape {tuple(values.shape)}",
            value=tuple(values.shape),
            allowed=f"keys ask for (objects, {frames}, features, {height}, {width})",
        )
    if budget < query.element_size():
        raise StmatteError(
            f"Affinity budget of {budget} bytes is too small",
            value=budget,
            allowed=f"at least {query.element_size()} bytes, one number",
        )
