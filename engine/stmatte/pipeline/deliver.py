# SPDX-License-Identifier: Apache-2.0
"""From a shot to files: one EXR a frame, and pictures for looking at.

Every frame is whole or not there. What was done stays, whatever happens to the rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stmatte.errors import StmatteError
from stmatte.images import (
    check_writable,
    contact_sheet,
    expand,
    fit_key,
    open_plate,
    overlay,
    read_mattes,
    to_display,
    to_working,
    write_mattes,
    write_png,
)
from stmatte.pipeline.propagate import FrameMattes, propagate_frames
from stmatte.shot import Shot

SHEET_ROWS = 8


@dataclass(frozen=True)
class Progress:
    """Where a delivery is.

    frame    plate frame number that was just written
    done     frames written; `frames` of them are wanted
    seconds  since the first frame was begun
    path     the file
    """

    frame: int
    done: int
    frames: int
    seconds: float
    path: Path


@dataclass(frozen=True)
class Delivery:
    """What a delivery wrote.

    mattes   plate frame number -> EXR
    skipped  plate frame number -> why it was passed over
    sheet    the contact sheet, if previews were wanted
    """

    mattes: dict[int, Path]
    skipped: dict[int, str]
    sheet: Path | None


def deliver(
    shot: Shot,
    out: str,
    *,
    ending: str = "A",
    preview: Path | None = None,
    skip_errors: bool = False,
    tell: Callable[[Progress], None] | None = None,
) -> Delivery:
    """Propagate a shot and write its mattes, frame by frame as they are done.

    out          pattern of the EXR files, with a place for the frame number
    ending       of the channel names, `<object>.<ending>`
    preview      folder for overlays as PNG and a contact sheet
    skip_errors  go on when a plate frame cannot be read, instead of stopping there

    Raises StmatteError for what a person can mend; frames already written stay.
    """
    first = shot.frames.first if shot.frames else shot.keys[0].frame
    check_writable(expand(out, first).parent)
    if preview is not None:
        check_writable(preview)
    skipped: dict[int, str] = {}
    written: dict[int, Path] = {}

    def skip(frame: int, error: StmatteError) -> None:
        skipped[frame] = str(error)

    results = propagate_frames(shot, skipped=skip if skip_errors else None)
    plate = open_plate(shot.plate)
    wanted = len(shot.frames or plate.frames)
    began = time.monotonic()
    attributes = {"Software": "STMatte", "stmatte/model": Path(shot.settings.model).name}
    try:
        for result in results:
            path = expand(out, result.frame)
            write_mattes(
                path,
                result.mattes,
                ending=ending,
                pixel_aspect=plate.pixel_aspect,
                attributes=attributes,
            )
            if preview is not None:
                _write_overlay(result, preview)
            written[result.frame] = path
            if tell is not None:
                seconds = time.monotonic() - began
                tell(Progress(result.frame, len(written), wanted, seconds, path))
    finally:
        # also after Ctrl-C: what is done can be looked at
        sheet = _write_sheet(shot, written, preview) if preview is not None and written else None
    return Delivery(dict(sorted(written.items())), dict(sorted(skipped.items())), sheet)


def _write_overlay(result: FrameMattes, folder: Path) -> None:
    size = result.display.shape[:2]
    mattes = {name: to_working(m, (size[0], size[1])) for name, m in result.mattes.items()}
    path = expand(str(folder / "overlay.####.png"), result.frame)
    write_png(path, overlay(result.display, mattes))


def _write_sheet(shot: Shot, written: dict[int, Path], folder: Path) -> Path:
    """Lay out the keyed frames and others, evenly spaced, at plate size."""
    plate = open_plate(shot.plate)
    keys = {key.frame: key.mattes for key in shot.keys}
    rows = []
    for frame in _chosen(sorted(written), sorted(keys)):
        files = read_mattes(written[frame])
        mattes = {name.rpartition(".")[0]: matte for name, matte in files.items()}
        ordered = {name: mattes[name] for name in shot.objects}
        given = keys.get(frame, {}).items()
        key = {name: fit_key(np.asarray(m), name, frame, plate.size) for name, m in given} or None
        rows.append((str(frame), to_display(plate.read(frame)), ordered, key))
    path = folder / "contact_sheet.png"
    write_png(path, contact_sheet(rows))
    return path


def _chosen(frames: list[int], keyed: list[int]) -> list[int]:
    """Return at most SHEET_ROWS frames: the ends, keys, and others evenly spaced."""
    keys = [frame for frame in keyed if frame in frames][: SHEET_ROWS // 2]
    free = min(len(frames), SHEET_ROWS - len(keys))
    last = len(frames) - 1
    spaced = [frames[round(i * last / max(1, free - 1))] for i in range(free)]
    return sorted({*keys, *spaced})
