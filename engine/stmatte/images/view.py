# SPDX-License-Identifier: Apache-2.0
"""A plate as a display shows it: what the network and the previews look at.

A plate in sRGB is looked at as it is. One whose numbers are light, or the logarithm of it,
is made brighter or darker by one number of stops for the whole shot, bent at its bright end
so that what is above white stays apart, and brought to sRGB. Why this view and no other is
in engine/decisions/0008-view.md. It is for looking only: a plate's own numbers stay as they
are and are never written anywhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from stmatte.images.colour import AS_IT_IS, LINEAR, SRGB, convert, is_scene_referred
from stmatte.images.plate import Picture

GREY = 0.18
"""Light that a picture's middle is brought to: a card of medium grey."""

MOST_MEASURED = 6.0
"""Stops by which a measured exposure changes a plate at most, up or down."""

KNEE = 0.7
"""Light from which on the view is bent, so that more and more light comes near 1."""

_EVERY = 8  # rows and columns that are looked at for the exposure
_BLACK = 1e-4  # light below which a pixel says nothing about the exposure
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)  # Rec. ITU-R BT.709


def to_display(picture: Picture, exposure: float = 0.0) -> NDArray[np.float32]:
    """Return the picture as display-referred sRGB.

    picture   any finite numbers, in any colour space of the config
    exposure  stops; of no account where the plate is display-referred
    returns   (H, W, 3) float32 in [0, 1]

    It works pixel by pixel, so a large picture is best scaled down first.
    Raises StmatteError if the OCIO config cannot bring the picture to sRGB.
    """
    if picture.space in (SRGB, AS_IT_IS):
        return _clamped(picture.pixels)
    if not is_scene_referred(picture.space):
        return _clamped(convert(picture.pixels, picture.space, SRGB))
    light = convert(picture.pixels, picture.space, LINEAR)
    light = _bent(np.maximum(light, 0) * np.float32(2**exposure))
    return _clamped(convert(light, LINEAR, SRGB))


def measure_exposure(pictures: Iterable[Picture]) -> float:
    """Return the stops that bring the middle of some pictures to medium grey.

    pictures  a few of the shot; 0 if they are display-referred
    returns   in [-6, 6], to a hundredth of a stop

    The middle is the median of all that isn't black: a lamp that swings through the picture
    hardly moves it.
    """
    return exposure_for(stops_in(picture) for picture in pictures)


def exposure_for(stops: Iterable[NDArray[np.float32]]) -> float:
    """Return what `measure_exposure` does, from the `stops_in` of the pictures."""
    seen = np.concatenate([*stops, np.empty(0, np.float32)])
    if not seen.size:
        return 0.0
    exposure = math.log2(GREY) - float(np.median(seen))
    return round(min(MOST_MEASURED, max(-MOST_MEASURED, exposure)), 2) + 0.0  # no -0


def stops_in(picture: Picture) -> NDArray[np.float32]:
    """Return the light (P) of some pixels in stops from 1, without those that are black.

    None of them where the picture is display-referred. A picture need not be held for it.
    """
    if not is_scene_referred(picture.space):
        return np.empty(0, np.float32)
    some = np.ascontiguousarray(picture.pixels[::_EVERY, ::_EVERY])
    light = convert(some, picture.space, LINEAR) @ _LUMINANCE
    seen: NDArray[np.float32] = np.log2(light[light > _BLACK])
    return seen


def _bent(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bring light from the knee up below 1, without a break in brightness or slope."""
    over = np.maximum(light - np.float32(KNEE), 0) / np.float32(1 - KNEE)
    bent: NDArray[np.float32] = np.minimum(light, np.float32(KNEE)) + np.float32(1 - KNEE) * (
        over / (1 + over)
    )
    return bent


def _clamped(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    clamped: NDArray[np.float32] = np.clip(pixels, 0, 1).astype(np.float32, copy=False)
    return clamped
