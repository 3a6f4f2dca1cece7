# SPDX-License-Identifier: Apache-2.0
"""How what was said cuts the range into spans, and which keys each span listens to.

Every object has spans of its own, so that a correction of one object leaves the others
alone (decisions/0004). Pure arithmetic on frame numbers: no tensors, no files, no clock.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from stmatte.plan.said import Said
from stmatte.settings import Reach


@dataclass(frozen=True)
class Pass:
    """One way through a span: it begins at a key and walks away from it.

    start   the key's frame
    frames  the span's frames in the order of the pass; the start is not among them
    heard   frames of the other keys that memory holds from the start, the nearest last
    """

    start: int
    frames: tuple[int, ...]
    heard: tuple[int, ...]


@dataclass(frozen=True)
class Span:
    """Frames of one object that are computed together, and the keys that they listen to.

    frames    plate frame numbers, ascending; none of them carries anything given
    before    frames of the keys heard before the span, ascending: the nearest is the last
    after     frames of the keys heard after it, ascending: the nearest is the first
    forward   the pass upwards; None if nothing before the span shows the object
    backward  the pass downwards; None if nothing after the span shows it
    """

    frames: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    forward: Pass | None
    backward: Pass | None

    @property
    def heard(self) -> tuple[int, ...]:
        """Frames of all keys that the span listens to, ascending."""
        return (*self.before, *self.after)

    @property
    def passes(self) -> tuple[Pass, ...]:
        """Return the passes that there are, the forward one first."""
        return tuple(way for way in (self.forward, self.backward) if way is not None)

    def beside(self, frame: int) -> tuple[int, ...]:
        """Return the frames right before and right after one; () where one is not of the span."""
        both = (frame - 1, frame + 1)
        return both if all(self._has(neighbour) for neighbour in both) else ()

    def _has(self, frame: int) -> bool:
        at = bisect_left(self.frames, frame)
        return at < len(self.frames) and self.frames[at] == frame

    def forward_share(self, frame: int) -> float:
        """Return how much the forward pass counts at `frame`, in [0, 1], by its distance."""
        if self.forward is None or self.backward is None:
            return 0.0 if self.forward is None else 1.0
        first, last = self.forward.start, self.backward.start
        return (last - frame) / (last - first)


def cut_spans(
    frames: Sequence[int], said: Said, cuts: Sequence[int] = (), reach: Reach = 1
) -> tuple[Span, ...]:
    """Cut the frames of one object into spans, ascending.

    frames  the plate frames to make mattes for, ascending; gaps are allowed
    said    what was given for the object; frames outside `frames` are not heard
    cuts    first frames of new scenes; nothing is heard across
    reach   how many keys on either side are heard

    A pass begins at the nearest key of its side, if that key shows the object. A key that
    says "absent" begins none: it knows nothing of how the object looks.
    """
    spans: list[Span] = []
    for scene in _scenes(frames, cuts):
        heard = [f for f in scene if f in said and said[f].heard]
        near = len(heard) if reach == "all" else reach
        spans.extend(_span(run, heard, said, near) for run in _between(scene, said))
    return tuple(spans)


def _span(run: tuple[int, ...], heard: list[int], said: Said, reach: int) -> Span:
    before = tuple(heard[: bisect_left(heard, run[0])][-reach:])
    after = tuple(heard[bisect_right(heard, run[-1]) :][:reach])
    forward = backward = None
    if before and not said[before[-1]].absent:
        forward = Pass(before[-1], run, (*reversed(after), *before[:-1]))
    if after and not said[after[0]].absent:
        backward = Pass(after[0], run[::-1], (*before, *reversed(after[1:])))
    return Span(run, before, after, forward, backward)


def _scenes(frames: Sequence[int], cuts: Sequence[int]) -> Iterator[list[int]]:
    borders = sorted(cuts)
    for _, scene in groupby(frames, key=lambda frame: bisect_right(borders, frame)):
        yield list(scene)


def _between(scene: list[int], said: Said) -> Iterator[tuple[int, ...]]:
    """Yield the runs of frames without anything given."""
    for given, run in groupby(scene, key=lambda frame: frame in said):
        if not given:
            yield tuple(run)
