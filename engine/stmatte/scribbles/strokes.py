# SPDX-License-Identifier: Apache-2.0
"""Strokes that an artist, or the robot, drew on frames of a sequence: the nouns.

Positions are fractions of the picture, so that a stroke fits any size of it. Knows no
picture, no file and no array.
Source: the scribble format of the DAVIS interactive challenge (Caelles et al., 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stmatte.errors import StmatteError

Point = tuple[float, float]
"""x along the width and y down the height, each from 0 to 1."""


@dataclass(frozen=True)
class Stroke:
    """One line, drawn without lifting the pen.

    path         its points in the order in which they were drawn, one at least
    object       number of the object that it lies on; 0 is the background
    start, end   when it was drawn, in whatever unit the file has; only passed on
    """

    path: tuple[Point, ...]
    object: int
    start: float = 0
    end: float = 0

    def __post_init__(self) -> None:
        if not self.path:
            raise StmatteError("A stroke has no point", allowed="a stroke has one point at least")
        for x, y in self.path:
            if not (0 <= x <= 1 and 0 <= y <= 1):
                raise StmatteError(
                    f"A stroke leaves the picture at ({x:g}, {y:g})",
                    value=(x, y),
                    allowed="x and y are fractions of width and height, from 0 to 1",
                )
        if self.object < 0:
            raise StmatteError(
                f"A stroke lies on object {self.object}",
                value=self.object,
                allowed="objects are numbered from 1, and 0 is the background",
            )


@dataclass(frozen=True)
class Scribbles:
    """All strokes of one sequence.

    sequence   its name
    frames     for each frame of the sequence, in order, the strokes on it
    annotated  the frame that was drawn on first, or None where that is not known
    """

    sequence: str
    frames: tuple[tuple[Stroke, ...], ...]
    annotated: int | None = None

    @property
    def empty(self) -> bool:
        """Whether there is no stroke at all."""
        return not any(self.frames)


def no_scribbles(sequence: str, frames: int) -> Scribbles:
    """Return scribbles of so many frames without a stroke."""
    return Scribbles(sequence, ((),) * frames)


def scribbled_frames(scribbles: Scribbles, number: int | None = None) -> tuple[int, ...]:
    """Return the indices of frames with a stroke, ascending.

    number  only strokes on the object of this number count; None takes all
    """
    return tuple(
        index
        for index, strokes in enumerate(scribbles.frames)
        if any(number is None or stroke.object == number for stroke in strokes)
    )


def with_strokes(scribbles: Scribbles, frame: int, strokes: Sequence[Stroke]) -> Scribbles:
    """Return the scribbles with more strokes on one frame, drawn after those that are there."""
    frames = list(scribbles.frames)
    frames[frame] = (*frames[frame], *strokes)
    return Scribbles(scribbles.sequence, tuple(frames), scribbles.annotated)


def fused(first: Scribbles, second: Scribbles) -> Scribbles:
    """Return both; on each frame the strokes of `second` come after those of `first`.

    Raises StmatteError if they are not of the same sequence.
    """
    for what, one, other in (
        ("sequence", first.sequence, second.sequence),
        ("number of frames", len(first.frames), len(second.frames)),
    ):
        if one != other:
            raise StmatteError(
                f'Scribbles of {what} "{one}" and "{other}" cannot be put together',
                value=(one, other),
                allowed="both belong to the same sequence, with the same frames",
            )
    frames = tuple((*mine, *more) for mine, more in zip(first.frames, second.frames, strict=True))
    return Scribbles(first.sequence, frames, first.annotated)
