# SPDX-License-Identifier: Apache-2.0
"""The plate that is connected, as files that the engine can read.

A Read of plain pictures is taken as it is. Anything else, such as a grade, a retime or a movie, is
written out once as Nuke shows it, and again only where it changed. Either way it is said.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nuke

from stmatte_host import EngineError, spans

from . import above, colour_names, file_sequence, reads, upstream
from .rendering import render_run, source_node
from .sources import PLATE
from .untouched import as_it_was

CONNECTED = "what is connected"
"""Item of the knob `plate_from` by which the stream is always written."""

STEM = "plate"
_AT_ONCE = 8  # frames in one call of Nuke's: few enough that little is lost by Cancel
_KEPT = 2  # plates as written: this one, and the last before it
_DIGEST = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Plate:
    """A plate on the disk, or soon to be written there.

    pattern       whole path, with # in place of the number
    size          width and height in pixels
    pixel_aspect  width of a pixel by its height
    first, last   script frames that it has, which are its own numbers
    colorspace    name for the engine; "" lets it go by the files
    why           what it is, a sentence for the artist
    to_write      frames that are to be written first
    view          of the script
    """

    pattern: str
    size: tuple[int, int]
    pixel_aspect: float
    first: int
    last: int
    colorspace: str
    why: str
    to_write: tuple[int, ...]
    view: str


def range_of(group: nuke.Node, view: str) -> tuple[int, int]:
    """Return the first and last frame of the plate. Raises EngineError where none is connected."""
    node = source_node(group, PLATE)
    read = above.seen_through(node)
    if read is not None and read.Class() == "Read" and reads.files_of(read, view) is not None:
        return _of_read(read)
    return int(node.firstFrame()), int(node.lastFrame())


def plate_of(
    group: nuke.Node, first: int | None, last: int | None, folder: Path, view: str, how: str = ""
) -> Plate:
    """Return the plate that is connected to a node.

    first, last  script frames of the shot; None for all of the plate
    folder       where STMatte keeps what belongs to the node's mattes
    how          `CONNECTED` has the stream written in any case

    Raises EngineError where no plate is connected, or where files are missing in the shot.
    """
    node = source_node(group, PLATE)
    whole = range_of(group, view)
    shot = (whole[0] if first is None else first, whole[1] if last is None else last)
    with as_it_was():  # a proxy has another format
        format_: Any = node.format()
        size = (int(format_.width()), int(format_.height()))
        aspect = float(format_.pixelAspect())
        plate = Plate("", size, aspect, *whole, "", "", (), view)
        reason = "as the node asks for it" if how == CONNECTED else why_written(node, view, shot)
        return _written(node, plate, shot, folder, reason) if reason else _direct(node, plate)


def why_written(node: nuke.Node, view: str, shot: tuple[int, int]) -> str:
    """Return why a plate can't be read from files as they are; "" where it can.

    Raises EngineError where files of the shot are missing, so that neither is possible.
    """
    read = above.seen_through(node)
    if read is None or read.Class() != "Read":
        called = node.name() if read is None else read.name()
        return f'for "{called}" changes it'
    moved = reads.why_moved(read)
    if moved:
        return f'for "{read.name()}" {moved}'
    path = reads.path_of(read)
    files = file_sequence.sequence(path, view, reads.project_folder())
    if files is None:
        return f'for "{read.name()}" reads no numbered pictures that STMatte can read itself'
    if len(nuke.views()) > 1 and not file_sequence.has_view(path):
        return f'for the files of "{read.name()}" are not named by view'
    there = files.there()
    if not there or shot[0] < 0:
        return f'for the files of "{read.name()}" are not found by their names'
    last = _of_read(read)[1]
    missing = [frame for frame in range(shot[0], min(shot[1], last) + 1) if frame not in there]
    if missing and _said(read, "on_error") in ("", "error"):
        raise EngineError(
            f'The plate "{read.name()}" lacks frames {spans.shortly(spans.runs(missing))}',
            allowed=f'there is no file for them under "{files.pattern}"',
            repair="Render them, choose a shorter range, or let the Read show something in their "
            'place ("missing frames")',
        )
    return f'for "{read.name()}" lacks files and shows others in their place' if missing else ""


def write_plate(
    group: nuke.Node, plate: Plate, progress: Callable[[int, int], None] | None = None
) -> None:
    """Have Nuke write the frames of a plate that are not there yet.

    progress  is told how many of how many are done; what it raises stops the writing

    What was finished before a stop stays, and is not written again. Raises EngineError where the
    artist cancels or Nuke can't write.
    """
    folder = Path(plate.pattern).parent
    done = 0
    with as_it_was():
        for first, last in _in_portions(plate.to_write):
            if progress is not None:
                progress(done, len(plate.to_write))
            render_run(group, plate, (first, last), folder, STEM)
            done += last - first + 1
    if plate.to_write:
        _forget_old(folder)
        if progress is not None:
            progress(done, done)


def _direct(node: nuke.Node, plate: Plate) -> Plate:
    read = above.seen_through(node)
    files = None if read is None else reads.files_of(read, plate.view)
    if read is None or files is None:
        raise EngineError(f'The plate "{node.name()}" has no files', repair="Connect it again")
    raw = read.knob("raw")
    said = "" if raw is not None and raw.value() else _said(read, "colorspace")
    why = f'The plate is read from the files of "{read.name()}".'
    return replace(plate, pattern=files.pattern, colorspace=_for_engine(said), why=why)


def _written(
    node: nuke.Node, plate: Plate, shot: tuple[int, int], folder: Path, reason: str
) -> Plate:
    words = (upstream.said_upstream(node, plate.view), f"{plate.size} {plate.pixel_aspect!r}")
    place = folder / "plate" / upstream.digest("\n".join(words))
    pattern = f"{place.as_posix()}/{STEM}.####.exr"
    there = file_sequence.sequence(pattern, plate.view)
    done = {} if there is None else there.there()
    inside = range(max(shot[0], plate.first), min(shot[1], plate.last) + 1)
    to_write = tuple(frame for frame in inside if frame not in done)
    space = _for_engine(_said(nuke.root(), "workingSpaceLUT"))
    why = f'The plate is written out as "{node.name()}" shows it, {reason}.'
    return replace(plate, pattern=pattern, colorspace=space, why=why, to_write=to_write)


def _for_engine(said: str) -> str:
    root = nuke.root()
    management = _said(root, "colorManagement") or colour_names.NUKE
    return colour_names.engine_name(
        said, management, _said(root, "OCIO_config"), os.environ.get("OCIO", "")
    )


def _of_read(read: nuke.Node) -> tuple[int, int]:
    values: list[Any] = [read["first"].value(), read["last"].value()]
    return int(values[0]), int(values[1])


def _said(node: nuke.Node, name: str) -> str:
    knob = node.knob(name)
    return "" if knob is None or knob.value() is None else str(knob.value())


def _in_portions(frames: tuple[int, ...]) -> list[tuple[int, int]]:
    return [
        (first, min(first + _AT_ONCE - 1, last))
        for start, last in spans.runs(frames)
        for first in range(start, last + 1, _AT_ONCE)
    ]


def _forget_old(folder: Path) -> None:
    """Remove plates that were written before the last two: each is as large as the plate."""
    with suppress(OSError):
        others = [each for each in folder.parent.iterdir() if _DIGEST.fullmatch(each.name)]
        others.sort(key=lambda each: (each != folder, -each.stat().st_mtime))
        for each in others[_KEPT:]:
            shutil.rmtree(each, ignore_errors=True)
