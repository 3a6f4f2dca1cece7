# SPDX-License-Identifier: Apache-2.0
"""The three ways from the working size to the plate's, by the names that an artist chooses."""

from __future__ import annotations

import torch
from torch import Tensor

from stmatte.refine.grid import Size
from stmatte.refine.guided import Guide, guided
from stmatte.refine.matting import check_installed, matted
from stmatte.refine.plain import scaled
from stmatte.settings import Edges


def check_edges(edges: Edges) -> None:
    """Raise StmatteError if a way needs something that isn't installed, before work starts."""
    if edges == "matting":
        check_installed()


def refine(mattes: Tensor, size: Size, guide: Guide, edges: Edges) -> Tensor:
    """Return mattes at the plate's size.

    mattes   (N, h, w) float32 coverage in [0, 1] at the working size; sums to at most 1
    size     (H, W) of the plate; its aspect may be another one
    guide    shows rows and columns of the plate as (H', W', 3) in [0, 1], sRGB; not asked for
             by "off"
    edges    "off" scales, "guided" follows the plate's edges, "matting" estimates alpha
             around them from there
    returns  (N, H, W) float32 in [0, 1], sums to at most 1 but for rounding

    Raises StmatteError if "matting" isn't installed.
    """
    if not len(mattes):
        return mattes.new_zeros((0, *size))
    with torch.inference_mode():
        if edges == "off":
            return scaled(mattes, size)
        found = guided(mattes, size, guide)
        return matted(found, guide, _coarser(mattes, size)) if edges == "matting" else found


def _coarser(mattes: Tensor, size: Size) -> float:
    """Return how many pixels of the plate lie in one of the working size, at least 1."""
    return max(1.0, size[0] * size[1] / (mattes.shape[1] * mattes.shape[2]))
