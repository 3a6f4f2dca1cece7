# SPDX-License-Identifier: Apache-2.0
"""One frame as a page needs it: the plate as a display shows it, and what matte files hold.

Reads files and scales pictures. What is not there is None, and a page says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.images import Picture, read_words, to_display, to_working
from stmatte.images.stored import StoredMatte, read_stored
from stmatte.pipeline.header import SCORE
from stmatte.pipeline.matte_files import MatteFiles
from stmatte.pipeline.planned import PlannedShot
from stmatte.review.crops import Place

Pixels = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class SeenPlate:
    """A plate frame, as it is in its file."""

    picture: Picture
    exposure: float

    def shrunk(self, size: tuple[int, int]) -> Pixels:
        """Return it (h, w, 3) in [0, 1] as a display shows it."""
        small = Picture(to_working(self.picture.pixels, size), self.picture.space)
        return to_display(small, self.exposure)

    def piece(self, place: Place) -> Pixels:
        """Return a part of it in its own size, as a display shows it."""
        left, top, width, height = place
        part = self.picture.pixels[top : top + height, left : left + width]
        return to_display(Picture(np.ascontiguousarray(part), self.picture.space), self.exposure)


def see_plate(planned: PlannedShot, frame: int) -> SeenPlate | None:
    """Return a plate frame; None where it is missing or damaged."""
    try:
        read = planned.checked.plate.read(frame)
    except StmatteError:
        return None
    return SeenPlate(read, planned.checked.exposure)


@dataclass(frozen=True, eq=False)
class SeenMattes:
    """What the files of a frame hold.

    mattes  object name -> (H, W) float32 on the plate's canvas
    doubts  object name -> uncertainty in [0, 1]
    """

    mattes: Mapping[str, Pixels]
    doubts: Mapping[str, float]


def see_mattes(planned: PlannedShot, files: MatteFiles, frame: int) -> SeenMattes:
    """Return what there is of a frame's mattes; a file that cannot be read holds none."""
    canvas = planned.checked.plate.canvas
    mattes: dict[str, Pixels] = {}
    doubts: dict[str, float] = {}
    for file in files.of(planned.checked.shot.objects, frame):
        found, words = _stored(file.path, frame), read_words(file.path) or {}
        for name in file.layers:
            if (matte := _named(found, name, alone=len(file.layers) == 1)) is not None:
                mattes[name] = np.clip(matte.on(canvas), 0, 1)
                with suppress(ValueError, KeyError):
                    doubts[name] = float(words[f"{SCORE}/{name}"])
    return SeenMattes(mattes, doubts)


def any_there(planned: PlannedShot, files: MatteFiles) -> bool:
    """Return whether there is a matte file of any frame."""
    objects = planned.checked.shot.objects
    return any(p.is_file() for f in planned.plan.frames for p in files.paths(objects, f))


def _stored(path: Path, frame: int) -> Mapping[str, StoredMatte]:
    if not path.is_file():
        return {}
    try:
        return read_stored(path, f"Matte frame {frame}").mattes
    except StmatteError:
        return {}


def _named(found: Mapping[str, StoredMatte], name: str, *, alone: bool) -> StoredMatte | None:
    """Return an object's matte, also where its layer is called `matte_hero`."""
    if name in found:
        return found[name]
    near = [layer for layer in found if name in layer]
    if len(near) == 1:
        return found[near[0]]
    return next(iter(found.values())) if alone and len(found) == 1 else None
