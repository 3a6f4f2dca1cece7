# SPDX-License-Identifier: Apache-2.0
"""Which keys of an object the engine is told of, and why not of the others.

Pure: frames that were found, what the artist said of frames, and the shot's range go in. A key on a
frame where the object was said to be absent, or whose matte is locked, is not heard.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from stmatte_host import EngineError, spans
from stmatte_host.marking import NodeMark, frames_marked
from stmatte_host.shown import KeyRow

_UNHEARD = ("absent", "locked", "ignored")


@dataclass(frozen=True)
class Heard:
    """The keys of one object.

    frames   that the engine is told of
    unheard  keys that it is not told of, with the reason
    notes    sentences that an artist should read
    """

    frames: tuple[int, ...]
    unheard: tuple[KeyRow, ...] = ()
    notes: tuple[str, ...] = ()


def heard(
    name: str,
    found: Collection[int],
    marks: Iterable[NodeMark],
    shot: spans.Range,
    current: int,
) -> Heard:
    """Return an object's keys.

    found    frames on which its source is keyed
    marks    all that was said of frames
    shot     first and last frame
    current  the script's frame: where nothing at all is said of an object, it is its only key

    Raises EngineError if no key is left, and no locked matte either.
    """
    said = tuple(marks)
    first, last = shot
    of_kind = {kind: frames_marked(said, name, kind) for kind in (*_UNHEARD, "keyed")}
    frames = sorted({*found, *of_kind["keyed"]})
    notes = []
    if not frames and not of_kind["locked"] and not of_kind["ignored"]:
        if not first <= current <= last:
            raise EngineError(
                f'"{name}" is keyed nowhere',
                allowed=f"a key lies in the frames {first}-{last}",
                repair="Key its shape, or go to a frame where it is right and press Key here",
            )
        frames = [current]
        notes.append(
            f'"{name}" is keyed nowhere: as it is on the current frame, {current}, it counts as '
            "its only key. Press Key here to keep it there."
        )
    outside = [frame for frame in frames if not first <= frame <= last]
    if outside:
        notes.append(
            f'Keys of "{name}" at {spans.shortly(spans.runs(outside))} lie outside the frames '
            f"{first}-{last} and are not heard."
        )
    kept, unheard = [], []
    for frame in frames:
        why = next((kind for kind in _UNHEARD if frame in of_kind[kind]), "")
        if why:
            unheard.append(KeyRow(name, frame, why))
        elif first <= frame <= last:
            kept.append(frame)
    if not kept and not any(first <= frame <= last for frame in of_kind["locked"]):
        raise EngineError(
            f'No key of "{name}" is heard',
            allowed=f"one lies in the frames {first}-{last}, neither absent nor dropped",
            repair="Key its shape there, press Key here, clear marks, or switch the object off",
        )
    return Heard(tuple(kept), tuple(unheard), tuple(notes))
