# SPDX-License-Identifier: Apache-2.0
"""Frames that a client names, "1001-1020,1030", among those of a shot; "" is none.

Text is never counted out into frames by itself: it only chooses among frames that are
there, so that "1-2000000000" costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from stmatte.errors import StmatteError
from stmatte.plan.ranges import written
from stmatte.shot import FrameRange

PATTERN = r"^(-?[0-9]+(--?[0-9]+)?(,-?[0-9]+(--?[0-9]+)?)*)?$"
_LONGEST = 24  # characters of one range: two numbers of 32 bits, their minus, and blanks


def chosen(text: str, frames: Sequence[int]) -> tuple[int, ...]:
    """Return those of `frames` that the text names, ascending.

    frames  the frames there are, ascending; gaps in them are passed over in silence

    Raises StmatteError if the text cannot be read, or if it names frames and none is there.
    """
    ranges = [_range(part) for part in text.split(",")] if text.strip() else []
    found: list[int] = []
    reached: int | None = None  # the furthest end of the ranges that have begun
    waiting = sorted(ranges, reverse=True)
    for frame in frames:
        while waiting and waiting[-1].first <= frame:
            last = waiting.pop().last
            reached = last if reached is None else max(reached, last)
        if reached is not None and frame <= reached:
            found.append(frame)
    if ranges and not found:
        raise StmatteError(
            f'No frame of "{_short(text)}" is in the shot',
            value=text,
            allowed=f"the shot has frames {_short(written(frames))}",
            repair="Ask for frames of the shot",
        )
    return tuple(found)


def _range(part: str) -> FrameRange:
    if len(part) <= _LONGEST and part.isascii():
        return FrameRange.parse(part)
    raise StmatteError(
        f'Frame range "{_short(part)}" cannot be read',
        value=part,
        allowed='frames are written "1001-1020,1030"',
    )


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}..."
