# SPDX-License-Identifier: Apache-2.0
"""What a batch of clips recalls, all at once: `StmatteS.recall` of each, as one read.

Clip by clip a GPU would wait for Python to name the many small steps of a read: they are a
thousand a clip. All clips are at the same frame and remember as many, so one search serves
them. Tests hold it to `StmatteS.recall`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from stmatte.memory.matches import FAR, global_matches, join_matches, window_matches
from stmatte.networks.stmatte_s import (
    LATEST,
    MASK_MATCHES,
    NEAR,
    VALUE_MATCHES,
    WINDOW,
    StmatteS,
)
from stmatte.networks.stmatte_s_blocks import Recalled

Search = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""Query (C, h, w), keys (T, C, h, w) -> scores and places (h * w, count) of the best matches."""


class Written(NamedTuple):
    """What U clips with M objects remember of one frame.

    key8, key16  (U, C, h, w)
    mask8        (M, h8, w8)
    value16      (M, C, h16, w16), the mask first
    """

    key8: Tensor
    key16: Tensor
    mask8: Tensor
    value16: Tensor


def recall_all(
    network: StmatteS, key8: Tensor, key16: Tensor, owner: Tensor, past: Sequence[Written]
) -> Recalled:
    """Return what is read for M objects.

    key8, key16  (U, C, h, w) of the frames that ask
    owner        (M,) the clip of each object
    past         at least one frame; the first is the key
    """
    clips, _, height8, width8 = key8.shape
    height16, width16 = key16.shape[-2:]
    late = past[-NEAR:]
    keys8 = torch.stack([frame.key8 for frame in (past[0], *late)], dim=1)
    weights8, places8, likeness = _matched(
        key8.float(), keys8, _search_both, network.temperature8.exp()
    )
    masks = torch.cat([frame.mask8.flatten(1) for frame in (past[0], *late)], dim=1)
    mask8 = _read(masks[:, None], places8, weights8, owner).reshape(-1, 1, height8, width8)
    covered = mask8.new_zeros(clips, *mask8.shape[1:]).index_add(0, owner, mask8)
    read16 = (past[0], *past[1:][:-NEAR], *past[1:][-LATEST:])
    keys16 = torch.stack([frame.key16 for frame in read16], dim=1)
    weights16, places16, _ = _matched(
        key16.float(), keys16, _search_values, network.temperature16.exp()
    )
    values = torch.cat([frame.value16.flatten(2) for frame in read16], dim=2)
    found16 = _read(values, places16, weights16, owner)
    found16 = found16.reshape(len(owner), -1, height16, width16)
    return Recalled(
        mask8,
        covered[owner] - mask8,
        likeness.reshape(clips, 1, height8, width8)[owner],
        found16[:, :1],
        found16[:, 1:],
    )


def _search_both(query: Tensor, keys: Tensor) -> tuple[Tensor, Tensor]:
    """Search the first frame whole, and all others within the window, as `read_both` does."""
    matches = join_matches(
        global_matches(query, keys[:1], MASK_MATCHES),
        window_matches(query, keys[1:], WINDOW, MASK_MATCHES),
        offset=query.shape[-2] * query.shape[-1],
        count=MASK_MATCHES,
    )
    return matches.scores, matches.places


def _search_values(query: Tensor, keys: Tensor) -> tuple[Tensor, Tensor]:
    matches = global_matches(query, keys, VALUE_MATCHES)
    return matches.scores, matches.places


def _matched(
    query: Tensor, keys: Tensor, search: Search, temperature: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return weights and places (U, Q, count) of the best matches, and the best's score (U, Q).

    query  (U, C, h, w), keys (U, T, C, h, w)

    Gradients flow through the scores of what was found, not through the search.
    """
    with torch.no_grad():
        found, places = torch.vmap(search)(query, keys)
    clips, channels = query.shape[:2]
    memory = keys.transpose(1, 2).reshape(clips, channels, -1).transpose(1, 2)  # U, places, C
    held = memory.shape[1]
    first = torch.arange(clips, device=query.device)[:, None, None] * held
    kept = memory.reshape(-1, channels).index_select(0, (places + first).flatten())
    queries = query.flatten(2).transpose(1, 2).reshape(-1, channels, 1)
    scores = torch.bmm(kept.reshape(len(queries), -1, channels), queries).reshape(found.shape)
    scores = torch.where(found > FAR, scores, found)
    return (scores / temperature).softmax(dim=2), places, scores[..., 0]


def _read(values: Tensor, places: Tensor, weights: Tensor, owner: Tensor) -> Tensor:
    """Blend what memory (M, C, places) holds for each object at its clip's matches: (M, C, Q)."""
    objects, channels, _ = values.shape
    of_each = places[owner].flatten(1)[:, None].expand(-1, channels, -1)
    read = values.gather(2, of_each).reshape(objects, channels, *places.shape[1:])
    return (read * weights[owner][:, None]).sum(dim=3)
