# SPDX-License-Identifier: Apache-2.0
"""Rows at a time: a block whose inner maps are large sees a picture strip by strip.

What a CPU's caches cannot hold goes to memory and back at every layer, and a block of more than
32 MiB is asked of the system anew each time by Linux's C library, zeros and all. Strips overlap by
the rows that their neighbours see too, so that nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def by_strips(work: Callable[[Tensor], Tensor], x: Tensor, stride: int, rows: int) -> Tensor:
    """Do work on some rows of maps at a time.

    work     (B, C, H, W) -> (B, C', H / stride, W / stride), where each row sees the `stride` rows
             that it is made of, and at most as many above and below
    x        (B, C, H, W), H a multiple of the stride
    rows     of what comes out, at once
    returns  what the work makes of all of x
    """
    height = x.shape[-2] // stride
    strips = []
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        above, below = max(0, top - 1), min(bottom + 1, height)
        seen = work(x[..., above * stride : below * stride, :])
        strips.append(seen[..., top - above : bottom - above, :])
    return torch.cat(strips, dim=-2)
