# SPDX-License-Identifier: Apache-2.0
"""Arithmetic of frame numbers for a host's panel: runs, the span under the playhead.

Pure. Numbers are the host's frames or plate frames, whichever is handed in; both
ends of a range are in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from .frames import runs

__all__ = ["Range", "frames_of", "runs", "shortly", "span_under", "within", "without"]

Range = tuple[int, int]


def within(ranges: Iterable[Range], first: int, last: int) -> tuple[Range, ...]:
    """Return the parts of ranges that lie in first..last, joined where they touch."""
    inside = {frame for a, b in ranges for frame in range(max(a, first), min(b, last) + 1)}
    return runs(inside)


def without(ranges: Iterable[Range], first: int, last: int) -> tuple[Range, ...]:
    """Return ranges without the frames first..last."""
    return runs(frame for a, b in ranges for frame in range(a, b + 1) if not first <= frame <= last)


def span_under(keys: Mapping[str, Collection[int]], first: int, last: int, frame: int) -> Range:
    """Return the frames from the key before `frame` to the key after it, over all objects.

    keys         object -> its keyed frames
    first, last  the shot

    On a key both its spans are meant, since it is heard in both. Where objects are keyed
    apart, the longest reach counts. With a frame outside the shot, the nearest one counts.
    """
    frame = min(max(frame, first), last)
    begins, ends = [frame], [frame]
    for keyed in keys.values():
        begins.append(max((key for key in keyed if key < frame), default=first))
        ends.append(min((key for key in keyed if key > frame), default=last))
    return max(first, min(begins)), min(last, max(ends))


def frames_of(ranges: Iterable[Range]) -> str:
    """Return ranges as an artist reads them: "1001-1010, 1020"."""
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in ranges)


def shortly(ranges: Collection[Range], most: int = 8) -> str:
    """Return ranges as text, the later ones counted where there are many."""
    listed = tuple(ranges)
    if len(listed) <= most:
        return frames_of(listed)
    left = sum(last - first + 1 for first, last in listed[most:])
    return f"{frames_of(listed[:most])} and {left} more"
