# SPDX-License-Identifier: Apache-2.0
"""A range of frames, and several of them: "1-10 20-30x2"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ._threads import Guarded


class FrameRange(Guarded):
    """First and last frame, both counted, and the step."""

    def __init__(self, *given: Any) -> None:
        if len(given) == 1 and isinstance(given[0], str):
            found = re.match(r"(-?\d+)(?:-(-?\d+))?(?:x(\d+))?\Z", given[0].strip())
            if found is None:
                raise ValueError(f'"{given[0]}" is no range of frames')
            first = int(found[1])
            given = (first, int(found[2] or first), int(found[3] or 1))
        if len(given) != 3 or not all(isinstance(n, int) for n in given):
            raise TypeError("FrameRange takes a text, or first, last and increment")
        self._first, self._last, self._step = given

    def first(self) -> int:
        return int(self._first)

    def last(self) -> int:
        return int(self._last)

    def increment(self) -> int:
        return int(self._step)

    def frames(self) -> int:
        return len(self._all())

    def minFrame(self) -> int:
        return int(min(self._first, self._last))

    def maxFrame(self) -> int:
        return int(max(self._first, self._last))

    def isInRange(self, n: int) -> bool:
        return n in self._all()

    def _all(self) -> range:
        return range(self._first, self._last + 1, self._step)

    def __iter__(self) -> Iterator[int]:
        return iter(self._all())


class FrameRanges(Guarded):
    """Several ranges, in their order."""

    def __init__(self, given: Any = "") -> None:
        if isinstance(given, str):
            self._ranges = [FrameRange(word) for word in re.split(r"[\s,]+", given) if word]
        elif all(isinstance(each, int) for each in given):
            self._ranges = [FrameRange(each, each, 1) for each in given]
        else:
            self._ranges = list(given)

    def add(self, r: FrameRange) -> None:
        self._ranges.append(r)

    def size(self) -> int:
        return len(self._ranges)

    def toFrameList(self) -> list[int]:
        return [frame for each in self._ranges for frame in each._all()]

    def minFrame(self) -> int:
        return min(self.toFrameList())

    def maxFrame(self) -> int:
        return max(self.toFrameList())

    def __iter__(self) -> Iterator[FrameRange]:
        return iter(self._ranges)
