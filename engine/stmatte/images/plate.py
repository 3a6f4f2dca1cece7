# SPDX-License-Identifier: Apache-2.0
"""The plate: footage that can be read frame by frame, wherever it lies.

What every plate promises, and what is said where a frame breaks a promise. Nothing is ever
written to a plate.
"""

from __future__ import annotations

import time
from bisect import bisect
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.images.colour import ColourSpace
from stmatte.images.raster import Part
from stmatte.images.windows import Box

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


def check_size(plate: Plate, frame: int, size: tuple[int, int]) -> None:
    """Raise StmatteError unless a frame has the size (H, W) of the plate's display window."""
    expected = plate.display.size
    if size != expected:
        raise StmatteError(
            f"Plate frame {frame} is {size[1]}x{size[0]}",
            value=size,
            allowed=f"frame {plate.frames[0]} is {expected[1]}x{expected[0]}, "
            "and all frames of a plate have one size",
            repair="Render the plate again in one format",
        )


def check_windows(plate: Plate, frame: int, part: Part) -> None:
    """Raise StmatteError unless a picture's windows are possible for a frame of the plate."""
    check_size(plate, frame, part.size)
    if not part.data.meets(part.display):
        raise StmatteError(
            f"Plate frame {frame} has no pixel in its picture",
            value=str(part.data),
            allowed=f"its data window is {part.data}, its display window {part.display}; they "
            "have at least a pixel in common",
            repair="Render the frame again, or leave it out",
        )


def check_finite(pixels: NDArray[np.float32], frame: int, where: str) -> None:
    """Raise StmatteError, with the first such pixel, if a number is NaN or infinite."""
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
