# SPDX-License-Identifier: Apache-2.0
"""Growing a picture to the grid of a network, and cutting the border off again.

Networks halve a picture four times and more; a side that is no multiple of their stride
would lose its remainder. The border is shared out to both sides, so that the picture
stays in the middle, and `crop` undoes `pad` exactly.
"""

from __future__ import annotations

from typing import Literal

import torch.nn.functional as F
from torch import Tensor

Mode = Literal["zeros", "reflect"]


def pad(picture: Tensor, multiple: int, mode: Mode = "zeros") -> Tensor:
    """Add the smallest centred border that makes both sides a multiple of `multiple`.

    picture  (C, H, W) picture or (N, H, W) mattes, any range
    mode     "zeros": the border says nothing. "reflect": the border continues the picture,
             which is kinder to features; where the picture is too small to be mirrored so
             far, its edge pixels are repeated instead
    returns  (C, H', W'); a border of odd width has its extra pixel at the bottom and right

    Source: the public STM evaluation, for where the border goes and for "zeros".
    """
    down, across = (-side % multiple for side in picture.shape[-2:])
    top, left = down // 2, across // 2
    border = (left, across - left, top, down - top)
    if not any(border):
        return picture
    if mode == "zeros":
        return F.pad(picture, border)
    height, width = picture.shape[-2:]
    mirrors = max(border[:2]) < width and max(border[2:]) < height
    return F.pad(picture, border, mode="reflect" if mirrors else "replicate")


def pad_beyond(picture: Tensor, multiple: int) -> Tensor:
    """Add a centred border of zeros up to the next multiple that is larger than a side.

    picture  (..., H, W) any range
    returns  (..., H', W'); a side that is a multiple already grows by all of one

    Source: the public RGMP evaluation.
    """
    down, across = (beyond(side, multiple) - side for side in picture.shape[-2:])
    top, left = down // 2, across // 2
    return F.pad(picture, (left, across - left, top, down - top))


def beyond(side: int, multiple: int) -> int:
    """Return the smallest multiple that is larger than a side."""
    return side + multiple - side % multiple


def crop(picture: Tensor, size: tuple[int, int]) -> Tensor:
    """Cut the border off again.

    picture  (..., H', W'), as large as `pad` or `pad_beyond` made it
    size     (H, W) before padding
    returns  (..., H, W)
    """
    height, width = size
    top = (picture.shape[-2] - height) // 2
    left = (picture.shape[-1] - width) // 2
    return picture[..., top : top + height, left : left + width]
