# SPDX-License-Identifier: Apache-2.0
"""Frame numbers as an artist writes them, "1001-1020,1030", and back.

Pure. Numbers are the plate's own and may be negative; "" means none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .errors import EngineError

_RUN = re.compile(r"\s*(-?\d+)(?:\s*-\s*(-?\d+))?\s*")


def frames_in(text: str) -> tuple[int, ...]:
    """Return the frame numbers in "1001-1020,1030", ascending and each once.

    Raises EngineError if the text cannot be read.
    """
    found: set[int] = set()
    for part in text.split(",") if text.strip() else ():
        match = _RUN.fullmatch(part)
        first = int(match[1]) if match else 0
        last = int(match[2]) if match and match[2] else first
        if match is None or last < first:
            raise EngineError(
                f'Frames "{text}" cannot be read',
                allowed='frames are written "1001-1080", or "1001-1020,1030"',
            )
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def frames_text(frames: Iterable[int]) -> str:
    """Return the frame numbers as text, runs joined: (1001, 1002, 1005) is "1001-1002,1005"."""
    return ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in runs(frames))


def runs(frames: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Return the runs of neighbouring frames: (1, 2, 5) is ((1, 2), (5, 5))."""
    found: list[list[int]] = []
    for frame in sorted(set(frames)):
        if found and frame == found[-1][1] + 1:
            found[-1][1] = frame
        else:
            found.append([frame, frame])
    return tuple((first, last) for first, last in found)
