# SPDX-License-Identifier: Apache-2.0
"""From a shot to files: one EXR a frame, and pictures for looking at.

Every frame is whole or not there. What was done stays, whatever happens to the rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from stmatte.errors import StmatteError
from stmatte.images import (
    check_ending,
    contact_sheet,
    expand,
    overlay,
    read_mattes,
    to_display,
    to_working,
    write_mattes,
    write_png,
)
from stmatte.images.plate import SequencePlate
from stmatte.networks.protocol import Network
from stmatte.pipeline.checks import CheckedShot, check_shot
from stmatte.pipeline.propagate import FrameMattes, propagate_checked
from stmatte.placing import check_writable
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
    spare: Collection[Path] = (),
    tell: Callable[[Progress], None] | None = None,
    network: Network | None = None,
) -> Delivery:
    """Propagate a shot and write its mattes, frame by frame as they are done.

    out          pattern of the EXR files, with a place for the frame number
    ending       of the channel names, `<object>.<ending>`
    preview      folder for overlays as PNG and a contact sheet
    skip_errors  go on when a plate frame is missing or cannot be read, instead of stopping
    spare        files that must not be written over, such as the keys'; the plate never is
    network      a loaded network to use instead of the one that the settings name

    Raises StmatteError for what a person can mend; frames already written stay.
    """
    check_ending(ending)
    checked = check_shot(shot, pass_over=skip_errors)
    _check_places(checked, out, preview, spare)
    skipped: dict[int, str] = {}
    written: dict[int, Path] = {}

    def skip(frame: int, error: StmatteError) -> None:
        skipped[frame] = str(error)

    results = propagate_checked(checked, network=network, skipped=skip if skip_errors else None)
    wanted = len(checked.frames) + sum(len(gap) for gap in checked.gaps)
    began = time.monotonic()
    attributes = {"Software": "STMatte", "stmatte/model": Path(shot.settings.model).name}
    try:
        for result in results:
            path = expand(out, result.frame)
            write_mattes(
                path,
                result.mattes,
                ending=ending,
                pixel_aspect=checked.plate.pixel_aspect,
                attributes=attributes,
            )
            written[result.frame] = path
            if preview is not None:
                _write_overlay(result, preview)
            if tell is not None:
                seconds = time.monotonic() - began
                tell(Progress(result.frame, len(written), wanted, seconds, path))
    except BaseException:
        # also after Ctrl-C what is done can be looked at, but nothing hides why it ended
        with suppress(StmatteError):
            _write_sheet(checked, written, preview)
        raise
    sheet = _write_sheet(checked, written, preview)
    return Delivery(dict(sorted(written.items())), dict(sorted(skipped.items())), sheet)


def _check_places(
    checked: CheckedShot, out: str, preview: Path | None, spare: Collection[Path]
) -> None:
    """Prove that files can go where they are wanted, and that none of them replaces a source."""
    first = expand(out, checked.frames[0])
    if first.suffix.lower() != ".exr":
        raise StmatteError(
            f'Output "{out}" does not end in .exr',
            value=out,
            allowed="mattes are written as EXR",
            repair="Let its name end in .exr, such as matte.####.exr",
        )
    if isinstance(checked.plate, SequencePlate):
        spare = {*spare, *checked.plate.sequence.files.values()}
    spared = {path.resolve() for path in spare}
    places = [out] if preview is None else [out, _overlays(preview)]
    for place in places if spared else []:
        for frame in checked.frames:
            path = expand(place, frame)
            if path.resolve() in spared:
                raise StmatteError(
                    f'Output "{path}" is a picture of the plate or a key',
                    value=str(path),
                    allowed="what mattes are made from is never written over",
                    repair="Choose another name or folder for the output",
                )
    check_writable(first.parent)
    if preview is not None:
        check_writable(preview)


def _overlays(folder: Path) -> str:
    return str(folder / "overlay.####.png")


def _write_overlay(result: FrameMattes, folder: Path) -> None:
    size = result.display.shape[:2]
    mattes = {name: to_working(m, (size[0], size[1])) for name, m in result.mattes.items()}
    path = expand(_overlays(folder), result.frame)
    write_png(path, overlay(result.display, mattes))


def _write_sheet(
    checked: CheckedShot, written: dict[int, Path], folder: Path | None
) -> Path | None:
    """Lay out the keyed frames and others, evenly spaced, at plate size."""
    if folder is None or not written:
        return None
    plate, keys = checked.plate, checked.keys
    rows = []
    for frame in _chosen(sorted(written), sorted(keys)):
        files = read_mattes(written[frame])
        mattes = {name.rpartition(".")[0]: matte for name, matte in files.items()}
        ordered = {name: mattes[name] for name in checked.shot.objects}
        rows.append((str(frame), to_display(plate.read(frame)), ordered, keys.get(frame)))
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
