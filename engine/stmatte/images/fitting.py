# SPDX-License-Identifier: Apache-2.0
"""What every matte from outside must keep to: numbers in [0, 1], and the plate's windows.

A matte of the plate's display window, or of its aspect, goes where the display window is on
the canvas, with the overscan that it brings; one of the canvas itself is taken as it is. What
is nearly right is made right and said in the log; anything else is an error. Knows arrays, no
files.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.images.geometry import to_plate, to_working
from stmatte.images.windows import Box, placed_in

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


@dataclass(frozen=True)
class Fit:
    """How a matte comes to the plate's canvas.

    window  what of its picture is read; None is its display window
    scaled  (H, W) that this is brought to
    place   where it goes on the canvas
    size    (H, W) of the canvas
    """

    window: Box | None
    scaled: tuple[int, int]
    place: Box
    size: tuple[int, int]

    def put(self, matte: Matte) -> Matte:
        """Return the matte (H, W) on the canvas, softly scaled and still in [0, 1]."""
        return np.ascontiguousarray(
            placed_in(_to_size(matte, self.scaled), self.place, Box.of_size(self.size))
        )


def fit(matte: Box, size: tuple[int, int], shown: Box | None, asked: Asked) -> Fit:
    """Return how a matte of a display window comes to the plate's canvas.

    matte  the display window of its picture
    size   (H, W) of the plate's canvas
    shown  where the plate's display window lies on the canvas; None is all of it

    Raises StmatteError unless its aspect is the plate's, to within a pixel of the smaller one.
    """
    whole = Box.of_size(size)
    shown = shown or whole
    if matte.size == shown.size:
        overscan = Box(matte.x - shown.x, matte.y - shown.y, whole.width, whole.height)
        return Fit(overscan, size, whole, size)
    if matte.size == size:
        return Fit(None, size, whole, size)
    is_, want = f"{matte.width}x{matte.height}", f"{shown.width}x{shown.height}"
    for place in (shown, whole):
        if _is_aspect(matte.size, place.size):
            _log.warning("%s is %s and is scaled to the plate's %s", asked.subject, is_, want)
            return Fit(None, place.size, place, size)
    raise StmatteError(
        f"{asked.subject} is {is_}, the plate is {want}",
        value=matte.size,
        allowed=f"a {asked.noun} has the plate's size, or its aspect",
        repair=f"Render the {asked.noun} through the plate's Reformat",
    )


def _is_aspect(one: tuple[int, int], other: tuple[int, int]) -> bool:
    (h, w), (height, width) = sorted([one, other])
    return abs(w - width * h / height) <= 1


def _to_size(matte: Matte, size: tuple[int, int]) -> Matte:
    """Return the matte (H, W) in another size, softly and still in [0, 1]."""
    if matte.shape == size:
        return matte
    smaller = size[0] <= matte.shape[0] and size[1] <= matte.shape[1]
    return np.clip(to_working(matte, size), 0, 1) if smaller else to_plate(matte, size)
