# SPDX-License-Identifier: Apache-2.0
"""A made clip: textured discs that move over another texture, one for each object.

Arithmetic on a seed. There is texture everywhere, so that a search for matches has as much to
tell apart as in filmed footage; what the masks are worth is measured elsewhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

FIRST = 1001
"""The number of a written plate's first frame."""

RADIUS = 0.24

ROUND = 48
"""Frames after which every disc is where it began: a clip has no end."""


@dataclass(frozen=True)
class Clip:
    """A clip of so many objects, of whatever length.

    size     (H, W)
    objects  how many discs there are; each stays in its own cell of a grid, so that with the
             usual radius they do not overlap
    radius   of a disc, by the shorter side of its cell. The usual one covers 8 % of a picture
             of 480x854 with one disc, 11 % with three, 13 % with ten. Objects of seven
             sequences of DAVIS cover 4 to 8 %
    """

    size: tuple[int, int]
    objects: int
    seed: int
    radius: float = RADIUS

    @cached_property
    def _textures(self) -> tuple[NDArray[np.float32], ...]:
        return tuple(texture(self.size, self.seed + n) for n in range(self.objects + 1))

    def mattes(self, frame: int) -> NDArray[np.float32]:
        """Return the discs' mattes (N, H, W) in a frame counted from 0."""
        height, width = self.size
        columns = math.ceil(math.sqrt(self.objects * width / height))
        rows = math.ceil(self.objects / columns)
        cell = height / rows, width / columns
        radius = self.radius * min(cell)
        across = np.arange(width, dtype=np.float32)[None] + 0.5
        down = np.arange(height, dtype=np.float32)[:, None] + 0.5
        planes = []
        for n in range(self.objects):
            angle = 2 * math.pi * (frame / ROUND + n / self.objects)
            y = (n // columns + 0.5) * cell[0] + 0.18 * min(cell) * math.sin(angle)
            x = (n % columns + 0.5) * cell[1] + 0.18 * min(cell) * math.cos(angle)
            planes.append(np.clip(radius - np.hypot(down - y, across - x) + 0.5, 0, 1))
        return np.stack(planes).astype(np.float32)

    def covered(self) -> float:
        """Return which share of the first picture is objects, in [0, 1]."""
        return float(self.mattes(0).sum(axis=0).clip(0, 1).mean())

    def picture(self, frame: int) -> NDArray[np.float32]:
        """Return the picture (H, W, 3) of a frame counted from 0, in [0, 1]."""
        ground, *skins = self._textures
        shown = ground
        for matte, skin in zip(self.mattes(frame)[..., None], skins, strict=True):
            shown = shown * (1 - matte) + (1 - skin) * matte
        return shown.astype(np.float32)

    def write(self, folder: Path, frames: int) -> None:
        """Write the plate as plate.####.jpg, and the first frame's mattes as key.N.png."""
        for frame in range(frames):
            shown = np.round(self.picture(frame)[:, :, ::-1] * 255).astype(np.uint8)
            _written(folder / f"plate.{FIRST + frame}.jpg", shown)
        for n, matte in enumerate(self.mattes(0)):
            _written(folder / f"key.{n}.png", np.round(matte * 255).astype(np.uint8))


def texture(size: tuple[int, int], seed: int) -> NDArray[np.float32]:
    """Return noise of several scales, (H, W, 3) in [0, 1]."""
    random = np.random.default_rng(seed)
    height, width = size
    total = np.zeros((height, width, 3), np.float32)
    for scale in (4, 16, 64):
        small = random.random((height // scale + 2, width // scale + 2, 3), np.float32)
        total += cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(total / 3, 0, 1)


def _written(path: Path, pixels: NDArray[np.uint8]) -> None:
    if not cv2.imwrite(str(path), pixels):
        raise SystemExit(f"cannot write {path}")
