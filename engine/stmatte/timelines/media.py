# SPDX-License-Identifier: Apache-2.0
"""Which file a moment of a clip's media is.

The time of media is counted in many ways: in frame numbers, in time code, or from 0. A
reference that says both a first file and a first moment settles it. For others there are
rules, tried in this order, and each says its name, so that a person can see which it was:

1. what somebody said: the files begin so many frames before the cut
2. the time is itself a number that the files have
3. the first moment of the media, where the clip says it, is the first file
4. the time code in the header of the first file
5. the time is counted from 0, and the files are long enough

Anything else is refused. A guess would give mattes for other frames.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from stmatte.errors import StmatteError
from stmatte.images.metadata import read_metadata
from stmatte.images.sequences import has_place, is_video, pattern_of
from stmatte.timelines.folders import Folders
from stmatte.timelines.references import Reference
from stmatte.timelines.times import frame_at, seconds_of_code

BY_REFERENCE = "the reference"
BY_NUMBER = "frame numbers"
BY_FIRST = "the first file"
BY_CODE = "time code"
BY_HANDLES = "handles as told"
BY_ZERO = "counted from 0"

TIME_CODE = "smpte:TimeCode"


@dataclass(frozen=True)
class Media:
    """The files of a clip, and which of them is seen when.

    pattern  what a plate is opened by: a pattern with #### or %04d, or a video file
    frames   numbers of the files that are there, ascending; at least one
    first    number of the file that is seen from `start` on
    start    a moment of the media, in seconds
    rate     frames a second
    step     frame numbers from one file to the next
    hold     whether a missing file is no error
    by       by which rule numbers were found
    """

    pattern: str
    frames: tuple[int, ...]
    first: int
    start: Fraction
    rate: Fraction
    step: int = 1
    hold: bool = False
    by: str = BY_REFERENCE

    def frame_at(self, time: Fraction) -> int:
        """Return the number of the file that is seen at a moment; it need not be there."""
        return self.first + frame_at(time - self.start, self.rate) // self.step * self.step

    def time_of(self, frame: int) -> Fraction:
        """Return the moment from which a file is seen."""
        return self.start + Fraction(frame - self.first) / self.rate


def find_media(
    reference: Reference,
    clip: str,
    begins: Fraction,
    rate: Fraction,
    folders: Folders,
    before: int | None = None,
) -> Media:
    """Find the files of a clip and how they are numbered.

    clip     its name, for messages
    begins   the media's time at the clip's first frame
    rate     frames a second of the clip, for media that don't say theirs
    before   how many frames the files begin before the clip, if somebody said so

    Raises StmatteError if there are no such files, or none of the rules fits.
    """
    if is_video(reference.place):
        return _video(reference, clip, begins, rate, folders, before)
    pattern, named = _pattern(reference.place, folders)
    frames = folders.frames(pattern)
    if not frames:
        raise _missing(pattern, clip, folders)
    rate = reference.rate or rate
    first = named if reference.first is None else reference.first
    zero = reference.available.start if reference.available else None

    def media(first: int, start: Fraction, by: str) -> Media:
        return Media(pattern, frames, first, start, rate, reference.step, reference.hold, by)

    if reference.sure and first is not None and zero is not None:
        return media(first, zero, BY_REFERENCE)
    if before is not None:
        return media(frames[0] + before, begins, BY_HANDLES)
    if frames[0] <= frame_at(begins if zero is None else zero, rate) <= frames[-1]:
        return media(0, Fraction(0), BY_NUMBER)
    if zero is not None:
        _check_length(reference, clip, frames, rate)
        return media(frames[0] if first is None else first, zero, BY_FIRST)
    code = _time_code(folders.file(pattern, frames[0]), rate)
    if code is not None and 0 <= frame_at(begins - code, rate) <= frames[-1] - frames[0]:
        return media(frames[0], code, BY_CODE)
    if 0 <= frame_at(begins, rate) <= frames[-1] - frames[0]:
        return media(frames[0] if first is None else first, Fraction(0), BY_ZERO)
    raise _unplaced(clip, begins, rate, f'"{pattern}" has frames {frames[0]}-{frames[-1]}')


def _pattern(place: str, folders: Folders) -> tuple[str, int | None]:
    """Return the pattern of a place, and the number of the one file that it names, if it does."""
    found = None if has_place(place) else pattern_of(Path(place).name)
    if found is None:
        return place, None
    padded = str(Path(place).with_name(found[0]))
    # numbers without zeros in front may have fewer digits before, and more later on
    free = str(Path(place).with_name(re.sub("#+", "#", found[0])))
    more = len(folders.frames(free)) > len(folders.frames(padded))
    return free if more else padded, found[1]


def _video(
    reference: Reference,
    clip: str,
    begins: Fraction,
    rate: Fraction,
    folders: Folders,
    before: int | None,
) -> Media:
    from stmatte.images.video import Video

    if not Path(reference.place).is_file():
        raise _missing(reference.place, clip, folders)
    frames = tuple(range(1, Video(reference.place).count + 1))
    rate = reference.rate or rate
    if before is not None:
        return Media(reference.place, frames, 1 + before, begins, rate, by=BY_HANDLES)
    if reference.available is not None:
        return Media(reference.place, frames, 1, reference.available.start, rate, by=BY_FIRST)
    if 0 <= frame_at(begins, rate) < len(frames):
        return Media(reference.place, frames, 1, Fraction(0), rate, by=BY_ZERO)
    raise _unplaced(clip, begins, rate, f'"{reference.place}" has {len(frames)} frames')


def _time_code(file: Path, rate: Fraction) -> Fraction | None:
    """Return the moment that a file's header names by its time code; None if it names none."""
    said = {entry.name: entry.value for entry in read_metadata(file)}
    code = said.get(TIME_CODE)
    # two numbers: the code's digits, and bits for users
    return seconds_of_code(int(code[0]), rate) if isinstance(code, tuple) and code else None


def _check_length(reference: Reference, clip: str, frames: tuple[int, ...], rate: Fraction) -> None:
    """Refuse to take the first file for the first moment where files are missing somewhere."""
    if reference.available is None or reference.first is not None:
        return
    wanted = frame_at(reference.available.seconds, rate)
    there = frames[-1] - frames[0] + 1
    if there < wanted:
        raise StmatteError(
            f'Clip "{clip}" says that its media has {wanted} frames',
            value=there,
            allowed=f'"{reference.place}" has {there} ({frames[0]}-{frames[-1]}), and nothing '
            "says whether they are missing at the beginning or at the end",
            repair="Render or copy the missing frames, or write the sequence with its range, "
            f"such as [{frames[0]}-{frames[-1]}]",
        )


def _missing(place: str, clip: str, folders: Folders) -> StmatteError:
    return StmatteError(
        f'Media of clip "{clip}" are missing',
        value=place,
        allowed=f'no file is "{place}"; {folders.nearest(place)}',
        repair="Copy or mount them, correct the timeline, or say where they are by --media",
    )


def _unplaced(clip: str, begins: Fraction, rate: Fraction, has: str) -> StmatteError:
    return StmatteError(
        f'Clip "{clip}" begins at frame {frame_at(begins, rate)} of its media',
        value=float(begins),
        allowed=f"{has}, none of which has that number or a time code, so that nothing says "
        "which file it is",
        repair="Say how many frames the files begin before the cut by --media-handles",
    )
