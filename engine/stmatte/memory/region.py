# SPDX-License-Identifier: Apache-2.0
"""Best matches of a region: only where something may be found is every place compared.

Most of a frame is background that nobody asks about. What was read coarsely says where an
object can be; the fine read is made there alone, and finds there what `matches.read_both` finds.
Searches go by strips and sort little: on a CPU, moving similarities about costs more than
making them.

Not for learning: nothing here lets gradients through.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from stmatte.memory.bank import MemoryFrame
from stmatte.memory.matches import FAR, Matches, far_and_late, join_matches
from stmatte.memory.products import products
from stmatte.memory.scarce import spared
from stmatte.memory.tiles import TILE, patches, places_in_frame, within

STRIP = 32 * 2**20
"""Bytes of similarities that a search holds at once."""

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
) -> tuple[Tensor, Tensor]:
    """Read masks as `matches.read_both` does, in a region only.

    region   (H, W) bool: where an object can be
    returns  masks (N, H, W), 0 outside the region, and likenesses (1, H, W), UNREAD outside

    All other arguments as for `matches.read_both`.
    """
    height, width = query.shape[-2:]
    far, late = far_and_late(memory, near)
    tiles = tiles_of(region)
    tiled, there = _places_of(tiles, height, width)
    asked = there & region.flatten()[torch.where(there, tiled, 0)]
    at = tiled[asked]
    matches = join_matches(
        best_of(query.flatten(1).T[at], [f.maps["key8"].flatten(1) for f in far], count),
        _nearby(query, [f.maps["key8"] for f in late], radius, count, tiles, asked),
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


def best_of(asked: Tensor, keys: Sequence[Tensor], count: int, *, budget: int = STRIP) -> Matches:
    """Compare features with every place of every memory frame.

    asked    (Q, C)
    keys     of each memory frame (C, places), all of one size
    count    how many matches to keep; fewer where memory has fewer places
    budget   bytes of similarities held at once; one query place at least is compared
    returns  what `matches.global_matches` finds
    """
    held = sum(key[0].nbytes for key in keys)
    return _joined(
        _best_by_frame([products(strip, key) for key in keys], count)
        for strip in torch.split(asked, max(1, spared(budget) // held))
    )


def _joined(parts: Iterable[Matches]) -> Matches:
    scores, places = zip(*parts, strict=True)
    return Matches(torch.cat(scores), torch.cat(places))


def _best_by_frame(
    likeness: Sequence[Tensor],
    count: int,
    asked: Tensor | None = None,
    barred: Tensor | None = None,
) -> Matches:
    """Return the best of all frames, places counted through them.

    likeness  of each memory frame (rows, places)
    asked     which rows to look at; None: all
    barred    (rows, places) bool: what must not match, in no frame

    The best lie at those places that are best in some frame: these are chosen first, so that
    what has to be sorted does not grow with memory.
    """
    rows, places = likeness[0].shape
    asked = torch.arange(rows, device=likeness[0].device) if asked is None else asked
    highest = likeness[0].clone()
    for frame in likeness[1:]:
        torch.maximum(highest, frame, out=highest)
    if barred is not None:
        highest.masked_fill_(barred, FAR)
    highest = highest if len(asked) == rows else highest[asked]
    chosen = highest.topk(min(count, places), dim=1)
    flat = (asked[:, None] * places + chosen.indices).flatten()
    among = torch.cat(
        [frame.flatten().index_select(0, flat).view(chosen.indices.shape) for frame in likeness],
        dim=1,
    )
    if barred is not None:
        among.masked_fill_((chosen.values < FAR / 2).repeat(1, len(likeness)), FAR)
    best = among.topk(min(count, among.shape[1]), dim=1)
    width = chosen.indices.shape[1]
    at = chosen.indices.gather(1, best.indices % width)
    return Matches(best.values, best.indices // width * places + at)


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
    query: Tensor,
    keys: Sequence[Tensor],
    radius: int,
    count: int,
    tiles: Tensor,
    asked: Tensor,
) -> Matches:
    """Compare places of tiles with those within the window, as `matches.window_matches`.

    asked    (tiles, TILE * TILE) bool: which of their places
    """
    height, width = query.shape[-2:]
    side = TILE + 2 * radius
    down, right = -height % TILE, -width % TILE
    around = (radius, radius + right, radius, radius + down)
    queries = F.pad(query, (0, right, 0, down))
    padded = [F.pad(key, around) for key in keys]
    there = F.pad(query.new_ones(1, height, width), around)
    apart = ~within(radius, query.device)
    most = max(1, spared(STRIP) // (len(keys) * TILE**2 * side**2 * query.element_size()))
    found = []
    for strip, wanted in zip(torch.split(tiles, most), torch.split(asked, most), strict=True):
        tile = patches(queries, TILE, strip).transpose(1, 2)
        barred = (patches(there, side, strip) == 0) | apart
        likeness = [torch.bmm(tile, patches(key, side, strip)).flatten(0, 1) for key in padded]
        rows = wanted.flatten().nonzero()[:, 0]
        best = _best_by_frame(likeness, count, rows, barred.flatten(0, 1))
        frame, at = best.places // side**2, best.places % side**2
        at = places_in_frame(at[:, None], radius, height, width, strip[rows // TILE**2])[:, 0]
        found.append(Matches(best.scores, frame * height * width + at))
    return _joined(found)
