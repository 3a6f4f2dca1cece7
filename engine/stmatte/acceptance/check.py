# SPDX-License-Identifier: Apache-2.0
"""A delivery walked through frame by frame, every check asked on the way.

Holds no more than a few frames. Nothing is written, and a frame that cannot be read is a
finding like others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stmatte.acceptance.channels import channel_findings
from stmatte.acceptance.completeness import frame_findings
from stmatte.acceptance.finding import Finding, Report, grouped
from stmatte.acceptance.following import Follower
from stmatte.acceptance.limits import Limits
from stmatte.acceptance.naming import file_findings, name_findings
from stmatte.acceptance.solidity import Grey, grey_of, solid_findings
from stmatte.acceptance.steadiness import chatter_findings, in_words, pop_findings
from stmatte.acceptance.storage import storage_findings
from stmatte.acceptance.values import value_findings
from stmatte.acceptance.windows import data_findings, size_findings
from stmatte.errors import StmatteError
from stmatte.images.colour import is_scene_referred
from stmatte.images.geometry import to_working, working_size
from stmatte.images.motion import LEAST_SIDE, grey
from stmatte.images.plate import Picture, Plate
from stmatte.images.sequences import Claims
from stmatte.images.stored import StoredMattes, read_stored
from stmatte.images.view import measure_exposure, to_display

HEIGHT = 480
"""Lines at which mattes are followed along their plate."""
LOOKS = 5
"""Frames of the plate that its exposure is measured on."""

Tell = Callable[[int, int], None]


def check_delivery(
    claims: Claims,
    plate: Plate,
    wanted: Collection[int],
    limits: Limits,
    tell: Tell | None = None,
) -> Report:
    """Check mattes that were delivered for a plate.

    claims   the files, and the frame that each is for
    wanted   the frames that should be there
    limits   how much is too much
    tell     called after every frame with how many are done, and how many there are

    Raises StmatteError if nothing of a scene-referred plate can be read.
    """
    walk = _Walk(plate, wanted, limits)
    files = dict(sorted(claims.files))
    for done, (frame, path) in enumerate(files.items(), start=1):
        walk.look(frame, path)
        if tell is not None:
            tell(done, len(files))
    found = chain(
        frame_findings((frame for frame, _ in claims.files), wanted),
        file_findings({frame: path.name for frame, path in files.items()}),
        walk.end(),
    )
    return Report(grouped(found), walk.measured(), len(files), tuple(walk.named))


class _Walk:
    """What is known after some frames.

    named   object name -> its layer and its channel
    """

    def __init__(self, plate: Plate, wanted: Collection[int], limits: Limits):
        self.named: dict[str, tuple[str, str]] = {}
        self._plate = plate
        self._there = frozenset(plate.frames)
        self._limits = limits
        self._findings: list[Finding] = []
        self._frames_with: dict[tuple[str, ...], list[int]] = {}
        self._greys: dict[str, Grey] = {}
        self._size = working_size(plate.size, HEIGHT, plate.pixel_aspect)
        self._follower = Follower(plate.size[0] / self._size[0])
        self._exposure = _exposure(plate, wanted)

    def look(self, frame: int, path: Path) -> None:
        """Look at one file."""
        try:
            stored = read_stored(path, "The file")
        except StmatteError as error:
            self._findings.append(Finding("readable", "fail", _reason(error, path), frame))
            return
        self._frames_with.setdefault(stored.channels, []).append(frame)
        if not stored.mattes:
            self._findings.append(Finding("channels", "fail", "holds no matte", frame))
        plate = self._plate
        self._findings += size_findings(stored, plate.display, plate.pixel_aspect, frame)
        if stored.display == plate.display and frame in self._there:
            self._findings += data_findings(stored, plate.display, plate.data(frame), frame)
        self._findings += storage_findings(stored, frame)
        for name, matte in stored.mattes.items():
            self.named.setdefault(name, (matte.layer, matte.channel))
            self._findings += value_findings(matte.pixels, frame, name)
            share = grey_of(matte.pixels, self._limits.band)
            self._findings += solid_findings(share, self._limits, frame, name)
            most = self._greys.get(name, Grey(0, 0))
            self._greys[name] = Grey(max(most.core, share.core), max(most.outside, share.outside))
        self._follow(frame, stored)

    def end(self) -> list[Finding]:
        """Return all that was found, when all files were looked at."""
        self._follower.rest()
        found = self._findings
        found += channel_findings(self._frames_with)
        found += name_findings(self.named)
        for name, moves in self._follower.moved.items():
            found += chatter_findings(moves, self._limits, name)
            found += pop_findings(moves, self._limits, name)
        return found

    def measured(self) -> dict[str, str]:
        """Return what was measured, in words, for the checks that measure."""
        greys = (
            f"{name} {most.core:.2g} % grey inside, {most.outside:.2g} % outside"
            for name, most in self._greys.items()
        )
        moved = self._follower.moved
        return {
            "solid": "; ".join(greys),
            "chatter": in_words(moved, "chatter"),
            "pops": in_words(moved, "change"),
        }

    def _follow(self, frame: int, stored: StoredMattes) -> None:
        """Follow the mattes of a frame along the plate, if they lie on it."""
        if stored.display.size != self._plate.display.size or frame not in self._there:
            return
        if min(self._size) < LEAST_SIDE:
            return
        try:
            light = self._light(frame)
        except StmatteError:
            words = "the plate's frame cannot be read, so nothing was compared with it"
            self._findings.append(Finding("readable", "warn", words, frame))
            return
        canvas = self._plate.canvas
        small = {
            name: to_working(np.clip(np.nan_to_num(matte.on(canvas)), 0, 1), self._size)
            for name, matte in stored.mattes.items()
        }
        self._follower.follow(frame, light, small)

    def _light(self, frame: int) -> NDArray[np.uint8]:
        picture = self._plate.read(frame)
        small = Picture(to_working(picture.pixels, self._size), picture.space)
        return grey(to_display(small, self._exposure))


def _exposure(plate: Plate, wanted: Collection[int]) -> float:
    """Return the stops by which a plate is looked at, from a few of its frames."""
    if not is_scene_referred(plate.colorspace.name):
        return 0.0
    frames = [frame for frame in plate.frames if frame in wanted] or list(plate.frames)
    chosen = {frames[i * (len(frames) - 1) // (LOOKS - 1)] for i in range(LOOKS)}
    pictures, refused = [], []
    for frame in sorted(chosen):
        try:
            pictures.append(plate.read(frame))
        except StmatteError as error:  # noqa: PERF203  nearly all can be read
            refused.append(error)
    if not pictures:
        raise refused[0]
    return measure_exposure(pictures)


def _reason(error: StmatteError, path: Path) -> str:
    """Return what an error says of a file, without the file's own name."""
    return error.what.replace(f' from "{path}"', "").replace(f', "{path}"', "")
