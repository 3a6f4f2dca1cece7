# SPDX-License-Identifier: Apache-2.0
"""Local reads of LMRC: each place recalls what the frame before held around the same place.

What moves little is found without looking everywhere, so that finer grids can be read than
those whose affinity fits into memory. What moves more than a window of the fine grid is
followed in two steps: the coarser grid's read says where, and the finer one looks there.

A window's numbers are planes, one for each offset (u, v) of (-reach, -reach) to
(reach, reach), row-major. Nothing larger is ever made. Windows end where the map ends.

Source: Heo et al., "Video Object Segmentation Using Local Memory Read and Comparator" (LMRC),
IEEE Access 2022; equations are the paper's. What it leaves open is in engine/decisions/0017.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from stmatte.errors import StmatteError

MISSING = -1e4
"""Similarity of a place that is not there, where a list of the best has fewer than it should."""


@dataclass(frozen=True, eq=False)
class Nearby:
    """One read of the frame before, for N objects that share its keys.

    similarity  (windows, H, W), -inf outside the map
    weights     (windows, H, W), their softmax over each place's window
    read        (N, V, H, W)
    """

    similarity: Tensor
    weights: Tensor
    read: Tensor


def read_around(query: Tensor, keys: Tensor, values: Tensor, reach: int, scale: float) -> Nearby:
    """Recall, for every place of the query, what lies around it in the frame before.

    values  (N, V, H, W) what was remembered there

    All other arguments as for `similarity_nearby`, and so are its errors.
    """
    similarity = similarity_nearby(query, keys, reach, scale)
    weights = similarity.softmax(dim=0)
    return Nearby(similarity, weights, read_nearby(weights, values))


def similarity_nearby(query: Tensor, keys: Tensor, reach: int, scale: float) -> Tensor:
    """Compare every place with the places around it in another map (equation 4).

    query    (K, H, W) key features of the frame being seen
    keys     (K, H, W) key features of the frame before
    reach    how many places a window goes in each direction
    scale    what squared distances are multiplied by
    returns  (windows, H, W): -scale * |query - key|², -inf outside the map

    Raises StmatteError if the maps are not of one shape.
    """
    if query.shape != keys.shape:
        raise _misfit("Keys", keys, query)
    lengths = keys.square().sum(dim=0)
    inside = torch.ones_like(lengths, dtype=torch.bool)
    own = query.square().sum(dim=0)
    offsets = zip(*(_shifted(maps, reach) for maps in (keys, lengths, inside)), strict=True)
    return torch.stack(
        [
            torch.where(there, -scale * (own + length - 2 * (query * key).sum(dim=0)), -math.inf)
            for key, length, there in offsets
        ]
    )


def read_nearby(weights: Tensor, values: Tensor) -> Tensor:
    """Blend what the frame before held around each place (equation 5).

    weights  (windows, H, W), those outside the map 0
    values   (..., H, W)
    returns  (..., H, W)
    """
    return _blended(weights, values, step=1)


def moved(weights: Tensor, maps: Tensor) -> Tensor:
    """Bring a fine map where a coarse read says that it went (equations 6 and 7).

    weights  (windows, H / 2, W / 2) of the read at the next coarser stage
    maps     (..., H, W) keys or values of the frame before
    returns  (..., H, W): at (x, y) the sum of weights at (⌊x/2⌋, ⌊y/2⌋) for (u, v), times the
             map at (x + 2u, y + 2v). That lies inside the fine map exactly where the coarse
             place lies inside the coarse one, so that no weight is lost

    Raises StmatteError if the fine map is not twice the coarse one.
    """
    if (weights.shape[-2] * 2, weights.shape[-1] * 2) != tuple(maps.shape[-2:]):
        raise _misfit("Weights of a coarse read", weights, maps)
    fine = weights.repeat_interleave(2, dim=1).repeat_interleave(2, dim=2)
    return _blended(fine, maps, step=2)


def best_nearby(similarity: Tensor, count: int) -> Tensor:
    """Return the highest similarities of each place's window, highest first.

    similarity  (windows, H, W), -inf outside the map
    returns     (count, H, W); MISSING where the window has fewer places in the map
    """
    best = similarity.topk(min(count, len(similarity)), dim=0).values
    return filled(torch.where(best.isinf(), MISSING, best), count)


def filled(best: Tensor, count: int) -> Tensor:
    """Return planes (count, H, W), those that are not there filled with MISSING."""
    return F.pad(best, (0, 0, 0, 0, 0, count - len(best)), value=MISSING)


def difference(near: Tensor, far: Tensor, alpha: float) -> Tensor:
    """Tell how much more alike the nearby places are than those of all memory (equation 9).

    near, far  (count, H, W) highest similarities, highest first
    returns    (count, H, W) in (-alpha / 2, alpha / 2)

    It is alpha / 2 * (e^near - e^far) / (e^near + e^far), which is a hyperbolic tangent; the
    exponentials themselves are 0 in float32 for similarities below -104.
    """
    return alpha / 2 * torch.tanh((near - far) / 2)


def laid(weights: Tensor, place: tuple[int, int], size: tuple[int, int], step: int = 1) -> Tensor:
    """Return one place's weights where they lie in the map.

    weights  (windows,), those outside the map 0
    place    (row, column) in the map; weights lie `step` places apart around it
    size     (H, W) of the map
    returns  (H, W)
    """
    side = math.isqrt(len(weights))
    border = side // 2 * step
    spread = weights.new_zeros(size[0] + 2 * border, size[1] + 2 * border)
    rows, columns = (slice(at, at + 2 * border + 1, step) for at in place)
    spread[rows, columns] = weights.view(side, side)
    return spread[border : border + size[0], border : border + size[1]]


def _blended(weights: Tensor, maps: Tensor, step: int) -> Tensor:
    total = torch.zeros_like(maps)
    reach = math.isqrt(len(weights)) // 2
    for weight, there in zip(weights, _shifted(maps, reach, step), strict=True):
        total = torch.addcmul(total, weight, there)
    return total


def _shifted(maps: Tensor, reach: int, step: int = 1) -> Iterator[Tensor]:
    """Yield (..., H, W), at each place what the map has `step` offsets (u, v) away; outside 0."""
    height, width = maps.shape[-2:]
    padded = F.pad(maps, (reach * step,) * 4)
    for down in range(0, (2 * reach + 1) * step, step):
        for across in range(0, (2 * reach + 1) * step, step):
            yield padded[..., down : down + height, across : across + width]


def _misfit(what: str, tensor: Tensor, asked: Tensor) -> StmatteError:
    return StmatteError(
        f"{what} have shape {tuple(tensor.shape)}",
        value=tuple(tensor.shape),
        allowed=f"what they are read for has {tuple(asked.shape)}",
    )
