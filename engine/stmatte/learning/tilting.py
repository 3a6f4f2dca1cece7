# SPDX-License-Identifier: Apache-2.0
"""Flat things seen from a camera: which point of a thing is where in the picture, and back.

A thing is a card in space that turns in its plane, grows, shears and tilts out of the
picture's plane. Lengths are half heights of the picture, as in `roaming`.
"""

from __future__ import annotations

import torch
from torch import Tensor

DISTANCE = 4.0
"""From the camera to a card, in half heights: about what a lens of 50 mm gives."""

LEAST_DEPTH = 0.2
"""Of `DISTANCE`. What lies nearer or behind the camera is far outside of any thing."""


def card_views(ways: Tensor) -> Tensor:
    """Return homographies (..., 3, 3) from a card's points to the picture's.

    ways  (..., 8) turn, grow, x, y, shear, squeeze, yaw, pitch
    """
    turn, grow, x, y, shear, squeeze, yaw, pitch = ways.unbind(dim=-1)
    none, one = torch.zeros_like(turn), torch.ones_like(turn)
    size = torch.exp2(grow)
    flat = _matrix(
        [size * (1 + squeeze), size * shear, none],
        [size * shear, size * (1 - squeeze), none],
        [none, none, one],
    )
    turned = _matrix(
        [turn.cos(), -turn.sin(), none], [turn.sin(), turn.cos(), none], [none, none, one]
    )
    # the first two columns of a turn about the vertical, then about the horizontal axis
    tilted = _matrix(
        [yaw.cos(), none, x],
        [yaw.sin() * pitch.sin(), pitch.cos(), y],
        [yaw.sin() * pitch.cos() / DISTANCE, -pitch.sin() / DISTANCE, one],
    )
    # the middle of the card is seen at (x, y) however it tilts
    tilted[..., 0, :2] += x[..., None] * tilted[..., 2, :2]
    tilted[..., 1, :2] += y[..., None] * tilted[..., 2, :2]
    return tilted @ turned @ flat


def on_cards(views: Tensor, points: Tensor) -> Tensor:
    """Return which point of its card is seen at each point of the picture.

    views    (..., 3, 3) from `card_views`
    points   (N, 2)
    returns  (..., N, 2)
    """
    back = torch.linalg.inv(views)
    there: Tensor = points @ back[..., :2].transpose(-1, -2) + back[..., None, :, 2]
    depth = there[..., 2:].clamp(min=LEAST_DEPTH)
    return there[..., :2] / depth


def _matrix(*rows: list[Tensor]) -> Tensor:
    return torch.stack([torch.stack(row, dim=-1) for row in rows], dim=-2)
