# SPDX-License-Identifier: Apache-2.0
"""Random motion of layers over the frames of a clip: affine and thin-plate.

All functions work on batches of layers on any device; grids are in the coordinates of
`torch.nn.functional.grid_sample` (x, y in [-1, 1], `align_corners=False`).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

CONTROL = 4  # thin-plate control points per side
COARSE = 8  # thin-plate bends are computed on a grid so many pixels apart


@dataclass(frozen=True)
class Reach:
    """How far a layer may move: where it starts, and how it goes on from frame to frame.

    rotation  radians; zoom  log2; shift  half pictures; shear  slope; bend  half pictures
    """

    rotation: float
    zoom: float
    shift: float
    shear: float
    bend: float


def random_walk(
    start: Reach, step: Reach, layers: int, frames: int, random: torch.Generator
) -> Tensor:
    """Draw motion parameters (layers, frames, 6): rotation, zoom, shift x and y, shear, squeeze.

    Every frame goes on from the one before by a velocity that changes a little, as things
    with a mass do, and by a small jerk.
    """

    def draw(reach: Reach, *shape: int) -> Tensor:
        sizes = torch.tensor(
            [reach.rotation, reach.zoom, reach.shift, reach.shift, reach.shear, reach.shear]
        )
        return (torch.rand(*shape, 6, generator=random) * 2 - 1) * sizes

    velocity = draw(step, layers, 1) + 0.4 * draw(step, layers, frames - 1)
    travelled = torch.cat([torch.zeros(layers, 1, 6), velocity.cumsum(dim=1)], dim=1)
    return draw(start, layers, 1) + travelled


def affine_grids(motion: Tensor, size: tuple[int, int], about: Tensor | None = None) -> Tensor:
    """Return sampling grids (layers * frames, H, W, 2) for motion (layers, frames, 6).

    about  (layers, 2) the point (x, y) in [-1, 1] that each layer turns and grows about; None
           is the picture's middle
    """
    rotation, zoom, shift_x, shift_y, shear, squeeze = motion.flatten(0, 1).unbind(dim=1)
    height, width = size
    scale = torch.exp2(-zoom)  # the grid maps back, from the frame to the layer
    cosine, sine = rotation.cos() * scale, rotation.sin() * scale
    aspect = width / height
    row_x = torch.stack([cosine * (1 + squeeze), (shear - sine) / aspect, -shift_x], dim=1)
    row_y = torch.stack([sine * aspect, cosine * (1 - squeeze), -shift_y], dim=1)
    theta = torch.stack([row_x, row_y], dim=1)
    if about is not None:
        middle = about.repeat_interleave(motion.shape[1], dim=0)[:, :, None]
        theta = torch.cat([theta[..., :2], theta[..., 2:] + middle - theta[..., :2] @ middle], 2)
    return F.affine_grid(theta, [len(theta), 1, height, width], align_corners=False)


def thin_plate_bends(offsets: Tensor, size: tuple[int, int]) -> Tensor:
    """Return smooth displacements (B, H, W, 2) that pass through `offsets` at control points.

    offsets  (B, CONTROL * CONTROL, 2) displacement of each control point, in half pictures

    The spline is smooth, so it is solved on a coarse grid.
    """
    height, width = size
    coarse = thin_plate_lattice(offsets, height // COARSE, width // COARSE).permute(0, 3, 1, 2)
    fine = F.interpolate(coarse, size=size, mode="bicubic", align_corners=False)
    return fine.permute(0, 2, 3, 1)


def thin_plate_lattice(offsets: Tensor, rows: int, columns: int) -> Tensor:
    """Return the displacements of `thin_plate_bends` at the centres of rows * columns cells.

    returns  (B, rows, columns, 2)

    Source: Bookstein, "Principal Warps: Thin-Plate Splines and the Decomposition of
    Deformations", TPAMI 1989.
    """
    device = offsets.device
    points = _lattice(CONTROL, CONTROL, device)
    count = len(points)
    system = torch.zeros(count + 3, count + 3, device=device)
    system[:count, :count] = _plate(torch.cdist(points, points))
    system[:count, count] = system[count, :count] = 1
    system[:count, count + 1 :] = points
    system[count + 1 :, :count] = points.T
    right = torch.cat([offsets, offsets.new_zeros(len(offsets), 3, 2)], dim=1)
    weights = torch.linalg.solve(system, right)
    places = _lattice(rows, columns, device)
    basis = torch.cat(
        [_plate(torch.cdist(places, points)), torch.ones(len(places), 1, device=device), places],
        dim=1,
    )
    bends: Tensor = basis @ weights
    return bends.reshape(-1, rows, columns, 2)


def random_bends(
    start: float, step: float, layers: int, frames: int, random: torch.Generator
) -> Tensor:
    """Draw control offsets (layers * frames, CONTROL * CONTROL, 2) that grow over the frames."""

    def draw(count: int) -> Tensor:
        return torch.rand(layers, count, CONTROL * CONTROL, 2, generator=random) * 2 - 1

    times = torch.arange(frames)[None, :, None, None]
    walk = draw(1) * start + (draw(1) * times + 0.3 * draw(frames) * (times > 0)) * step
    return walk.flatten(0, 1)


def _plate(distance: Tensor) -> Tensor:
    return distance.square() * torch.log(distance + 1e-6)


def _lattice(rows: int, columns: int, device: torch.device) -> Tensor:
    """Return the centres of rows * columns cells as (x, y) in [-1, 1], row-major."""
    y = (torch.arange(rows, device=device) + 0.5) * 2 / rows - 1
    x = (torch.arange(columns, device=device) + 0.5) * 2 / columns - 1
    return torch.stack(torch.meshgrid(y, x, indexing="ij")[::-1], dim=-1).reshape(-1, 2)
