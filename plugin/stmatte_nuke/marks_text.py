# SPDX-License-Identifier: Apache-2.0
"""The marks of a node as the artist reads and writes them, a line for each object and kind.

    hero: key 1010, 1030
    hero: no key 1001
    hero: absent 1030-1044
    car: locked 1001-1020

Pure: text in, marks out, and back. Where two lines contradict each other the lower one counts, as
the later press of a button does. Which objects there are is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from stmatte_host import EngineError
from stmatte_host.marking import NodeMark, marked, ranges_of
from stmatte_host.spans import Range, frames_of

WORDS = {"key": "keyed", "no key": "ignored", "absent": "absent", "locked": "locked"}
"""What a line says -> one of `marking.KINDS`."""

MOST_FRAMES = 100_000
"""A range that is longer is a slip of the hand."""

_LINE = re.compile(r"([^:\s]+)\s*:\s*(key|no\s+key|absent|locked)\s+(.+)", re.IGNORECASE)
_RUN = re.compile(r"\s*(-?\d+)(?:\s*-\s*(-?\d+))?\s*")
_FORM = 'frames are written "1030", "1030-1044" or "1001-1020, 1030"'


def marks_in(text: str) -> tuple[NodeMark, ...]:
    """Return the marks that a text says. Raises EngineError with the line that cannot be read."""
    marks: tuple[NodeMark, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        said = _LINE.fullmatch(line.strip())
        if said is None:
            raise EngineError(
                f'Line {number} of the marks, "{line.strip()}", cannot be read',
                allowed='a line is "hero: key 1010", "hero: no key 1010", "hero: absent '
                '1030-1044" or "hero: locked 1001-1020"',
                repair="Write it so, or take the line away",
            )
        kind = WORDS[" ".join(said[2].lower().split())]
        for first, last in _ranges(said[3], f"Line {number} of the marks"):
            marks = marked(marks, said[1], kind, first, last)
    return marks


def text_of(marks: Iterable[NodeMark]) -> str:
    """Return marks as text that `marks_in` reads; objects in the order of the alphabet."""
    known = tuple(marks)
    return "\n".join(
        f"{name}: {word} {frames_of(ranges)}"
        for name in sorted({mark.object for mark in known}, key=str.lower)
        for word, kind in WORDS.items()
        if (ranges := ranges_of(known, name, kind))
    )


def frames_meant(text: str, current: int) -> tuple[Range, ...]:
    """Return first and last frame of each range that a mark button is to be about.

    text     of the knob `mark_frames`, such as "1030-1044"; "" means the current frame
    current  the script's frame

    Raises EngineError if the text cannot be read.
    """
    if not text.strip():
        return ((current, current),)
    return _ranges(text, "The frames to mark")


def _ranges(text: str, whose: str) -> tuple[Range, ...]:
    found = []
    for part in text.split(","):
        match = _RUN.fullmatch(part)
        first = int(match[1]) if match else 0
        last = int(match[2]) if match and match[2] else first
        if match is None or last < first:
            raise EngineError(f'{whose}: "{text.strip()}" are no frames', allowed=_FORM)
        if last - first >= MOST_FRAMES:
            raise EngineError(
                f"{whose}: {first}-{last} are {last - first + 1} frames",
                allowed=f"{MOST_FRAMES} at most",
            )
        found.append((first, last))
    return tuple(found)
