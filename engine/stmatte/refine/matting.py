# SPDX-License-Identifier: Apache-2.0
"""Alpha around edges by closed-form matting, from mattes that are nearly right.

The mattes at the plate's size say what is solid, and
are a prior for what is not: alpha follows the plate's colours where these say something, and
stays where they don't. Slow, on the processor, and with a package that is an extra.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stmatte.errors import StmatteError
from stmatte.refine.grid import Tile, tiles, widened
from stmatte.refine.guided import Guide
from stmatte.refine.plain import together, uneven

CROP = 384
"""Side of the piece that is solved at once, in pixels: bounds memory."""

OVERLAP = 32
"""Pixels by which a crop reaches into the next one, where the two fade into each other."""

BESIDE = 1
"""Pixels of the working size beside soft ones in which alpha is estimated."""

TRUST = 0.4
"""Weight of what guided mattes say in each pixel; that of the plate is about 1."""

GRAIN = 1e-4
"""Variance of a colour within 3 x 3 pixels that is no structure."""

NEAR_ENOUGH = 1e-4
"""Residual, relative to the right hand side, at which a solution is taken."""

Vector = NDArray[np.float64]


def check_installed() -> None:
    """Raise StmatteError if PyMatting isn't there. Looks for it, and doesn't import it."""
    if find_spec("pymatting") is None:
        raise StmatteError(
            'Edges "matting" need the package PyMatting, which is not installed',
            value="matting",
            allowed="guided or off without it",
            repair="Install it with: pip install 'stmatte[matting]'",
        )


def matted(mattes: Tensor, guide: Guide, coarser: float) -> Tensor:
    """Return mattes (N, H, W) with alpha estimated around their edges.

    mattes   (N, H, W) in [0, 1], sums to at most 1; so does the result
    guide    shows the plate
    coarser  pixels of the plate in one of the working size, 1 or more

    All objects are solved in the same system, so that their sum follows from it, too.
    Source: Levin, Lischinski and Weiss, "A Closed-Form Solution to Natural Image Matting",
    TPAMI 2008, with a soft prior in the place of scribbles.
    """
    check_installed()
    height, width = mattes.shape[1:]
    unsure = widened(uneven(mattes).any(dim=0), round(BESIDE * coarser**0.5))
    summed, weighed = torch.zeros_like(mattes), torch.zeros_like(mattes[0])
    for tile, mark in tiles(unsure, CROP):
        crop = _shrunk(tile.grown(OVERLAP, (height, width)), unsure) if mark else None
        if crop is not None:
            place = crop.slices
            weights = _fading(tile, crop).to(mattes)
            alpha = _solved(mattes[(..., *place)], guide(*place), unsure[place])
            summed[(..., *place)] += alpha * weights
            weighed[place] += weights
    found = torch.where(weighed > 0, summed / weighed.clamp(min=1e-6), mattes)
    return together(torch.where(unsure, found, mattes).clamp(0, 1))


def _shrunk(crop: Tile, unsure: Tensor) -> Tile | None:
    """Return the part of a crop that holds what is unsure in it, and a pixel of what is sure."""
    there = unsure[crop.slices]
    rows, columns = (there.any(dim=d).nonzero().flatten().tolist() for d in (1, 0))
    if not rows:
        return None
    box = Tile(
        crop.top + rows[0],
        crop.top + rows[-1] + 1,
        crop.left + columns[0],
        crop.left + columns[-1] + 1,
    )
    return box.grown(2, (unsure.shape[0], unsure.shape[1]))


def _fading(tile: Tile, crop: Tile) -> Tensor:
    """Return weights (H', W') of a crop that fall off where it reaches into the next ones."""
    down = _fade(tile.top, tile.bottom, crop.top, crop.bottom)
    return down[:, None] * _fade(tile.left, tile.right, crop.left, crop.right)


def _fade(start: int, stop: int, first: int, last: int) -> Tensor:
    places = torch.arange(first, last) + 0.5
    inside = torch.minimum(places - start, stop - places) + OVERLAP
    return (inside / (2 * OVERLAP)).clamp(1e-3, 1)


def _solved(mattes: Tensor, picture: Tensor, unsure: Tensor) -> Tensor:
    """Return the mattes (N, H', W') of a crop, solved for where they are unsure.

    picture  (H', W', 3)

    Where the solver finds no solution, the mattes stay as they are.
    """
    cf_laplacian, cg, ichol = _solvers()
    free = unsure.cpu().numpy().ravel()
    pixels = np.ascontiguousarray(picture.cpu().numpy(), dtype=np.float64)
    laplacian = cf_laplacian(pixels, epsilon=GRAIN, radius=1, is_known=~free)[free]
    known = mattes.cpu().numpy().reshape(len(mattes), -1).astype(np.float64)
    system = laplacian[:, free].tocsc()
    system.setdiag(system.diagonal() + TRUST)
    pull = laplacian[:, ~free]
    precondition = ichol(system)
    solved = known.copy()
    for index, matte in enumerate(known):
        asked = TRUST * matte[free] - pull @ matte[~free]
        if asked.any():
            solved[index, free] = _or_as_it_was(cg, system, asked, matte[free], precondition)
    return torch.from_numpy(solved).to(mattes).view_as(mattes)


def _solvers() -> tuple[Any, Any, Any]:
    """Return PyMatting's Laplacian, its conjugate gradients and its preconditioner.

    The first import starts Numba's threads, which sets OpenMP's number of them to all cores:
    torch shares it, and would leave the limit that it was given for the rest of the shot.
    """
    threads = torch.get_num_threads()
    try:
        from pymatting import cf_laplacian, cg, ichol
    finally:
        torch.set_num_threads(threads)
    return cf_laplacian, cg, ichol


def _or_as_it_was(cg: Any, system: Any, asked: Vector, was: Vector, precondition: Any) -> Vector:
    try:
        found: Vector = cg(system, asked, x0=was, rtol=NEAR_ENOUGH, maxiter=500, M=precondition)
    except ValueError:  # it has not converged
        return was
    return found
