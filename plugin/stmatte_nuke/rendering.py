# SPDX-License-Identifier: Apache-2.0
"""Keys and plates as pictures: what an input of the node shows on a frame, as Nuke renders it.

A Write that lives for a moment renders to a file beside the goal, which is then renamed: what lies
under a goal's name is whole. Knows nodes and files; touches nothing of the artist's, leaves nothing
behind and doesn't know why a picture is wanted.
"""

from __future__ import annotations

import re
import uuid
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import nuke

from stmatte_host import EngineError

from . import lone_shape
from .exr_whole import is_whole
from .sources import ALPHA, Source
from .untouched import Make, as_it_was, temporary
from .write_words import RenderCancelledError, no_room, not_rendered

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "CHANNEL",
    "RenderCancelledError",
    "as_it_was",
    "render_key",
    "render_run",
    "source_node",
]

CHANNEL = ""
"""A key's file has one channel only: the engine is told to take the only one there is."""

_KEY = {"channels": "alpha", "datatype": "32 bit float"}
_PLATE = {"channels": "rgb", "datatype": "16 bit half"}
_ODD = re.compile(r"#+|%\w*|\$[\w{]+")
_PACKED = 4  # keys are mostly flat: zip leaves a seventh of a feathered one, and less of others


class Canvas(Protocol):
    """What pictures are to fit: a plate.

    size          width and height in pixels
    pixel_aspect  width of a pixel by its height
    view          the view that is rendered
    """

    @property
    def size(self) -> tuple[int, int]: ...
    @property
    def pixel_aspect(self) -> float: ...
    @property
    def view(self) -> str: ...


