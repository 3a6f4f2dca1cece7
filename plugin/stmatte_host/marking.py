# SPDX-License-Identifier: Apache-2.0
"""What an artist says of frames: absent here, locked, a key ignored, a key where none was found.

Pure: from one set of marks to the next. Frames are the host's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from . import spans

KINDS = ("absent", "locked", "ignored", "keyed")

_GONE = {
    "clear": KINDS,
    "absent": ("absent", "locked"),
    "locked": ("absent", "locked"),
    "ignored": ("ignored", "keyed"),
    "keyed": ("ignored", "keyed"),
}
"""The marks whose place a new one takes."""


@dataclass(frozen=True)
class NodeMark:
    """What the artist said of an object from `first` to `last`; one of `KINDS`."""

    object: str
    kind: str
    first: int
    last: int


def marked(
    marks: Iterable[NodeMark], name: str, kind: str, first: int, last: int
) -> tuple[NodeMark, ...]:
    """Return marks with one more on first..last of an object; "clear" takes all away there.

    A frame is either absent or locked, and a key of it either ignored or keyed: the later mark
    counts.
    """
    before = tuple(marks)
    after = [mark for mark in before if mark.object != name]
    for each in KINDS:
        ranges = list(ranges_of(before, name, each))
        if each in _GONE[kind]:
            ranges = list(spans.without(ranges, first, last))
        if each == kind:
            ranges.append((first, last))
        frames = (frame for a, b in ranges for frame in range(a, b + 1))
        after += [NodeMark(name, each, a, b) for a, b in spans.runs(frames)]
    return tuple(after)


def ranges_of(marks: Iterable[NodeMark], name: str, kind: str) -> tuple[spans.Range, ...]:
    """Return first and last frame of an object's marks of one kind."""
    return tuple((m.first, m.last) for m in marks if (m.object, m.kind) == (name, kind))


def frames_marked(marks: Iterable[NodeMark], name: str, kind: str) -> set[int]:
    """Return the frames of an object that carry a mark of one kind."""
    return {
        frame for first, last in ranges_of(marks, name, kind) for frame in range(first, last + 1)
    }
