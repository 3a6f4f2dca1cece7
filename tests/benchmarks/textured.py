# SPDX-License-Identifier: Apache-2.0
"""What the plates that benchmarks make show: texture, and a disc that moves over it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from timing.clip import texture as noise

Size = tuple[int, int]


def texture(seed: int, size: Size) -> NDArray[np.uint8]:
    """Return noise of several scales, (H, W, 3), in whole numbers."""
    return (noise(size, seed) * 255).astype(np.uint8)


def disc(size: Size, x: float, radius: float) -> NDArray[np.float32]:
    """Return the matte (H, W) of a disc at half height, its middle in column x."""
    rows, columns = np.indices(size, np.float32)
    return np.clip(radius - np.hypot(rows - size[0] / 2, columns - x) + 0.5, 0, 1)


def crossing(frame: int, frames: int, size: Size, radius: float) -> NDArray[np.float32]:
    """Return that matte in a frame counted from 0: the disc crosses the picture once."""
    return disc(size, radius + (size[1] - 2 * radius) * frame / max(1, frames - 1), radius)
