# SPDX-License-Identifier: Apache-2.0
"""Pictures for looking at: an overlay of every frame, and one contact sheet of the shot."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from stmatte.images import (
    contact_sheet,
    expand,
    overlay,
    read_mattes,
    to_display,
    to_working,
    write_png,
)
from stmatte.pipeline.frames import look
from stmatte.pipeline.given import Pixels
from stmatte.pipeline.matte_files import MatteFiles
from stmatte.pipeline.planned import PlannedShot

SHEET_ROWS = 8


def overlays_in(folder: Path) -> str:
    """Return the pattern of the overlays in a folder."""
    return str(folder / "overlay.####.png")


@dataclass(frozen=True)
class Previews:
    """Draws what the files of a shot hold, as PNG into a folder."""

    planned: PlannedShot
    files: MatteFiles
    folder: Path

    def overlay(self, frame: int) -> None:
        """Draw the mattes that a frame's file holds over the frame, as the network sees it."""
        display = look(self.planned, frame)
        size = (display.shape[0], display.shape[1])
        small = {name: to_working(matte, size) for name, matte in self._mattes(frame).items()}
        write_png(expand(overlays_in(self.folder), frame), overlay(display, small))

    def sheet(self, frames: Collection[int]) -> Path | None:
        """Lay out keyed frames and others of these, evenly spaced, at plate size.

        returns  where it is; None without frames
        """
        if not frames:
            return None
        checked = self.planned.checked
        given = checked.given
        keyed = sorted({frame for frame, _ in given.digests})
        rows = []
        for frame in _chosen(sorted(frames), keyed):
            keys = {name: given.matte(frame, name) for name in given.keyed(frame)}
            display = to_display(checked.plate.read(frame), checked.exposure)
            rows.append((str(frame), display, self._mattes(frame), keys or None))
        path = self.folder / "contact_sheet.png"
        write_png(path, contact_sheet(rows, checked.plate.pixel_aspect))
        return path

    def _mattes(self, frame: int) -> dict[str, Pixels]:
        """Return the objects' mattes on the plate's canvas, in the objects' order.

        A file of somebody else that was left alone need not have them.
        """
        checked = self.planned.checked
        objects, canvas = checked.shot.objects, checked.plate.canvas
        channels: dict[str, Pixels] = {}
        for file in self.files.of(objects, frame):
            if not file.crypto:
                channels |= read_mattes(file.path, canvas)
        named = {name: self.files.output.layout.channel(name) for name in objects}
        return {name: channels[channel] for name, channel in named.items() if channel in channels}


def _chosen(frames: list[int], keyed: list[int]) -> list[int]:
    """Return at most SHEET_ROWS frames: the ends, keys, and others evenly spaced."""
    keys = [frame for frame in keyed if frame in frames][: SHEET_ROWS // 2]
    free = min(len(frames), SHEET_ROWS - len(keys))
    last = len(frames) - 1
    spaced = [frames[round(i * last / max(1, free - 1))] for i in range(free)]
    return sorted({*keys, *spaced})
