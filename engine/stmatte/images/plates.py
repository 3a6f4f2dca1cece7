# SPDX-License-Identifier: Apache-2.0
"""The kinds of plates: pictures in a folder, a video file, arrays.

Every frame is read on the plate's canvas: its display window, and overscan where any frame
has some. It is black where a frame's own data window is smaller. Numbers are those of the
files, in the plate's own colour space; nothing is converted here, `view` does that.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.images.colour import SRGB, ColourSpace, find_space, space_of
from stmatte.images.layers import plate_channels
from stmatte.images.plate import (
    Picture,
    Plate,
    Stamp,
    check_finite,
    check_size,
    check_windows,
    missing_frame,
    stamp_of,
)
from stmatte.images.raster import ColourTags, Part, open_picture, to_float
from stmatte.images.sequences import Sequence, find_sequence, is_video
from stmatte.images.video import Video
from stmatte.images.windows import Box, around
from stmatte.shot import Array, PlateSource


def open_plate(source: PlateSource, *, colorspace: str = "", layer: str = "") -> Plate:
    """Open a plate: a pattern, folder, first frame or video file, or arrays by frame number.

    colorspace  name in the OCIO config; "" takes what the files say, or what is usual
    layer       of pictures with several; "" chooses, see `plate_channels`

    Reads no more than headers. Raises StmatteError if there is nothing to read, or if the
    colour space is not in the config.
    """
    named = find_space(colorspace) if colorspace else ""
    if not isinstance(source, str):
        return MemoryPlate(source, named)
    if is_video(source):
        return VideoPlate(Video(source), named)
    return SequencePlate(find_sequence(source), named, layer)


def _known(named: str) -> ColourSpace | None:
    return ColourSpace(named, "as you said") if named else None


@dataclass(frozen=True)
class SequencePlate:
    """Pictures in a folder.

    named  the colour space, if somebody named it
    layer  which layer is looked at; "" chooses
    """

    sequence: Sequence
    named: str = ""
    layer: str = ""

    @property
    def label(self) -> str:
        return self.sequence.label

    @cached_property
    def frames(self) -> tuple[int, ...]:
        return self.sequence.frames

    @property
    def display(self) -> Box:
        return self._first.display

    @cached_property
    def canvas(self) -> Box:
        return around((self.display, *self._data.values()))

    @property
    def size(self) -> tuple[int, int]:
        return self.canvas.size

    @property
    def pixel_aspect(self) -> float:
        return self._first.pixel_aspect

    @cached_property
    def colorspace(self) -> ColourSpace:
        return _known(self.named) or space_of(self._first.tags, self.label)

    @cached_property
    def _first(self) -> Part:
        # a damaged frame says nothing about the others, and may be passed over
        damaged: StmatteError | None = None
        for frame in self.frames:
            try:
                with open_picture(self.sequence.files[frame], f"Plate frame {frame}") as picture:
                    return plate_channels(picture, frame, self.layer)[0]
            except StmatteError as error:  # noqa: PERF203  the first frame is nearly always whole
                damaged = damaged or error
        raise damaged or missing_frame(self, self.frames[0])

    @cached_property
    def _data(self) -> dict[int, Box]:
        """Data windows of the frames that have one of their own: only EXR keeps them apart."""
        found: dict[int, Box] = {}
        for frame in self.frames if self._first.tags.kind == "openexr" else ():
            with (
                suppress(StmatteError),  # it is told when the frame is read
                open_picture(self.sequence.files[frame], f"Plate frame {frame}") as picture,
            ):
                part, _ = plate_channels(picture, frame, self.layer)
                if part.display == self.display != part.data and part.data.meets(self.display):
                    found[frame] = part.data
        return found

    def data(self, frame: int) -> Box:
        return self._data.get(frame, self.display)

    def path(self, frame: int) -> Path | None:
        return self.sequence.files.get(frame)

    def read(self, frame: int) -> Picture:
        if frame not in self.sequence.files:
            raise missing_frame(self, frame)
        path = self.sequence.files[frame]
        with open_picture(path, f"Plate frame {frame}") as picture:
            part, channels = plate_channels(picture, frame, self.layer)
            check_windows(self, frame, part)
            pixels = to_float(picture.read(part, channels, self.canvas))
        if len(channels) == 1:
            pixels = np.repeat(pixels, 3, axis=2)
        check_finite(pixels, frame, f' ("{path}")')
        return Picture(pixels, self.colorspace.name)

    def stamp(self, frame: int) -> Stamp | None:
        path = self.sequence.files.get(frame)
        return None if path is None else stamp_of(path)


@dataclass(frozen=True)
class VideoPlate:
    """A video file: 8 bit, taken as sRGB if nobody says otherwise, its first frame is number 1."""

    video: Video
    named: str = ""

    @property
    def label(self) -> str:
        return self.video.path

    @cached_property
    def frames(self) -> tuple[int, ...]:
        return tuple(range(1, self.video.count + 1))

    @property
    def display(self) -> Box:
        return Box.of_size(self.video.size)

    @property
    def canvas(self) -> Box:
        return self.display

    @property
    def size(self) -> tuple[int, int]:
        return self.video.size

    @property
    def pixel_aspect(self) -> float:
        return self.video.pixel_aspect

    @property
    def colorspace(self) -> ColourSpace:
        return _known(self.named) or ColourSpace(SRGB, "as videos are", guessed=True)

    def read(self, frame: int) -> Picture:
        if not 1 <= frame <= self.video.count:
            raise missing_frame(self, frame)
        return Picture(to_float(self.video.read(frame)), self.colorspace.name)

    def data(self, frame: int) -> Box:
        del frame
        return self.display

    def path(self, frame: int) -> Path | None:
        del frame  # they all lie in one file
        return None

    def stamp(self, frame: int) -> Stamp | None:
        del frame  # they all lie in one file
        return stamp_of(Path(self.video.path))


@dataclass(frozen=True)
class MemoryPlate:
    """Arrays that the caller holds: frame number -> (H, W, 3).

    uint8 and uint16 are sRGB, floating point is scene-linear, exactly as in files.
    """

    pictures: Mapping[int, Array]
    named: str = ""

    def __post_init__(self) -> None:
        if not self.pictures:
            raise StmatteError(
                "The plate has no frames", allowed="a plate maps frame numbers to (H, W, 3) arrays"
            )

    @property
    def label(self) -> str:
        return "plate in memory"

    @cached_property
    def frames(self) -> tuple[int, ...]:
        return tuple(sorted(self.pictures))

    @property
    def display(self) -> Box:
        return Box.of_size(self.size)

    @property
    def canvas(self) -> Box:
        return self.display

    @property
    def size(self) -> tuple[int, int]:
        height, width = self._array(self.frames[0]).shape[:2]
        return height, width

    @property
    def pixel_aspect(self) -> float:
        return 1.0

    @cached_property
    def colorspace(self) -> ColourSpace:
        floating = self._array(self.frames[0]).dtype.kind == "f"
        return _known(self.named) or space_of(ColourTags("array", floating), "")

    def read(self, frame: int) -> Picture:
        if frame not in self.pictures:
            raise missing_frame(self, frame)
        array = self._array(frame)
        check_size(self, frame, (array.shape[0], array.shape[1]))
        pixels = to_float(array)
        check_finite(pixels, frame, "")
        return Picture(pixels, self.colorspace.name)

    def data(self, frame: int) -> Box:
        del frame
        return self.display

    def path(self, frame: int) -> Path | None:
        del frame  # they are arrays
        return None

    def stamp(self, frame: int) -> Stamp | None:
        del frame  # arrays can change at any time
        return None

    def _array(self, frame: int) -> NDArray[Any]:
        array = np.asarray(self.pictures[frame])
        known = array.dtype in (np.uint8, np.uint16) or array.dtype.kind == "f"
        if array.ndim != 3 or array.shape[2] != 3 or 0 in array.shape or not known:
            raise StmatteError(
                f"Plate frame {frame} is an array of shape {array.shape} and type {array.dtype}",
                value=(array.shape, str(array.dtype)),
                allowed="a frame is (H, W, 3) of uint8, uint16 or floating point numbers",
            )
        return array
