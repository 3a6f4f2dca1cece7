# SPDX-License-Identifier: Apache-2.0
"""One picture file: its channels by name, as numbers, in whichever window is asked for.

The only place that opens pictures with OpenImageIO. It knows nothing of plates, keys and
mattes; who asks says in `subject` what the picture is, and the sentence of an error
begins with it.

Channels are found by name and never by position (OpenImageIO reorders them). Alpha is
never multiplied into colour. Deep pictures are refused: OpenImageIO would hand out
garbage without an error. `oiio:missingcolor` is never set: with some truncated files it
ends the whole process.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813  the name that all its documents use
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.images.windows import Box, placed_in

_SCALES = {np.dtype(np.uint8): 255.0, np.dtype(np.uint16): 65535.0}


@dataclass(frozen=True)
class ColourTags:
    """What a file says about its colour.

    kind            OpenImageIO's name of the file format, such as "openexr"
    floating        the numbers are floating point
    colorspace      the colour space it names, "" where it names none
    chromaticities  x, y of red, green, blue and white; () where it doesn't say
    transfer        DPX: name of the transfer characteristic; "" elsewhere
    """

    kind: str
    floating: bool
    colorspace: str = ""
    chromaticities: tuple[float, ...] = ()
    transfer: str = ""


@dataclass(frozen=True)
class Part:
    """One part of a picture file; most files have exactly one.

    name          the part's name, "" where it has none
    channels      channel names, in no order to rely on
    display       the display window
    data          the data window: where there are pixels
    pixel_aspect  width of a pixel over its height
    tags          what the file says about its colour
    """

    index: int
    name: str
    channels: tuple[str, ...]
    display: Box
    data: Box
    pixel_aspect: float
    tags: ColourTags

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the display window."""
        return self.display.size


class PictureFile:
    """An open picture; made by `open_picture`, valid inside its `with` block."""

    def __init__(self, source: Any, path: Path, subject: str):
        self._source = source
        self._path = path
        self._subject = subject
        self.parts: tuple[Part, ...] = tuple(self._parts())
        if not self.parts:
            raise _unreadable(path, subject, source.geterror())

    def read(self, part: Part, channels: Sequence[str], window: Box | None = None) -> NDArray[Any]:
        """Read channels by name.

        window   what to read; None means the display window
        returns  (H, W, C) in that window, in the order asked: uint8 or uint16 where the
                 file holds such numbers, else float32. Pixels outside the data window are
                 0, pixels outside the window are left away.

        Raises StmatteError if the file is truncated or damaged.
        """
        self._source.seek_subimage(part.index, 0)
        spec = self._source.spec(part.index, 0)
        at = [part.channels.index(name) for name in channels]
        kind = {oiio.UINT8: "uint8", oiio.UINT16: "uint16"}.get(spec.format.basetype, "float")
        pixels = self._source.read_image(part.index, 0, min(at), max(at) + 1, kind)
        reason = self._source.geterror()
        # A truncated JPEG comes back as an array with an error beside it.
        if pixels is None or reason:
            raise _unreadable(self._path, self._subject, reason)
        pixels = pixels.reshape(spec.height, spec.width, -1)
        if [i - min(at) for i in at] != list(range(pixels.shape[2])):
            pixels = np.ascontiguousarray(pixels[:, :, [i - min(at) for i in at]])
        return placed_in(pixels, part.data, window or part.display)

    def _parts(self) -> Iterator[Part]:
        index = 0
        while self._source.seek_subimage(index, 0):
            spec = self._source.spec()
            if spec.deep:
                raise StmatteError(
                    f'{self._subject} is a deep picture, "{self._path}"',
                    value=str(self._path),
                    allowed="only flat pictures can be read",
                    repair="Flatten it first (in Nuke with DeepToImage)",
                )
            printed = spec.get_string_attribute(f"{self._source.format_name()}:ColorSpace", "")
            if printed in ("CMYK", "YCCK"):
                raise StmatteError(
                    f'{self._subject} is a {printed} picture, made for print, "{self._path}"',
                    value=printed,
                    allowed="pictures are red, green and blue, or grey",
                    repair="Convert it to RGB with the profile that it was made for",
                )
            aspect = float(spec.get_float_attribute("PixelAspectRatio", 1.0))
            yield Part(
                index,
                spec.get_string_attribute("oiio:subimagename", ""),
                tuple(spec.channelnames),
                Box(spec.full_x, spec.full_y, spec.full_width, spec.full_height),
                Box(spec.x, spec.y, spec.width, spec.height),
                aspect if np.isfinite(aspect) and aspect > 0 else 1.0,
                _tags(spec, self._source.format_name()),
            )
            index += 1
        self._source.geterror()  # asking for one part too many leaves a message behind


@contextmanager
def open_picture(path: Path, subject: str) -> Iterator[PictureFile]:
    """Open one picture file for reading.

    subject   what the picture is to the person, such as "Plate frame 1042"

    Raises StmatteError naming subject, file and OpenImageIO's reason.
    """
    if not path.is_file():
        raise StmatteError(
            f'{subject} does not exist, "{path}"', value=str(path), repair="Check the path"
        )
    config = oiio.ImageSpec()
    config.attribute("oiio:UnassociatedAlpha", 1)
    oiio.geterror()  # what others left behind in this thread is not about this file
    source = oiio.ImageInput.open(str(path), config)
    if source is None:
        raise _unreadable(path, subject, oiio.geterror())
    try:
        yield PictureFile(source, path, subject)
    finally:
        source.close()


def to_float(pixels: NDArray[Any]) -> NDArray[np.float32]:
    """Return uint8 or uint16 numbers as float32 in [0, 1]; floating point numbers as they are."""
    scale = _SCALES.get(pixels.dtype)
    if scale is None:
        return np.asarray(pixels, dtype=np.float32)
    return np.asarray(np.divide(pixels, np.float32(scale), dtype=np.float32))


def _tags(spec: Any, kind: str) -> ColourTags:
    primaries = spec.getattribute("chromaticities")
    return ColourTags(
        kind,
        spec.format.basetype in (oiio.HALF, oiio.FLOAT, oiio.DOUBLE),
        spec.get_string_attribute("oiio:ColorSpace", ""),
        tuple(float(number) for number in primaries or ()),
        spec.get_string_attribute(f"{kind}:Transfer", ""),
    )


def _unreadable(path: Path, subject: str, reason: str) -> StmatteError:
    first = reason.strip().splitlines()[0].rstrip(".") if reason.strip() else "no reason given"
    return StmatteError(
        f'{subject} cannot be read from "{path}" ({first})',
        value=str(path),
        allowed="the file is damaged, cut short, or of an unknown format",
        repair="Copy or render this file again",
    )
