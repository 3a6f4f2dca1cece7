# SPDX-License-Identifier: Apache-2.0
"""What an artist said about one object, frame by frame.

A key, an absence and a lock all give a frame its matte, which is then never computed.
What memory hears of them is less: of an absence or a lock, only its two ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stmatte.shot import FrameRange

NOTHING = "absent"
"""Digest of the matte of an object that isn't there."""


@dataclass(frozen=True)
class Given:
    """The matte that an artist gave an object on one frame.

    digest  of the matte's numbers; `NOTHING` if the object isn't there
    heard   whether it becomes a memory frame of its neighbours
    locked  whether it is approved: part of a lock
    """

    digest: str
    heard: bool = True
    locked: bool = False

    @property
    def absent(self) -> bool:
        """Tell whether the artist said that the object is not there."""
        return self.digest == NOTHING


Said = Mapping[int, Given]
"""Plate frame number -> what was given there, for one object."""


def say(
    keys: Mapping[int, str],
    absences: Iterable[FrameRange] = (),
    locks: Iterable[tuple[FrameRange, Mapping[int, str]]] = (),
) -> Said:
    """Put together what was said about one object; a lock overrules all else.

    keys      frame -> digest of the key's matte
    absences  ranges without the object; where they meet they are one absence
    locks     ranges that don't overlap, with the digest of every frame's matte
    returns   ascending by frame
    """
    said: dict[int, Given] = {}
    absent = {frame for frames in absences for frame in frames}
    for frame in absent:
        end = frame - 1 not in absent or frame + 1 not in absent
        said[frame] = Given(NOTHING, heard=end)
    for frame, digest in keys.items():
        said[frame] = Given(digest)
    for frames, digests in locks:
        for frame in frames:
            end = frame in (frames.first, frames.last)
            said[frame] = Given(digests[frame], heard=end, locked=True)
    return dict(sorted(said.items()))
