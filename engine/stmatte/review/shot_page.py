# SPDX-License-Identifier: Apache-2.0
"""The page of one shot: a player over its frames, which the page carries.

Frames are written one after the other as they are read, so that a long shot needs no more
memory than a short one; what is known of the whole comes last, with the scripts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import cv2
import numpy as np

from stmatte.images import overlay, to_working
from stmatte.placing import placed
from stmatte.review import pieces
from stmatte.review.crops import place
from stmatte.review.facts import ObjectFacts, ShotFacts
from stmatte.review.looking import Pixels, SeenMattes, SeenPlate, see_mattes, see_plate
from stmatte.review.pages import PARTS, head, piece, script, source, told
from stmatte.review.surveying import Surveyed

THUMB_WIDTH = 192


def write_shot_page(
    path: Path,
    shot: Surveyed,
    *,
    rate: float,
    neighbours: tuple[str, str],
    tell: Callable[[], None],
) -> None:
    """Write the page of a shot, whole or not at all, and complete what is known of it.

    rate        frames a second at which it plays
    neighbours  names of the shots before and after it; "" where there is none
    tell        called after each frame

    Raises StmatteError if the place cannot be written.
    """
    facts = shot.facts
    thumbs: dict[int, str] = {}
    with placed(path) as beside, beside.open("w", encoding="utf-8") as page:
        page.write(head(f"{facts.name} {facts.version}".strip()))
        page.write(source("shot.html"))
        for frame in facts.frames:
            _write_frame(page, shot, frame, thumbs)
            tell()
        page.write(told("shot", _told(facts, rate, neighbours)))
        page.write(script(*PARTS))
        page.write("</body>\n</html>\n")
    worst = facts.worst
    facts.thumb = thumbs.get(worst[2] if worst else facts.frames[0], "")


def file_of_page(name: str) -> str:
    """Return the file's name of a shot's page."""
    return f"{re.sub(r'^index$', 'index_', name)}.html"


def _write_frame(page: TextIO, shot: Surveyed, frame: int, thumbs: dict[int, str]) -> None:
    facts = shot.facts
    plate = see_plate(shot.planned, frame)
    now = see_mattes(shot.planned, shot.files, frame)
    old = None if shot.earlier is None else see_mattes(shot.planned, shot.earlier, frame)
    if plate is not None:
        display = plate.shrunk(facts.shown)
        page.write(piece(f"plate/{frame}", pieces.picture(display)))
        if frame == facts.frames[0] or _is_worst(facts, frame):
            thumbs[frame] = _thumb(display, now)
    for index, each in enumerate(facts.objects):
        _write_object(page, facts, frame, index, each, plate, now, old)


def _write_object(
    page: TextIO,
    facts: ShotFacts,
    frame: int,
    index: int,
    each: ObjectFacts,
    plate: SeenPlate | None,
    now: SeenMattes,
    old: SeenMattes | None,
) -> None:
    matte = now.mattes.get(each.name)
    before = None if old is None else old.mattes.get(each.name)
    if matte is not None:
        page.write(piece(f"shown/{frame}/{index}", pieces.coverage(_small(matte, facts))))
        page.write(piece(f"exact/{frame}/{index}", pieces.exact(matte)))
    same = matte is not None and before is not None and np.array_equal(matte, before)
    if before is not None and not same:
        page.write(piece(f"before/{frame}/{index}", pieces.coverage(_small(before, facts))))
    last = next((crop for crop in reversed(each.crops) if crop), None)
    crop = None if matte is None or plate is None else place(matte, last)
    if crop is not None and plate is not None:
        page.write(piece(f"crop/{frame}/{index}", pieces.picture(plate.piece(crop), close=True)))
    each.crops.append(crop)
    each.areas.append(None if matte is None else round(float(matte.mean(dtype=np.float64)), 6))
    each.changed.append(None if matte is None or before is None else not same)


def _small(matte: Pixels, facts: ShotFacts) -> Pixels:
    return to_working(matte, facts.shown)


def _is_worst(facts: ShotFacts, frame: int) -> bool:
    return facts.worst is not None and facts.worst[2] == frame


def _thumb(display: Pixels, now: SeenMattes) -> str:
    size = (max(1, round(display.shape[0] * THUMB_WIDTH / display.shape[1])), THUMB_WIDTH)
    small = cv2.resize(display, (size[1], size[0]), interpolation=cv2.INTER_AREA)
    shown = overlay(small, {n: to_working(m, size) for n, m in now.mattes.items()})
    return pieces.picture(shown / np.float32(255))


def _told(facts: ShotFacts, rate: float, neighbours: tuple[str, str]) -> dict[str, Any]:
    """Return what the scripts are told of a shot."""
    return {
        "format": "stmatte.review/1",
        "name": facts.name,
        "version": facts.version,
        "previous": facts.previous,
        "rate": rate,
        "frames": facts.frames,
        "size": facts.size,
        "shown": facts.shown,
        "digests": facts.digests,
        "missing": facts.missing,
        "objects": [
            {
                "name": each.name,
                "colour": each.colour,
                "marks": [mark.value for mark in each.marks],
                "stale": each.stale,
                "doubts": each.doubts,
                "areas": each.areas,
                "changed": each.changed,
                "crops": each.crops,
            }
            for each in facts.objects
        ],
        "advice": facts.advice,
        "unadvised": facts.unadvised,
        "settings": facts.settings,
        "notes": facts.notes,
        "before": neighbours[0] and file_of_page(neighbours[0]),
        "after": neighbours[1] and file_of_page(neighbours[1]),
    }
