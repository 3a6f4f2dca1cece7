# SPDX-License-Identifier: Apache-2.0
"""Which frames of its plate a clip needs: those that it shows, and handles around them.

Pure arithmetic on frame numbers; the numbers are those in the names of the files.
"""

from __future__ import annotations

from dataclasses import dataclass

from stmatte.errors import StmatteError
from stmatte.shot import FrameRange
from stmatte.timelines.clips import UsedClip
from stmatte.timelines.media import Media

MOST_FRAMES = 1_000_000
"""How many frames a clip may show: eleven hours at 24 frames a second."""


@dataclass(frozen=True)
class Need:
    """The frames of a plate that a clip needs.

    shown   from the first that is seen to the last, transitions included
    frames  these and handles, as far as there are files
    """

    shown: FrameRange
    frames: FrameRange


def need(used: UsedClip, media: Media, handles: int) -> Need:
    """Return which frames of its media a clip needs.

    handles  how many more at either end, 0 or more

    Of a clip that runs backwards, all frames that any reading of it shows, if the files are
    there (see `retimes.shown`).

    Raises StmatteError if they are more than any plate has.
    """
    readings = [FrameRange(media.frame_at(s.start), media.frame_at(s.end)) for s in used.shows()]
    there = FrameRange(media.frames[0], media.frames[-1])
    whole = [r for r in readings if r.first in there and r.last in there] or readings[:1]
    shown = FrameRange(min(r.first for r in whole), max(r.last for r in whole))
    if len(shown) > MOST_FRAMES:
        raise StmatteError(
            f'Clip "{used.name}" shows {len(shown)} frames',
            value=len(shown),
            allowed=f"a shot has {MOST_FRAMES} at most",
            repair="Cut it, or export the timeline again",
        )
    return Need(shown, _longer(shown, handles, there))


def lacking(need: Need, media: Media) -> list[int]:
    """Return the frames that a clip shows and for which there is no file."""
    there = set(media.frames)
    return [f for f in range(need.shown.first, need.shown.last + 1, media.step) if f not in there]


def _longer(shown: FrameRange, handles: int, there: FrameRange) -> FrameRange:
    """Return the range with handles; where the files end, the range does, but never within."""
    first = min(shown.first, max(there.first, shown.first - handles))
    last = max(shown.last, min(there.last, shown.last + handles))
    return FrameRange(first, last)