def render_key(group: nuke.Node, source: Source, frame: int, plate: Canvas, path: Path) -> None:
    """Render what a source shows on a frame to an EXR of one channel, at the plate's format.

    frame  of the script
    plate  whose format and view it is to have
    path   where to; its folder is made

    Pixels of another format lie as a Merge would lay them: the lower left corners meet, nothing is
    scaled. Raises EngineError where the input, the shape or the channel is missing, the artist
    cancels, or the file can't be written whole.
    """
    what = f'The key of "{source.text}" on frame {frame}'
    token = f".{uuid.uuid4().hex}"
    beside = path.with_name(f"{token}.exr")
    with as_it_was(), temporary(group) as make:
        shown = _shown(make, group, source)
        _check_folder(path.parent, plate.size[0] * plate.size[1] * 4 // _PACKED, what)
        try:
            _write(make, shown, plate, _KEY, str(beside), (frame, frame), what)
            _place(beside, path, what)
        finally:
            _clear(path.parent, token)


def render_run(
    group: nuke.Node, plate: Canvas, frames: tuple[int, int], folder: Path, stem: str
) -> None:
    """Render the plate input's colours on a run of frames to `<folder>/<stem>.####.exr`.

    frames  first and last

    Whole files only get these names, and a run that stops half-way leaves those it has finished.
    Raises EngineError as `render_key` does.
    """
    first, last = frames
    what = f"The plate on frame {first}" if first == last else f"The plate on frames {first}-{last}"
    token = f".{uuid.uuid4().hex}"
    with as_it_was(), temporary(group) as make:
        shown = source_node(group, 0)
        _check_folder(folder, plate.size[0] * plate.size[1] * 6 * (last - first + 1) // 2, what)
        beside = {frame: folder / f"{token}.{frame:04d}.exr" for frame in range(first, last + 1)}
        try:
            _write(make, shown, plate, _PLATE, str(folder / f"{token}.%04d.exr"), frames, what)
            for frame, part in beside.items():
                _place(part, folder / f"{stem}.{frame:04d}.exr", what)
        finally:
            _clear(folder, token)


def source_node(group: nuke.Node, number: int) -> nuke.Node:
    """Return what is connected to an input of the node. Raises EngineError where nothing is."""
    node = group.input(number)
    if node is None:
        name = "plate" if number == 0 else Source(number).input_name
        raise EngineError(
            f'Nothing is connected to the input "{name}" of "{group.name()}"',
            repair="Connect the plate" if number == 0 else f'Connect a Roto or a matte to "{name}"',
        )
    return node


def _shown(make: Make, group: nuke.Node, source: Source) -> nuke.Node:
    """Return a node whose alpha is what the source shows."""
    node = source_node(group, source.input_number)
    if source.shape:
        return lone_shape.alone(make, node, source.shape, group.input(0))
    there = node.channels()
    if source.channel not in there:
        raise EngineError(
            f'The input "{source.input_name}" of "{group.name()}" has no channel '
            f'"{source.channel}"',
            allowed=f"it has {_listed(there)}",
            repair="Correct the object's source, or connect a node that makes this channel",
        )
    if source.channel == ALPHA:
        return node
    return make("Copy", node, node, from0=source.channel, to0=ALPHA)


def _write(
    make: Make,
    shown: nuke.Node,
    plate: Canvas,
    kind: dict[str, str],
    file: str,
    frames: tuple[int, int],
    what: str,
) -> None:
    """Render a node to files at the plate's format.

    file  with %04d where there are several
    """
    fitted = make(
        "Reformat",
        shown,
        type="to box",
        box_width=plate.size[0],
        box_height=plate.size[1],
        box_fixed=True,
        box_pixel_aspect=plate.pixel_aspect,
        resize="none",
        center=False,
        black_outside=True,
        pbb=False,
    )
    views = nuke.views()
    if len(views) > 1:  # as the script's first view, so that no channel is called right.R
        fitted = make("OneView", fitted, view=plate.view)
    write = make("Write", fitted, file=_quoted(file), file_type="exr", channels=kind["channels"])
    for name, value in (
        ("raw", True),
        ("datatype", kind["datatype"]),
        ("compression", "Zip (1 scanline)"),
        ("metadata", "no metadata"),
        ("autocrop", False),
        ("create_directories", False),
        ("use_limit", False),
        ("views", views[0] if len(views) > 1 else ""),
    ):
        knob: Any = write.knob(name)  # not every version and type of file has each of them
        if knob is not None and value != "":
            knob.setValue(value)
    try:
        nuke.execute(write, frames[0], frames[1], 1, [views[0]])
    except (RuntimeError, OSError, nuke.CancelledError) as error:
        raise not_rendered(error, Path(file).parent, what) from None


def _check_folder(folder: Path, needed: int, what: str) -> None:
    """Make a folder. Raises EngineError where that can't be done or has no room."""
    odd = _ODD.search(str(folder))
    if odd:
        raise EngineError(
            f'Nuke cannot write to the folder "{folder}"',
            allowed=f'it takes "{odd[0]}" for the place of a number or a name',
            repair="Choose a folder for the mattes without that",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        no_room(folder, needed, what)
    except OSError as error:
        raise not_rendered(error, folder, what) from None


def _place(part: Path, path: Path, what: str) -> None:
    """Give a rendered file its name. Raises EngineError if it is not there, or not whole."""
    if not part.is_file():
        raise EngineError(
            f"{what} was not rendered",
            allowed="Nuke stopped before it, and reports no error",
            repair="Press Propagate again, without cancelling",
        )
    if not is_whole(part):
        raise EngineError(
            f"{what} was cut off",
            allowed=f'that happens where the disk of "{path.parent}" is full',
            repair="Make room there, or choose another folder for the mattes",
        )
    try:
        part.replace(path)
    except OSError as error:
        raise not_rendered(error, path.parent, what) from None


def _clear(folder: Path, token: str) -> None:
    """Remove what was begun; Nuke renders into a file with .tmp behind its name at first."""
    for part in folder.glob(f"{token}*"):
        with suppress(OSError):
            part.unlink()


def _quoted(file: str) -> str:
    """Return a path as a file knob takes it: it evaluates [], and has forward slashes."""
    return file.replace("\\", "/").replace("[", "\\[").replace("]", "\\]")


def _listed(channels: Iterable[str], most: int = 12) -> str:
    names = sorted(channels)
    return ", ".join(names[:most]) + (" and more" if len(names) > most else "") or "none"
