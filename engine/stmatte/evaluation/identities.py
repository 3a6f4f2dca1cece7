# SPDX-License-Identifier: Apache-2.0
"""Whether objects stay themselves: on whose truth each mask lies, and how often that changes.

Names are given on the first frame and never change, so a matte that follows another object is
wrong however well it lies on it. Knows label pictures; nothing of files.

Source: the identity switches of Bernardin and Stiefelhagen, "Evaluating Multiple Object Tracking
Performance: The CLEAR MOT Metrics", 2008. Ours are for masks: overlap is IoU, one truth may be
stood for by several masks, and at the start each mask stands for its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.uint8]

LEAST = 0.1
"""IoU below which a mask stands for no object: specks have no identity."""


@dataclass(frozen=True)
class Identity:
    """How one object's mask stayed on its object.

    strayed   frames on which it stands for another object
    switches  how often the object that it stands for changed, there and back being two
    """

    strayed: int
    switches: int


def stands_for(mask: Labels, truth: Labels, numbers: Sequence[int]) -> dict[int, int | None]:
    """Return for each object whose truth its mask overlaps most, by IoU; None if nobody's.

    mask, truth  (H, W) of object numbers
    numbers      of the objects; of equals an object's own truth is taken, then the first
    """
    size = 256
    pairs = np.bincount(
        mask.ravel().astype(np.intp) * size + truth.ravel(), minlength=size * size
    ).reshape(size, size)
    ours, theirs = pairs.sum(axis=1), pairs.sum(axis=0)
    found: dict[int, int | None] = {}
    for number in numbers:
        overlaps = {
            other: pairs[number, other]
            / max(1, ours[number] + theirs[other] - pairs[number, other])
            for other in (number, *(n for n in numbers if n != number))
        }
        best = max(overlaps, key=lambda other: overlaps[other])  # the first of equals
        found[number] = best if overlaps[best] >= LEAST else None
    return found


def identities(
    frames: Iterable[tuple[Labels, Labels]], numbers: Sequence[int]
) -> dict[int, Identity]:
    """Return how the objects of a sequence stayed themselves.

    frames  (mask, truth) of every judged frame, in order

    Where a mask stands for nobody, the last object that it stood for still counts.
    """
    last = {number: number for number in numbers}
    strayed, switches = dict.fromkeys(numbers, 0), dict.fromkeys(numbers, 0)
    for mask, truth in frames:
        for number, other in stands_for(mask, truth, numbers).items():
            if other is None:
                continue
            strayed[number] += other != number
            switches[number] += other != last[number]
            last[number] = other
    return {number: Identity(strayed[number], switches[number]) for number in numbers}
