# SPDX-License-Identifier: Apache-2.0
"""What compression does to pictures: blocks of 8 x 8 lose fine differences. Batched torch.

Source: ITU-T T.81, JPEG, annexes A.3.3 (the transform) and K.1 (the usual tables), without its
halving of the colours' size.
"""

from __future__ import annotations

from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

BLOCK = 8
QUALITY = (12.0, 60.0)
"""Of 100, as JPEG's writers count: from what messengers send to what cameras keep."""

_BRIGHT = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
_COLOUR = ((17, 18, 24, 47), (18, 21, 26, 66), (24, 26, 56, 99), (47, 66, 99, 99))


def compressed(images: Tensor, share: float, random: torch.Generator) -> Tensor:
    """Compress a share of clips (B, T, 3, H, W), in their place, each at a quality of its own."""
    chosen = torch.rand(len(images), generator=random) < share
    qualities = QUALITY[0] + (QUALITY[1] - QUALITY[0]) * torch.rand(len(images), generator=random)
    for b in chosen.nonzero()[:, 0].tolist():
        images[b] = quantised(images[b], steps_of(float(qualities[b])))
    return images


def steps_of(quality: float) -> Tensor:
    """Return by how much the parts of a block are told apart, (3, 64), of 1 as white.

    quality  1 to 100, as the Independent JPEG Group scales its tables
    """
    percent = 5000 / quality if quality < 50 else 200 - 2 * quality
    colour = F.pad(torch.tensor(_COLOUR, dtype=torch.float32), (0, 4, 0, 4), value=99.0)
    tables = torch.stack([torch.tensor(_BRIGHT, dtype=torch.float32), colour, colour])
    return (tables * percent / 100).clamp(min=1).flatten(1) / 255


def quantised(images: Tensor, steps: Tensor) -> Tensor:
    """Return pictures (T, 3, H, W) whose parts are whole numbers of steps (3, 64).

    H and W are multiples of 8. Where a step is 0, that part stays as it is.
    """
    basis = _basis(images.device)
    mixed = torch.einsum("oc,tchw->tohw", _opponent(images.device), images)
    blocks = F.pixel_unshuffle(mixed, BLOCK)  # T, 3 * 64, h, w
    frames, _, rows, columns = blocks.shape
    parts = basis @ blocks.reshape(frames, 3, BLOCK * BLOCK, rows * columns)
    sizes = steps.to(images.device)[None, :, :, None]
    whole = torch.where(sizes > 0, (parts / sizes.clamp(min=1e-9)).round_() * sizes, parts)
    back = (basis.T @ whole).reshape(frames, -1, rows, columns)
    mixed = F.pixel_shuffle(back, BLOCK)
    return torch.einsum("oc,tchw->tohw", _opponent(images.device).inverse(), mixed)


@cache
def _basis(device: torch.device) -> Tensor:
    """Return the cosine transform of a block, (64, 64): orthonormal rows."""
    at = torch.arange(float(BLOCK))
    rows = torch.cos((2 * at + 1) * at[:, None] * torch.pi / (2 * BLOCK)) / 2
    rows[0] /= 2**0.5
    return torch.kron(rows, rows).to(device)


@cache
def _opponent(device: torch.device) -> Tensor:
    """Return brightness and two differences of colour of red, green and blue (ITU-R BT.601)."""
    return torch.tensor(
        [[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]],
        device=device,
    )
