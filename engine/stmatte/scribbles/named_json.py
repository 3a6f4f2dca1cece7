# SPDX-License-Identifier: Apache-2.0
"""Strokes as a host or a person writes them down: the object's name, the plate's frame, points.

    {"strokes": [{"object": "hero", "frame": 1010, "points": [[0.4, 0.5], [0.45, 0.52]]}]}

An object of null says "nothing that is to be a matte": it takes away. The frame may be left out
where it is named otherwise. A file of the DAVIS challenge is taken, too; its frames are those
of the shot in order, its objects those of the shot by number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stmatte.errors import StmatteError
from stmatte.scribbles.davis_json import from_davis
from stmatte.scribbles.reading import read_json
from stmatte.scribbles.strokes import Scribbles, Stroke

OnFrames = dict[int, tuple[Stroke, ...]]
"""Plate frame number -> strokes on it, in the order in which they were drawn."""


def read_strokes(
    path: Path, objects: Sequence[str], frames: Sequence[int], frame: int | None = None
) -> OnFrames:
    """Return the strokes of a file by the frames that they lie on.

    objects  names of the shot's objects; a stroke on the n-th gets number n, and 0 for none
    frames   the shot's frames, ascending
    frame    strokes on this frame alone, and those that name none; None takes all

    Raises StmatteError if the file cannot be read, holds no stroke there, or a stroke names
    an object or a frame that the shot has not.
    """
    said = read_json(path, "Strokes")
    if isinstance(said, Mapping) and "scribbles" in said:
        found = _of_davis(from_davis(said, str(path)), len(objects), frames, path)
    else:
        found = _named(said, str(path), objects, frame)
    if frame is not None:
        found = {at: strokes for at, strokes in found.items() if at == frame}
    for at in found:
        if at not in frames:
            raise StmatteError(
                f"A stroke lies on frame {at}",
                value=at,
                allowed=f"the shot has frames {frames[0]}-{frames[-1]}",
                repair="Draw on one of them",
            )
    if not found:
        where = "" if frame is None else f" on frame {frame}"
        raise StmatteError(
            f'"{path}" has no stroke{where}', value=str(path), allowed="one stroke or more"
        )
    return dict(sorted(found.items()))


def _of_davis(scribbles: Scribbles, objects: int, frames: Sequence[int], path: Path) -> OnFrames:
    if len(scribbles.frames) != len(frames):
        raise StmatteError(
            f'Scribbles "{path}" are of {len(scribbles.frames)} frames',
            value=len(scribbles.frames),
            allowed=f"the shot has {len(frames)}",
        )
    for strokes in scribbles.frames:
        for stroke in strokes:
            if stroke.object > objects:
                raise StmatteError(
                    f"A stroke lies on object {stroke.object}",
                    value=stroke.object,
                    allowed=f"the shot has {objects}, numbered from 1",
                )
    return {at: row for at, row in zip(frames, scribbles.frames, strict=True) if row}


def _named(said: Any, source: str, objects: Sequence[str], frame: int | None) -> OnFrames:
    if not isinstance(said, Mapping) or not isinstance(said.get("strokes"), list):
        raise StmatteError(
            f'"{source}" holds no strokes',
            value=type(said).__name__,
            allowed='an object with a list under "strokes", or scribbles of the DAVIS challenge',
        )
    found: dict[int, list[Stroke]] = {}
    for number, each in enumerate(said["strokes"], start=1):
        at, stroke = _stroke(each, f'"{source}", stroke {number}', objects, frame)
        found.setdefault(at, []).append(stroke)
    return {at: tuple(strokes) for at, strokes in found.items()}


def _stroke(said: Any, where: str, objects: Sequence[str], frame: int | None) -> tuple[int, Stroke]:
    try:
        name, at = said["object"], said.get("frame", frame)
        path = tuple((float(x), float(y)) for x, y in said["points"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StmatteError(
            f"A stroke cannot be read ({where}: {error!r})",
            allowed='a stroke has "object", a name or null, and "points", a list of [x, y]',
        ) from None
    if name is not None and name not in objects:
        raise StmatteError(
            f'A stroke is of "{name}" ({where})',
            value=name,
            allowed=f"objects are {', '.join(objects)}, and null takes away",
            repair="Add the object to the shot, or correct the name",
        )
    if not isinstance(at, int) or isinstance(at, bool):
        raise StmatteError(
            f"A stroke is on frame {at} ({where})",
            value=at,
            allowed="a stroke names the plate's frame by its number",
            repair='Write "frame", or name it with --frame',
        )
    try:
        return at, Stroke(path, 0 if name is None else objects.index(name) + 1)
    except StmatteError as error:
        raise StmatteError(
            f"{error.what} ({where})", value=error.value, allowed=error.allowed
        ) from None
