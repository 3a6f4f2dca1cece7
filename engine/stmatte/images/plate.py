# SPDX-License-Identifier: Apache-2.0
"""The plate: footage that can be read frame by frame, wherever it lies.

Numbers are those of the files, in the plate's own colour space; nothing is converted here,
`view` does that. Nothing is ever written to a plate.

Every frame is read on the plate's canvas: its display window, and overscan where any frame
has some. It is black where a frame's own data window is smaller.
"""

from __future__ import annotations

import time
from bisect import bisect
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.images.colour import SRGB, ColourSpace, find_space, space_of
from stmatte.images.layers import plate_channels
from stmatte.images.raster import ColourTags, Part, open_picture, to_float
from stmatte.images.sequences import Sequence, find_sequence, is_video
from stmatte.images.video import Video
from stmatte.images.windows import Box, around
from stmatte.shot import Array, PlateSource

Stamp = tuple[int, int]
"""Size of a file in bytes, and when it was last written in nanoseconds."""

SETTLED = 2 * 10**9
"""Nanoseconds after which a file that is written again gets another time on any file system."""


@dataclass(frozen=True)
class Picture:
    """One frame of a plate.

    pixels  (H, W, 3) float32, the file's own numbers: in [0, 1] if they are whole there, else
            any finite number
    space   the colour space they are in
    """

    pixels: NDArray[np.float32]
    space: str


class Plate(Protocol):
    """Footage, frame by frame.

    label         how a person would name it
    frames        all frame numbers that can be asked for, ascending
    display       the display window, one for all frames
    canvas        what is read and matted: the display window and all data windows
    size          (H, W) of the canvas
    pixel_aspect  width of a pixel over its height
    colorspace    what its numbers are in, and how that is known
    """

    @property
    def label(self) -> str: ...
    @property
    def frames(self) -> tuple[int, ...]: ...
    @property
    def display(self) -> Box: ...
    @property
    def canvas(self) -> Box: ...
    @property
    def size(self) -> tuple[int, int]: ...
    @property
    def pixel_aspect(self) -> float: ...
    @property
    def colorspace(self) -> ColourSpace: ...

    def read(self, frame: int) -> Picture:
        """Read one frame. Raises StmatteError, naming the frame, if that is not possible."""
        ...

    def data(self, frame: int) -> Box:
        """Return the frame's data window; the display window where the file has none."""
        ...

    def path(self, frame: int) -> Path | None:
        """Return the frame's file; None where it has none of its own."""
        ...

    def stamp(self, frame: int) -> Stamp | None:
        """Return what changes when the frame's file is written again; None where there is none.

        A file that was written a moment ago has no stamp: it could change without showing it.
        """
        ...


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
            _check_windows(self, frame, part)
            pixels = to_float(picture.read(part, channels, self.canvas))
        if len(channels) == 1:
            pixels = np.repeat(pixels, 3, axis=2)
        _check_finite(pixels, frame, f' ("{path}")')
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
        _check_size(self, frame, (array.shape[0], array.shape[1]))
        pixels = to_float(array)
        _check_finite(pixels, frame, "")
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


def stamp_of(path: Path) -> Stamp | None:
    """Return the stamp of a file; None if it isn't there, or was written a moment ago."""
    try:
        status = path.stat()
    except OSError:
        return None
    if time.time_ns() - status.st_mtime_ns < SETTLED:
        return None
    return status.st_size, status.st_mtime_ns


def missing_frame(plate: Plate, frame: int) -> StmatteError:
    """Return the error for a frame that the plate has not, with the frames around it."""
    frames = plate.frames
    if frames[0] < frame < frames[-1]:
        after = bisect(frames, frame)
        has = f"the nearest that exist are {frames[after - 1]} and {frames[after]}"
    else:
        has = f"the plate has frames {frames[0]}-{frames[-1]}"
        gaps = frames[-1] - frames[0] + 1 - len(frames)
        has += f", of which {gaps} are missing" if gaps else ""
    return StmatteError(
        f'Plate frame {frame} is missing from "{plate.label}"',
        value=frame,
        allowed=has,
        repair="Render or copy that frame, or choose a range without it",
    )


def _check_size(plate: Plate, frame: int, size: tuple[int, int]) -> None:
    expected = plate.display.size
    if size != expected:
        raise StmatteError(
            f"Plate frame {frame} is {size[1]}x{size[0]}",
            value=size,
            allowed=f"frame {plate.frames[0]} is {expected[1]}x{expected[0]}, "
            "and all frames of a plate have one size",
            repair="Render the plate again in one format",
        )


def _check_windows(plate: Plate, frame: int, part: Part) -> None:
    _check_size(plate, frame, part.size)
    if not part.data.meets(part.display):
        raise StmatteError(
            f"Plate frame {frame} has no pixel in its picture",
            value=str(part.data),
            allowed=f"its data window is {part.data}, its display window {part.display}; they "
            "have at least a pixel in common",
            repair="Render the frame again, or leave it out",
        )


def _check_finite(pixels: NDArray[np.float32], frame: int, where: str) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(pixels.sum()):
            return
    broken = ~np.isfinite(pixels).all(axis=2)
    if count := int(broken.sum()):
        y, x = (int(i) for i in np.argwhere(broken)[0])
        raise StmatteError(
            f"Plate frame {frame} has {count} pixels that are NaN or infinite{where}",
            value=count,
            allowed=f"every number of a plate is finite; the first such pixel is x {x}, y {y} "
            "from the top left",
            repair="Mend the plate, for instance by clamping or by an expression on NaN",
        )
