# SPDX-License-Identifier: Apache-2.0
"""Frame numbers as an artist writes them: "1001-1020,1030"."""

from __future__ import annotations

from collections.abc import Iterable

from stmatte.shot import FrameRange


def ranges_of(frames: Iterable[int]) -> tuple[FrameRange, ...]:
    """Return the ranges of neighbouring numbers, ascending."""
    found: list[FrameRange] = []
    for frame in sorted(set(frames)):
        if found and found[-1].last + 1 == frame:
            found[-1] = FrameRange(found[-1].first, frame)
        else:
            found.append(FrameRange(frame, frame))
    return tuple(found)


def written(frames: Iterable[int]) -> str:
    """Return frame numbers in words: "1001-1020,1030"; "" for none."""
    return ",".join(str(frames) for frames in ranges_of(frames))
