# SPDX-License-Identifier: Apache-2.0
"""Best matches of a region: only where something may be found is every place compared.

Most of a frame is background that nobody asks about. What was read coarsely says where an
object can be; the fine read is made there alone, and finds there what `matches.read_both` finds.
Searches go by strips that fit into a processor's cache, and hold what they compare in one
buffer: on a CPU, moving similarities about costs more than making them.

Not for learning: nothing here lets gradients through.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from stmatte.memory.bank import Bank, MemoryFrame
from stmatte.memory.matches import FAR, Matches, join_matches
from stmatte.memory.scarce import spared
from stmatte.memory.tiles import TILE, patches, places_in_frame, within

STRIP = 32 * 2**20
"""Bytes of similarities that a search holds at once."""

DOUBTED = 2
"""How many times as many matches are looked at again as are kept, where 16 bits chose them."""

UNREAD = 0.9
"""Likeness where nothing is read: an ordinary one, as of background that is there again."""


def read_region(
    query: Tensor,
    memory: Sequence[MemoryFrame],
    near: int,
    radius: int,
    count: int,
    temperature: Tensor | float,
    region: Tensor,
    half: torch.dtype | None = None,
) -> tuple[Tensor, Tensor]:
    """Read masks as `matches.read_both` does, in a region only.

    region   (H, W) bool: where an object can be. It grows to whole tiles
    half     as for `best_of`, which searches the keys
    returns  masks (N, H, W), 0 outside the region, and likenesses (1, H, W), UNREAD outside

    All other arguments as for `matches.read_both`.
    """
    height, width = query.shape[-2:]
    bank = Bank(tuple(memory))
    far, late = bank.keys() or bank.frames[:1], bank.latest(near)
    tiles = tiles_of(region)
    asked, inside = _places_of(tiles, height, width)
    at = asked[inside]
    features = query.flatten(1).T
    nearby = _nearby(query, [frame.maps["key8"] for frame in late], radius, count, tiles)
    matches = join_matches(
        best_of(features[at], [frame.maps["key8"].flatten(1) for frame in far], count, half=half),
        Matches(nearby.scores[inside], nearby.places[inside]),
        offset=len(far) * height * width,
        count=count,
    )
    frames = (*far, *late)
    held = torch.cat([frame.objects["mask8"].flatten(1).T for frame in frames])
    masks = query.new_zeros(height * width, held.shape[1])
    masks[at] = read_rows(matches, held, temperature)
    likeness = query.new_full((height * width,), UNREAD)
    likeness[at] = matches.scores[:, 0]
    return masks.T.reshape(-1, height, width), likeness.reshape(1, height, width)


def best_of(
    asked: Tensor,
    keys: Sequence[Tensor],
    count: int,
    *,
    half: torch.dtype | None = None,
    budget: int = STRIP,
) -> Matches:
    """Compare features with every place of every memory frame.

    asked    (Q, C)
    keys     of each memory frame (C, places), all of one size
    count    how many matches to keep; fewer where memory has fewer places
    half     a type of 16 bits: places are compared in it, the DOUBTED times as many best of them
             again in the type of `asked`. So scores are as exact as ever, and a match is missed
             only where many are as good. None: compare in the type of `asked` at once
    budget   bytes of similarities held at once; one query place at least is compared
    returns  what `matches.global_matches` finds
    """
    compared = [key if half is None else key.to(half) for key in keys]
    strips = torch.split(asked, max(1, spared(budget) // sum(key[0].nbytes for key in compared)))
    best = [
        _best_by_frame([strip.to(key) @ key for key in compared], _looked_at(count, half))
        for strip in strips
    ]
    if half is not None:
        known = torch.cat(list(keys), dim=1).T.contiguous()
        best = [_best_again(s, known, b, count) for s, b in zip(strips, best, strict=True)]
    return Matches(torch.cat([b.scores for b in best]), torch.cat([b.places for b in best]))


def _looked_at(count: int, half: torch.dtype | None) -> int:
    return count if half is None else DOUBTED * count


def _best_by_frame(likeness: Sequence[Tensor], count: int, barred: Tensor | None = None) -> Matches:
    """Return the best of all frames, places counted through them.

    likeness  of each memory frame (..., places)
    barred    (..., places) bool: what must not match, in no frame

    The best lie at those places that are best in some frame: these are chosen first, so that
    what has to be sorted does not grow with memory.
    """
    places = likeness[0].shape[-1]
    highest = likeness[0].clone()
    for frame in likeness[1:]:
        torch.maximum(highest, frame, out=highest)
    if barred is not None:
        highest.masked_fill_(barred, FAR)
    chosen = highest.topk(min(count, places), dim=-1)
    among = torch.stack([frame.gather(-1, chosen.indices) for frame in likeness], dim=-2)
    if barred is not None:
        among.masked_fill_((chosen.values == FAR)[..., None, :], FAR)
    among = among.flatten(-2)
    best = among.topk(min(count, among.shape[-1]), dim=-1)
    width = chosen.indices.shape[-1]
    at = chosen.indices.gather(-1, best.indices % width)
    return Matches(best.values, best.indices // width * places + at)


def _best_again(asked: Tensor, known: Tensor, found: Matches, count: int) -> Matches:
    """Return the best of matches (Q, ...), with scores that are as exact as features are.

    asked  (Q, C), known (places, C)
    """
    scores = (F.embedding(found.places, known) * asked[:, None]).sum(dim=2)
    best = scores.topk(min(count, scores.shape[1]), dim=1)
    return Matches(best.values, found.places.gather(1, best.indices))


def read_rows(matches: Matches, held: Tensor, temperature: Tensor | float) -> Tensor:
    """Blend what the bank holds at the matches, as `matches.read_matches` does.

    held     (places, V): what lies in a place lies together, so that few lines are fetched
    returns  (Q, V)
    """
    weights = (matches.scores / temperature).softmax(dim=1)
    return F.embedding_bag(matches.places, held, per_sample_weights=weights, mode="sum")


def tiles_of(region: Tensor) -> Tensor:
    """Return the row-major numbers of the tiles that a region (H, W) touches."""
    down, right = -region.shape[0] % TILE, -region.shape[1] % TILE
    grown = F.pad(region.float()[None], (0, right, 0, down))
    return F.max_pool2d(grown, TILE)[0].flatten().nonzero()[:, 0]


def _places_of(tiles: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
    """Return the row-major places (tiles, TILE * TILE) of tiles, and whether they are there."""
    across = -(-width // TILE)
    inner = torch.arange(TILE * TILE, device=tiles.device)
    y = (tiles // across * TILE)[:, None] + inner // TILE
    x = (tiles % across * TILE)[:, None] + inner % TILE
    return y * width + x, (y < height) & (x < width)


def _nearby(
    query: Tensor, keys: Sequence[Tensor], radius: int, count: int, tiles: Tensor
) -> Matches:
    """Compare the places of tiles with those within the window, as `matches.window_matches`.

    returns  (tiles, TILE * TILE, matches); places beyond the frame's edge match anything
    """
    height, width = query.shape[-2:]
    side = TILE + 2 * radius
    down, right = -height % TILE, -width % TILE
    around = (radius, radius + right, radius, radius + down)
    held = len(keys) * TILE**2 * side**2 * query.element_size()
    queries = F.pad(query, (0, right, 0, down))
    padded = [F.pad(key, around) for key in keys]
    there = F.pad(query.new_ones(1, height, width), around)
    apart = ~within(radius, query.device)
    found = []
    for strip in torch.split(tiles, max(1, spared(STRIP) // held)):
        asked = patches(queries, TILE, strip).transpose(1, 2)
        barred = (patches(there, side, strip) == 0) | apart
        likeness = [torch.bmm(asked, patches(key, side, strip)) for key in padded]
        best = _best_by_frame(likeness, count, barred)
        frame, at = best.places // side**2, best.places % side**2
        at = places_in_frame(at, radius, height, width, strip)
        found.append(Matches(best.scores, frame * height * width + at))
    return Matches(torch.cat([f.scores for f in found]), torch.cat([f.places for f in found]))
