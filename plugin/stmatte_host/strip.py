# SPDX-License-Identifier: Apache-2.0
"""The strip of six marks: how it stands with each object on each frame.

Pure. Two floors of facts: what the artist said (locked, absent, keyed) and what the engine
says of the rest (stale, doubtful, fresh).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import Enum

from .frames import frames_in
from .shot import HostShot


class Mark(Enum):
    """How it stands with one object on one frame."""

    FRESH = "fresh"
    STALE = "stale"
    KEYED = "keyed"
    ABSENT = "absent"
    LOCKED = "locked"
    DOUBTFUL = "doubtful"


Marks = Mapping[str, Mapping[int, Mark]]
"""Object -> frame -> mark, frames ascending."""


def marks(
    shot: HostShot,
    frames: Iterable[int],
    stale: Mapping[str, Collection[int]],
    doubts: Mapping[int, Mapping[str, float]],
    doubtful: float,
) -> dict[str, dict[int, Mark]]:
    """Return the mark of every object on every frame.

    shot      what the artist said
    frames    the shot's frames
    stale     object -> frames whose mattes are not what they would be now
    doubts    frame -> object -> uncertainty, 0 to 1, where it is known
    doubtful  the uncertainty from which a fresh matte is doubtful

    Where several hold, the first counts of: locked, absent, keyed, stale, doubtful, fresh. A lock
    comes first since keys and absences inside it are not heard. What the artist said comes before
    stale: the strip shows where it was said, even if the file is not written yet.

    Raises EngineError if the frames of an absence or a lock cannot be read.
    """
    found: dict[str, dict[int, Mark]] = {}
    ascending = sorted(frames)
    for name in shot.objects:
        # The later one of these says what counts.
        said: dict[int, Mark] = dict.fromkeys(stale.get(name, ()), Mark.STALE)
        said.update((key.frame, Mark.KEYED) for key in shot.keys if key.object == name)
        for absence in shot.absences:
            if absence.object == name:
                said.update((frame, Mark.ABSENT) for frame in frames_in(absence.frames))
        for lock in shot.locks:
            if lock.object == name:
                said.update((frame, Mark.LOCKED) for frame in frames_in(lock.frames))
        found[name] = {
            frame: said.get(frame) or _fresh(doubts.get(frame, {}).get(name, 0.0), doubtful)
            for frame in ascending
        }
    return found


def _fresh(uncertainty: float, doubtful: float) -> Mark:
    return Mark.DOUBTFUL if uncertainty >= doubtful else Mark.FRESH
