# SPDX-License-Identifier: Apache-2.0
"""What every matte from outside must keep to: numbers in [0, 1], and the plate's aspect.

What is nearly right is made right and said in the log; anything else is an error. Knows
arrays, no files.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.images.geometry import to_plate, to_working

Matte = NDArray[np.float32]

_log = logging.getLogger("stmatte")

_ROUNDING = 1e-3  # so far outside [0, 1] nobody needs to know
_OVERSHOOT = 0.1  # so far a sharpening filter goes; beyond, the picture is no matte


@dataclass(frozen=True)
class Asked:
    """What the caller wants from a key or a lock, and how its errors begin.

    path     the picture; empty where a program gave an array
    names    the objects that are asked for
    subject  how a sentence about it begins, such as 'Key at frame 7 "hero.png"'
    noun     what it is to the artist
    """

    path: Path
    names: tuple[str, ...]
    subject: str
    noun: str = "key"

    def error(
        self, what: str, allowed: str, repair: str = "", value: object = None
    ) -> StmatteError:
        """Return an error about what was asked for; `what` goes on after the subject."""
        return StmatteError(f"{self.subject} {what}", value=value, allowed=allowed, repair=repair)

    def empty(self) -> StmatteError:
        """Return the error for mattes that are 0 everywhere."""
        return self.error(
            "is empty",
            f"a {self.noun} holds at least one pixel that is not 0",
            "Draw the object, or choose a frame where it is seen",
            str(self.path),
        )


def in_range(matte: Matte, where: str, asked: Asked) -> Matte:
    """Return the matte in [0, 1]; a filter's overshoot is clamped, anything else is an error."""
    low, high = float(matte.min()), float(matte.max())
    if not (low >= -_OVERSHOOT and high <= 1 + _OVERSHOOT):  # NaN fails both
        raise asked.error(
            f"runs from {low:g} to {high:g} in {where}",
            "every number of a matte is in [0, 1]",
            "Clamp it, or render the matte instead of another channel",
            (low, high),
        )
    if low < -_ROUNDING or high > 1 + _ROUNDING:
        _log.warning(
            "%s runs from %.3f to %.3f in %s and is clamped", asked.subject, low, high, where
        )
    return np.ascontiguousarray(np.clip(matte, 0, 1))


def check_aspect(key: tuple[int, int], plate: tuple[int, int], asked: Asked) -> None:
    """Let a key pass whose aspect is the plate's to within a pixel of the smaller one."""
    if key == plate:
        return
    (h, w), (height, width) = sorted([key, plate])
    is_, want = f"{key[1]}x{key[0]}", f"{plate[1]}x{plate[0]}"
    if abs(w - width * h / height) > 1:
        raise StmatteError(
            f"{asked.subject} is {is_}, the plate is {want}",
            value=key,
            allowed=f"a {asked.noun} has the plate's size, or its aspect",
            repair=f"Render the {asked.noun} through the plate's Reformat",
        )
    _log.warning("%s is %s and is scaled to the plate's %s", asked.subject, is_, want)


def to_size(matte: Matte, size: tuple[int, int]) -> Matte:
    """Return the matte (H, W) scaled to the plate's size, softly and still in [0, 1]."""
    if matte.shape == size:
        return matte
    smaller = size[0] <= matte.shape[0] and size[1] <= matte.shape[1]
    return np.clip(to_working(matte, size), 0, 1) if smaller else to_plate(matte, size)
