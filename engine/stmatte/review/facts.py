# SPDX-License-Identifier: Apache-2.0
"""What a page tells of a shot beside its pixels, and which shot is worst."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from stmatte.review.crops import Place
from stmatte.review.marks import Mark


@dataclass
class ObjectFacts:
    """What is known of one object, frame by frame in the shot's order.

    colour   its colour in overlays, each part in [0, 1]
    marks    how it stands
    stale    whether its file is not what it would be now; a mark of the artist's may hide that
    doubts   uncertainty in [0, 1] as its file says; None where no file is
    areas    part of the picture that it covers; None where no file is
    changed  whether its matte differs from the version before by any bit; None: unknown
    crops    where its edge is shown closely
    """

    name: str
    colour: tuple[float, float, float]
    marks: list[Mark] = field(default_factory=list)
    stale: list[bool] = field(default_factory=list)
    doubts: list[float | None] = field(default_factory=list)
    areas: list[float | None] = field(default_factory=list)
    changed: list[bool | None] = field(default_factory=list)
    crops: list[Place | None] = field(default_factory=list)

    def of(self, mark: Mark) -> int:
        """Return on how many frames it stands like that."""
        return self.marks.count(mark)


@dataclass
class ShotFacts:
    """What is known of a shot.

    name      what its page is called
    frames    plate frame numbers, ascending
    size      (H, W) of the plate's canvas
    shown     (h, w) of the pictures on the page, with square pixels
    objects   in the shot's order
    digests   of every frame's mattes, as the plan says
    missing   frames of which an object has no matte file
    version   that the mattes' files name; "" if none
    previous  what the version before is called; "" if there is none to compare with
    advice    where a next key would help, best first
    unadvised why there is no advice; "" if there is
    settings  (label, value) to be told
    notes     sentences about what an artist may not expect
    thumb     a small picture, packed
    """

    name: str
    frames: tuple[int, ...]
    size: tuple[int, int]
    shown: tuple[int, int]
    objects: list[ObjectFacts]
    digests: list[str] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    version: str = ""
    previous: str = ""
    advice: list[dict[str, Any]] = field(default_factory=list)
    unadvised: str = ""
    settings: list[tuple[str, str]] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    thumb: str = ""

    @property
    def worst(self) -> tuple[float, str, int] | None:
        """The largest uncertainty, with its object and frame; None where nothing is known."""
        known = [
            (doubt, each.name, frame)
            for each in self.objects
            for frame, doubt in zip(self.frames, each.doubts, strict=True)
            if doubt is not None
        ]
        return max(known, key=lambda found: (found[0], -found[2]), default=None)

    @property
    def stale(self) -> list[int]:
        """Return the frames of which a file is not what it would be now, or isn't there."""
        rows = [each.stale for each in self.objects]
        return [f for f, *said in zip(self.frames, *rows, strict=True) if True in said]

    def frames_of(self, mark: Mark) -> list[int]:
        """Return the frames on which any object stands like that."""
        rows = [each.marks for each in self.objects]
        return [f for f, *said in zip(self.frames, *rows, strict=True) if mark in said]


def worst_first(shots: list[ShotFacts]) -> list[ShotFacts]:
    """Return shots in the order to look at them.

    First those that are not whole, by how many frames are missing or stale; then by the share
    of doubtful frames, and by the largest uncertainty.
    """

    def badness(shot: ShotFacts) -> tuple[float, float, float]:
        whole = max(1, len(shot.frames))
        behind = len(shot.stale) / whole
        doubtful = len(shot.frames_of(Mark.DOUBTFUL)) / whole
        return behind, doubtful, 0.0 if shot.worst is None else shot.worst[0]

    return sorted(shots, key=badness, reverse=True)
