# SPDX-License-Identifier: Apache-2.0
"""The six marks of a frame, from what an artist said and what a matte file says of itself.

Pure. The same six words, in the same order of precedence, as the hosts' panels show them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import Enum

from stmatte.plan.said import Said

DOUBTFUL = 0.5
"""Uncertainty from which a matte is doubtful, unless somebody says another."""


class Mark(Enum):
    """How it stands with one object on one frame."""

    FRESH = "fresh"
    STALE = "stale"
    KEYED = "keyed"
    ABSENT = "absent"
    LOCKED = "locked"
    DOUBTFUL = "doubtful"


def marks(
    frames: Iterable[int],
    said: Said,
    stale: Collection[int],
    doubts: Mapping[int, float],
    doubtful: float = DOUBTFUL,
) -> dict[int, Mark]:
    """Return the mark of one object on every frame.

    said      what was given for the object
    stale     frames whose matte isn't in its file as it should be, or isn't there
    doubts    frame -> uncertainty in [0, 1], where a file says it
    doubtful  the uncertainty from which a fresh matte is doubtful

    What the artist said counts before stale, and stale before doubtful.
    """
    return {
        frame: _given(said, frame) or _made(frame, stale, doubts.get(frame, 0.0), doubtful)
        for frame in frames
    }


def _given(said: Said, frame: int) -> Mark | None:
    given = said.get(frame)
    if given is None:
        return None
    if given.locked:
        return Mark.LOCKED
    return Mark.ABSENT if given.absent else Mark.KEYED


def _made(frame: int, stale: Collection[int], doubt: float, doubtful: float) -> Mark:
    if frame in stale:
        return Mark.STALE
    return Mark.DOUBTFUL if doubt >= doubtful else Mark.FRESH
