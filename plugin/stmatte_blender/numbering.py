# SPDX-License-Identifier: Apache-2.0
"""Scene frames and file numbers: how Blender goes from one to the other.

Pure arithmetic. An Image node shows the file

    clamp(frame - start + 1, 0, duration) + offset

and no file where the duration is 0. A movie clip has no end to count against. The number in a
file's name is its last run of digits, and Blender knows no minus.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .stmatte_host import EngineError

MOST = 1_048_574
"""Blender's largest frame number, offset and duration."""

_NUMBER = re.compile(r"(?P<before>.*?)(?P<number>\d+)(?P<after>\D*)")
_PLACE = re.compile(r"#|%0?\d*d")


@dataclass(frozen=True)
class Numbers:
    """The three numbers of an Image node: `frame_start`, `frame_offset`, `frame_duration`."""

    start: int
    offset: int
    duration: int

    def file(self, frame: int) -> int:
        """Return the number of the file that a scene frame shows."""
        return min(max(frame - self.start + 1, 0), self.duration) + self.offset

    @property
    def plate_offset(self) -> int:
        """What is added to a scene frame, where nothing is clamped."""
        return self.offset - self.start + 1


def numbers_for(first: int, last: int, offset: int) -> Numbers:
    """Return the numbers by which a node shows file = scene frame + offset from first to last.

    first, last  scene frames; below 1, too. Before and after them the nearest one stays
    offset       what is added to a scene frame

    Raises EngineError if the numbers are beyond what Blender counts.
    """
    if last == first:  # a duration of 0 shows nothing: so what is before the start is shown
        found = Numbers(MOST, first + offset, 1)
    else:
        found = Numbers(first + 1, first + offset, last - first)
    if not (0 <= found.offset <= MOST and found.duration <= MOST and -MOST <= found.start <= MOST):
        raise EngineError(
            f"Frames {first}-{last} lie in files {first + offset}-{last + offset}",
            allowed=f"Blender counts files from 0 to {MOST}",
            repair="Renumber the plate's files",
        )
    return found


@dataclass(frozen=True)
class FileName:
    """A file's name with a number in it: before, the number as it is written, after."""

    before: str
    digits: str
    after: str

    @property
    def number(self) -> int:
        """The number, as Blender reads it."""
        return int(self.digits)

    @property
    def negative(self) -> bool:
        """Whether a minus belongs to the number, for others than Blender."""
        return re.search(r"(?:^|[^A-Za-z0-9])-$", self.before) is not None

    def numbers(self, names: Iterable[str]) -> dict[int, str]:
        """Return number -> digits, of all names that differ from this one in the number only."""
        split = [found for name in names if (found := file_name(name)) is not None]
        return {
            found.number: found.digits
            for found in split
            if (found.before, found.after) == (self.before, self.after)
        }

    def pattern(self, names: Iterable[str]) -> str:
        """Return the name with # in place of the number, as wide as the narrowest of the files.

        Raises EngineError if the rest of the name reads like a place for the number, too.
        """
        if _PLACE.search(self.before + self.after):
            raise EngineError(
                f'Plate "{self.before}{self.digits}{self.after}" has # or % in its name',
                allowed="these stand for the frame number in the names of sequences",
                repair="Rename the files",
            )
        narrowest = min(map(len, self.numbers(names).values()), default=len(self.digits))
        return f"{self.before}{'#' * narrowest}{self.after}"


def file_name(name: str) -> FileName | None:
    """Return a name with its number taken apart; None if there is no digit in it.

    Digits of the extension (.jp2) count for none.
    """
    stem, dot, extension = name.rpartition(".")
    match = _NUMBER.fullmatch(stem if dot else extension)
    if match is None:
        return None
    return FileName(match["before"], match["number"], match["after"] + (dot and dot + extension))
