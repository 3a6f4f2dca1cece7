# SPDX-License-Identifier: Apache-2.0
"""Scribbles as the DAVIS interactive challenge writes them down: JSON.

Knows the format, and what may be wrong with a file; draws nothing.
Source: Caelles et al., "The 2018 DAVIS Challenge on Video Object Segmentation", 2018.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stmatte.errors import StmatteError
from stmatte.scribbles.reading import read_json
from stmatte.scribbles.strokes import Scribbles, Stroke


def read_scribbles(path: Path) -> Scribbles:
    """Read a scribble file. Raises StmatteError if it cannot be read, or is none."""
    return from_davis(read_json(path, "Scribbles"), str(path))


def from_davis(said: Any, source: str = "scribbles") -> Scribbles:
    """Return scribbles from the challenge's object.

    said    {"sequence", "scribbles": a list of strokes for each frame, "annotated_frame"}
    source  where it comes from, for what is said of it

    Raises StmatteError that names the frame and the stroke which cannot be read.
    """
    if not isinstance(said, Mapping) or not isinstance(said.get("scribbles"), list):
        raise StmatteError(
            f'"{source}" holds no scribbles',
            value=type(said).__name__,
            allowed='an object with "sequence", and under "scribbles" a list for every frame',
        )
    frames = tuple(
        tuple(_stroke(each, f'"{source}", frame {index}, stroke {n}') for n, each in enumerate(row))
        for index, row in enumerate(map(_row, said["scribbles"]))
    )
    annotated = said.get("annotated_frame")
    return Scribbles(
        str(said.get("sequence", "")), frames, None if annotated is None else int(annotated)
    )


def to_davis(scribbles: Scribbles) -> dict[str, Any]:
    """Return scribbles as the challenge's object; `from_davis` of it gives them back."""
    said: dict[str, Any] = {
        "scribbles": [
            [
                {
                    "path": [list(point) for point in stroke.path],
                    "object_id": stroke.object,
                    "start_time": stroke.start,
                    "end_time": stroke.end,
                }
                for stroke in strokes
            ]
            for strokes in scribbles.frames
        ],
        "sequence": scribbles.sequence,
    }
    if scribbles.annotated is not None:
        said["annotated_frame"] = scribbles.annotated
    return said


def _row(said: Any) -> list[Any]:
    return said if isinstance(said, list) else [said]


def _stroke(said: Any, where: str) -> Stroke:
    try:
        path = tuple((float(x), float(y)) for x, y in said["path"])
        return Stroke(
            path,
            int(said["object_id"]),
            float(said.get("start_time", 0)),
            float(said.get("end_time", 0)),
        )
    except StmatteError as error:
        raise StmatteError(
            f"{error.what} ({where})", value=error.value, allowed=error.allowed or ""
        ) from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StmatteError(
            f"A stroke cannot be read ({where}: {error!r})",
            allowed='a stroke has "path", a list of [x, y], and "object_id"',
        ) from None
