# SPDX-License-Identifier: Apache-2.0
"""Mattes on disk: one EXR a frame, one channel per object.

The layout is the one that every host reads: a single part, half float, `zips`, data
window and display window alike, the plate not included. Channels are `<object>.<ending>`:
`hero.A` shows in Nuke as `hero.alpha`; Blender wants another ending, such as `V`.
Values are written as they are, without a threshold. Half float keeps a matte to within
0.00025. The same mattes give the same bytes: the clock is not written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813  the name that all its documents use
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.images.exr import write_exr
from stmatte.images.raster import open_picture, to_float
from stmatte.shot import check_object_name

_ENDING = re.compile(r"[A-Za-z]+")
_NO_ATTRIBUTES: Mapping[str, str] = {}


def write_mattes(
    path: Path,
    mattes: Mapping[str, NDArray[Any]],
    *,
    ending: str = "A",
    pixel_aspect: float = 1.0,
    attributes: Mapping[str, str] = _NO_ATTRIBUTES,
) -> None:
    """Write the mattes of one frame, whole or not at all.

    mattes        object name -> (H, W) floating point in [0, 1], all of one size
    ending        what follows the dot in the channel names, one capital letter by custom
    pixel_aspect  that of the plate
    attributes    further words for the header; empty ones are not kept

    Raises StmatteError if a name cannot be a layer, if a value is not in [0, 1], or if the
    place cannot be written; then nothing is left beside what stood there before.
    """
    pixels = _stacked(mattes, path)
    height, width, count = pixels.shape
    spec = oiio.ImageSpec(width, height, count, "half")
    spec.channelnames = [
        f"{check_object_name(name)}.{check_ending(ending)}" for name in sorted(mattes)
    ]
    spec.attribute("compression", "zips")
    spec.attribute("PixelAspectRatio", float(pixel_aspect))
    for name in sorted(attributes):
        spec.attribute(name, attributes[name])
    write_exr(path, spec, pixels)


def read_mattes(path: Path) -> dict[str, NDArray[np.float32]]:
    """Read every channel of a matte file.

    returns  channel name, such as "hero.A" -> (H, W) float32, in the display window

    Raises StmatteError if the file cannot be read.
    """
    with open_picture(path, "Matte file") as picture:
        mattes: dict[str, NDArray[np.float32]] = {}
        for part in picture.parts:
            pixels = to_float(picture.read(part, part.channels))
            for index, name in enumerate(part.channels):
                mattes[name] = np.ascontiguousarray(pixels[:, :, index])
    return mattes


def read_words(path: Path) -> dict[str, str]:
    """Return the words that STMatte wrote into a matte file's header; none if it is broken.

    A file whose last line cannot be read was cut short, and says nothing.
    """
    oiio.geterror()
    source = oiio.ImageInput.open(str(path))
    if source is None:
        oiio.geterror()
        return {}
    try:
        spec = source.spec()
        last = spec.y + spec.height - 1
        whole = source.read_scanlines(last, last + 1, 0, 0, spec.nchannels, "half") is not None
        if source.geterror() or not whole:
            return {}
        return {
            str(word.name): str(word.value)
            for word in spec.extra_attribs
            if str(word.name).startswith("stmatte/")
        }
    finally:
        source.close()


def check_ending(ending: str) -> str:
    """Return `ending` if it can end a channel's name, else raise StmatteError."""
    if _ENDING.fullmatch(ending) is None:
        raise StmatteError(
            f'Channel ending "{ending}" is not possible',
            value=ending,
            allowed='letters, by custom one capital: "A" for Nuke, "V" for Blender',
        )
    return ending


def _stacked(mattes: Mapping[str, NDArray[Any]], path: Path) -> NDArray[np.float16]:
    """Return (H, W, N) in the order of the sorted names, after a look at every value."""
    if not mattes:
        raise StmatteError(
            f'There is no matte to write to "{path}"',
            value=str(path),
            allowed="a matte file holds at least one object",
        )
    first = next(iter(mattes.values()))
    stack = np.empty((*first.shape, len(mattes)), np.float16)
    for index, name in enumerate(sorted(mattes)):
        matte = mattes[name]
        if matte.ndim != 2 or matte.shape != first.shape or 0 in matte.shape:
            raise StmatteError(
                f'Matte of "{name}" for "{path}" has shape {matte.shape}',
                value=matte.shape,
                allowed=f"all mattes of a frame have one shape (H, W), here {first.shape}",
            )
        low, high = float(matte.min()), float(matte.max())
        if not (low >= 0 and high <= 1):  # NaN fails both
            raise StmatteError(
                f'Matte of "{name}" for "{path}" runs from {low:g} to {high:g}',
                value=(low, high),
                allowed="every value of a matte is in [0, 1]",
            )
        stack[:, :, index] = matte
    return stack
