# SPDX-License-Identifier: Apache-2.0
"""Queries and memories of small random sizes, for every way to read.

from memories import SIZES, tensors
"""

from __future__ import annotations

import torch
from hypothesis import strategies as st
from torch import Tensor

SIZES = st.tuples(*(st.integers(1, 4) for _ in range(8)))
"""Objects, frames, key and value channels, the query's height and width, the memory's."""


def tensors(seed: int, sizes: tuple[int, ...]) -> tuple[Tensor, Tensor, Tensor]:
    """Return a query (K, H', W'), keys (T, K, H, W) and values (N, T, V, H, W)."""
    objects, frames, k, v, asked_h, asked_w, h, w = sizes
    torch.manual_seed(seed)
    return (
        torch.randn(k, asked_h, asked_w),
        torch.randn(frames, k, h, w),
        torch.randn(objects, frames, v, h, w),
    )
