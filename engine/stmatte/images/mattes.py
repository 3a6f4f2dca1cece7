# SPDX-License-Identifier: Apache-2.0
"""Mattes on disk: one EXR a frame, one channel per object.

The layout is the one that every host reads: a single part, the plate not included, its
windows those of the plate's frame. How channels are called, compressed and how fine they
are is `Layout`'s; what the header says of the shot is `metadata`'s.
Values are written as they are, without a threshold. Half float keeps a matte to within
0.00025. The same mattes give the same bytes: the clock is not written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813  the name that all its documents use
from numpy.typing import NDArray

from stmatte.images.exr import write_exr
from stmatte.images.metadata import Metadata
from stmatte.images.raster import open_picture, to_float
from stmatte.images.sound import check_mattes
from stmatte.images.windows import Box, placed_in
from stmatte.layout import Layout
from stmatte.naming import check_object_name

_NO_WORDS: Mapping[str, str] = {}


@dataclass(frozen=True)
class Windows:
    """Where a frame's mattes are, and which part of them its file holds.

    canvas   what the arrays cover
    data     what is written; pixels of it outside the canvas are 0
    display  what a host shows
    """

    canvas: Box
    data: Box
    display: Box

    @classmethod
    def of_size(cls, size: tuple[int, int]) -> Windows:
        """Return the windows of a picture (H, W) without overscan."""
        return cls(Box.of_size(size), Box.of_size(size), Box.of_size(size))

    def onto(self, spec: Any) -> None:
        """Write data and display window into an ImageSpec, whose size is the data window's."""
        spec.x, spec.y = self.data.x, self.data.y
        spec.full_x, spec.full_y = self.display.x, self.display.y
        spec.full_width, spec.full_height = self.display.width, self.display.height


def write_mattes(
    path: Path,
    mattes: Mapping[str, NDArray[Any]],
    *,
    layout: Layout | None = None,
    windows: Windows | None = None,
    pixel_aspect: float = 1.0,
    metadata: Metadata = (),
    attributes: Mapping[str, str] = _NO_WORDS,
) -> None:
    """Write the mattes of one frame, whole or not at all.

    mattes        object name -> (H, W) floating point in [0, 1], all of one size
    layout        names of the channels, compression, depth
    windows       where the mattes are; None: all that there is is shown and written
    pixel_aspect  that of the plate
    metadata      what the plate's header says of the shot
    attributes    further words for the header; empty ones are not kept

    Raises StmatteError if a name cannot be a layer, if a value is not in [0, 1], or if the
    place cannot be written; then nothing is left beside what stood there before.
    """
    layout = layout or Layout()
    pixels = _stacked(mattes, path, np.dtype(np.float16 if layout.depth == "half" else np.float32))
    windows = windows or Windows.of_size(pixels.shape[:2])
    pixels = np.ascontiguousarray(placed_in(pixels, windows.canvas, windows.data))
    spec = oiio.ImageSpec(windows.data.width, windows.data.height, pixels.shape[2], layout.depth)
    windows.onto(spec)
    spec.channelnames = [layout.channel(check_object_name(name)) for name in sorted(mattes)]
    for entry in metadata:
        spec.attribute(entry.name, entry.kind, entry.value)
    for name in sorted(attributes):
        spec.attribute(name, attributes[name])
    spec.attribute("compression", layout.compression)
    spec.attribute("PixelAspectRatio", float(pixel_aspect))
    write_exr(path, spec, pixels)


def read_mattes(path: Path, window: Box | None = None) -> dict[str, NDArray[np.float32]]:
    """Read every channel of a matte file.

    window   what to read; None means the display window
    returns  channel name, such as "hero.A" -> (H, W) float32 in that window

    Raises StmatteError if the file cannot be read.
    """
    with open_picture(path, "Matte file") as picture:
        mattes: dict[str, NDArray[np.float32]] = {}
        for part in picture.parts:
            pixels = to_float(picture.read(part, part.channels, window))
            for index, name in enumerate(part.channels):
                mattes[name] = np.ascontiguousarray(pixels[:, :, index])
    return mattes


def read_words(path: Path, *, whole: bool = True) -> dict[str, str] | None:
    """Return the words that STMatte wrote into a file's header; none if somebody else wrote it.

    whole    ask whether the picture is there, too: a file that was cut short opens like others
    returns  None if the file is not there, is broken, or is no picture
    """
    oiio.geterror()
    source = oiio.ImageInput.open(str(path))
    if source is None:
        oiio.geterror()
        return None
    try:
        spec = source.spec()
        if whole and not _is_whole(source, spec):
            return None
        return {
            str(word.name): str(word.value)
            for word in spec.extra_attribs
            if str(word.name).startswith("stmatte/")
        }
    finally:
        source.close()


def _is_whole(source: Any, spec: Any) -> bool:
    """Read the ends of a picture, of which one was written last; of one in tiles, all."""
    if spec.deep:
        return True  # nothing of ours, and nothing that can be read like others
    if spec.tile_width:
        ends = [source.read_image(0, 0, 0, spec.nchannels, "half")]
    else:
        rows = (spec.y + spec.height - 1, spec.y)
        ends = [source.read_scanlines(y, y + 1, 0, 0, spec.nchannels, "half") for y in rows]
    return not source.geterror() and all(end is not None for end in ends)


def _stacked(
    mattes: Mapping[str, NDArray[Any]], path: Path, kind: np.dtype[Any]
) -> NDArray[np.floating[Any]]:
    """Return (H, W, N) in the order of the sorted names, after a look at every value."""
    size = check_mattes(mattes, path)
    stack: NDArray[np.floating[Any]] = np.empty((*size, len(mattes)), kind)
    for index, name in enumerate(sorted(mattes)):
        stack[:, :, index] = mattes[name]
    return stack
