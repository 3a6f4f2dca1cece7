# SPDX-License-Identifier: Apache-2.0
"""A tiny shot to test with: a disc that moves over noise, and a network that copies.

from shots import picture, soft_disc, write_plate
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stmatte.memory.bank import Bank
from stmatte.memory.policies import Policy
from stmatte.networks.protocol import Memory, Query

SIZE = (64, 96)


def soft_disc(x: float, size: tuple[int, int] = SIZE, radius: float = 12) -> NDArray[np.float32]:
    """Return a matte (H, W) of a disc about column `x`, its edge four pixels soft."""
    rows, columns = np.indices(size, np.float32)
    far = np.hypot(rows - size[0] / 2, columns - x)
    return np.clip((radius - far) / 4 + 0.5, 0, 1).astype(np.float32)


def picture(frame: int, size: tuple[int, int] = SIZE) -> NDArray[np.uint8]:
    """Return a frame (H, W, 3): an orange disc two columns further right each frame."""
    noise = np.random.default_rng(7).integers(0, 120, (*size, 3), np.uint8)
    matte = soft_disc(30 + 2 * (frame % 20), size)[:, :, None]
    return (noise * (1 - matte) + np.array([240, 150, 40]) * matte).astype(np.uint8)


def pictures(frames: Iterable[int]) -> dict[int, NDArray[np.uint8]]:
    """Return a plate in memory."""
    return {frame: picture(frame) for frame in frames}


def write_plate(folder: Path, frames: Iterable[int], name: str = "plate.{:04d}.png") -> str:
    """Write a plate as PNG and return its pattern."""
    folder.mkdir(parents=True, exist_ok=True)
    for frame in frames:
        assert cv2.imwrite(str(folder / name.format(frame)), picture(frame)[:, :, ::-1])
    return str(folder / name.replace("{:04d}", "####"))


def write_sequence(folder: Path, frames: Iterable[int], name: str = "disc") -> None:
    """Write the disc as a sequence in the layout of DAVIS."""
    for frame in frames:
        disc = (soft_disc(30 + 2 * frame) > 0.5).astype(np.uint8) * 255
        for kind, pixels, ending in (
            ("JPEGImages", picture(frame)[:, :, ::-1], "jpg"),
            ("Annotations", disc, "png"),
        ):
            path = folder / kind / name / f"{frame:05d}.{ending}"
            path.parent.mkdir(parents=True, exist_ok=True)
            assert cv2.imwrite(str(path), pixels)


def write_grey(path: Path, values: NDArray[Any]) -> Path:
    """Write a grey PNG: numbers of 8 bit as they are, others as mattes in [0, 1]."""
    path.parent.mkdir(parents=True, exist_ok=True)
    grey = values if values.dtype == np.uint8 else np.round(values * 255).astype(np.uint8)
    assert cv2.imwrite(str(path), grey)
    return path


def cut_short(path: Path) -> None:
    """Leave the first half of a file."""
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def latest_planes(query: Query, bank: Bank) -> Tensor:
    """Return, for each object, the plane that was last said of it; the rest is background."""
    objects = len(bank.frames[0].said)
    planes = torch.zeros(objects + 1, *query.size)
    for n in range(objects):
        for frame in bank.speaking_of(n)[-1:]:
            planes[n + 1] = frame.objects["plane"][n]
    planes[0] = 1 - planes[1:].sum(dim=0)
    return planes


@dataclass
class Copying:
    """A network that gives each object the plane of the latest frame that speaks of it.

    read   how many memory frames each query read
    """

    read: list[int] = field(default_factory=list)
    name: str = "copying"
    aggregates: bool = False
    policy: Policy = field(default_factory=Policy)

    def state_dict(self) -> dict[str, Tensor]:
        return {}  # it has no weights

    def encode_query(self, image: Tensor) -> Query:
        return Query((image.shape[-2], image.shape[-1]), {})

    def encode_memory(self, image: Tensor, query: Query, planes: Tensor) -> Memory:
        del image, query
        return Memory({}, {"plane": planes[1:]})

    def segment(self, query: Query, bank: Bank) -> Tensor:
        self.read.append(len(bank.frames))
        return latest_planes(query, bank)


class Mixing(Copying):
    """A network whose result depends on every memory frame and on the picture."""

    def encode_query(self, image: Tensor) -> Query:
        return Query((image.shape[-2], image.shape[-1]), {"grey": image.mean(dim=0)})

    def encode_memory(self, image: Tensor, query: Query, planes: Tensor) -> Memory:
        del image
        return Memory({}, {"plane": planes[1:] * (0.5 + 0.5 * query.maps["grey"])})

    def segment(self, query: Query, bank: Bank) -> Tensor:
        self.read.append(len(bank.frames))
        plane = query.maps["grey"] / 4
        for weight, frame in enumerate(bank.frames, start=1):
            plane = plane + frame.objects["plane"][0] / (2 * weight)
        plane = plane.clamp(0, 1)
        return torch.stack([1 - plane, plane])
