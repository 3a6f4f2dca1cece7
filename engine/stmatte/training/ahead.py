# SPDX-License-Identifier: Apache-2.0
"""Clips made ahead by other processes, so that a GPU never waits for them.

To make a clip takes a tenth of a second of one core, and Python's lock lets only one thread of
a process at it. So whole steps are made by processes, a core each, and travel as bytes: 8 bits
of colour and coverage are what plates and mattes have. Knows no recipe and no network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import cv2
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from stmatte.learning.clips import TrainingClips

Make = Callable[[int], TrainingClips]
"""Step -> the clips of it, on the CPU. It goes to other processes, so it must be picklable."""

AHEAD = 2
"""Steps that each process makes before they are asked for."""


class Packed(NamedTuple):
    """Clips as bytes; see `TrainingClips` for what they are."""

    images: Tensor
    objects: Tensor
    known: Tensor
    asked: Tensor


def made_ahead(
    make: Make, steps: range, device: torch.device, processes: int
) -> Iterator[tuple[int, TrainingClips]]:
    """Yield every step with its clips on the device, in order.

    processes  how many of them make clips, at least one
    """
    loader = DataLoader(
        _Steps(make, steps),
        batch_size=None,
        num_workers=min(processes, max(1, len(steps))),
        prefetch_factor=AHEAD,
        pin_memory=device.type == "cuda",
        worker_init_fn=_alone,
    )
    for step, packed in zip(steps, loader, strict=True):
        yield step, unpacked(packed, device)


def packed(clips: TrainingClips) -> Packed:
    """Round clips to bytes."""
    images, objects = (
        (maps * 255).round_().to(torch.uint8) for maps in (clips.images, clips.objects)
    )
    return Packed(images, objects, clips.known.to(torch.uint8), clips.asked)


def unpacked(given: Packed, device: torch.device) -> TrainingClips:
    """Return clips on the device; copies are not waited for. What is asked stays on the CPU.

    Whoever asks a GPU which objects to learn from waits until all its work is done.
    """
    images, objects, known = (m.to(device, non_blocking=True) for m in given[:3])
    return TrainingClips(images.float() / 255, objects.float() / 255, known.float(), given.asked)


class _Steps(Dataset[Packed]):
    def __init__(self, make: Make, steps: range):
        self.make, self.steps = make, steps

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, index: int) -> Packed:
        return packed(self.make(self.steps[index]))


def _alone(_: int) -> None:
    """Have a process use one core: torch's other threads are off already, OpenCV's are not."""
    cv2.setNumThreads(0)
