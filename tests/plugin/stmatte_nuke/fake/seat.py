# SPDX-License-Identifier: Apache-2.0
"""The person at the seat, and the machine under it: what a test does to the fake Nuke.

seat.new_script(path, gui=True, views=("main",))   a fresh Nuke with an empty script
seat.press(node, "propagate")                      a person presses a button
seat.run_main_loop(until)                          Nuke's event loop, until something holds
seat.now()                                         its state: messages, tasks, accidents...
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from nuke import _nk_files, _script, _seat
from nuke._format import Format
from nuke._group import Root
from nuke._node import Node
from nuke._seat import Crash, Hang, Seat
from nuke._text_knobs import PyScript_Knob
from nuke._threads import run_posted

__all__ = [
    "OTHERWISE",
    "Crash",
    "Hang",
    "Seat",
    "break_renders",
    "cancel_renders_at",
    "fill_the_disk",
    "mend",
    "new_script",
    "now",
    "press",
    "quit_nuke",
    "run_main_loop",
]

RGBA = {
    "rgba": ["rgba.red", "rgba.green", "rgba.blue", "rgba.alpha"],
    "depth": ["depth.Z"],
    "mask": ["mask.a"],
}


OTHERWISE = [False]
"""Whether each fresh Nuke does what is not known of Nuke the other way: in a group's button the
context is the group's parent, `setValues` of an enumeration keeps the item, deleting joins what is
below to what is above, other threads' calls are run in the middle of a render. The plug-in must
work either way: pytest runs its tests the one way, the plain runner can run them the other."""


def new_script(
    path: str | Path = "",
    *,
    gui: bool = True,
    views: Sequence[str] = ("main",),
    first: int = 1,
    last: int = 100,
    size: tuple[int, int] = (64, 36),
    pixel_aspect: float = 1.0,
    plugin_path: Sequence[str | Path] = (),
    raw_args: Sequence[str] = (),
) -> Seat:
    """Start a fresh Nuke with an empty script, as if it had been saved at `path`; "" is unsaved."""
    fresh = Seat(
        gui=gui, otherwise=OTHERWISE[0], views=list(views), view=views[0], raw_args=list(raw_args)
    )
    fresh.layers = {name: list(kept) for name, kept in RGBA.items()}
    fresh.plugin_path = [str(each) for each in plugin_path]
    fresh.faults.pump_in_execute = OTHERWISE[0]
    _seat.start(fresh)
    width, height = size
    fresh.formats = [
        Format(width, height, 0, 0, width, height, pixel_aspect, "plate"),
        Format(1920, 1080, 0, 0, 1920, 1080, 1, "HD_1080"),
        Format(2048, 1152, 0, 0, 2048, 1152, 1, "2K_16:9"),
    ]
    fresh.root = Root()
    fresh.groups = [fresh.root]
    root = fresh.root
    root["name"].setValue(str(path).replace("\\", "/"))  # type: ignore[attr-defined]
    root["first_frame"].setValue(first)  # type: ignore[attr-defined]
    root["last_frame"].setValue(last)  # type: ignore[attr-defined]
    _script.frame(first)
    fresh.modified = False
    fresh.history.done.clear()
    return fresh


def now() -> Seat:
    """Return the running Nuke."""
    return _seat.seat()


def press(node: Node, name: str, *, inside: bool | None = None) -> None:
    """Press a button of a node.

    inside  whether a group's button finds itself inside the group; else as `OTHERWISE` says
    """
    knob = node[name]
    if not isinstance(knob, PyScript_Knob):
        raise TypeError(f"{name} is no button but a {knob.Class()}")
    before = now().otherwise
    now().otherwise = before if inside is None else not inside
    try:
        knob.execute()
    finally:
        now().otherwise = before


def run_main_loop(
    until: Callable[[], object] = lambda: False,
    *,
    seconds: float = 60.0,
    idle: float | None = None,
) -> None:
    """Do what other threads ask for until `until()` holds, or nothing came for `idle` seconds."""
    end = time.monotonic() + seconds
    quiet = time.monotonic()
    while not until():
        if run_posted(0.01):
            quiet = time.monotonic()
        if idle is not None and time.monotonic() - quiet > idle:
            return
        if time.monotonic() > end:
            raise TimeoutError(f"after {seconds} s in Nuke's event loop it still does not hold")


def break_renders(error: Exception, frame: int | None = None) -> None:
    """Let every render raise, or that of one frame."""

    def render(_write: str, at: int, _file: str) -> None:
        if frame is None or at == frame:
            raise error

    now().faults.render = render


def cancel_renders_at(frame: int) -> None:
    """Let the person cancel while a frame is rendered; Nuke's words are believed, not known."""
    break_renders(RuntimeError("Cancelled"), frame)


def fill_the_disk(frame: int | None = None, *, system: bool = True) -> None:
    """Let renders run out of room: with the system's own error, or with Nuke's in its words."""
    words = os.strerror(errno.ENOSPC)
    said = OSError(errno.ENOSPC, words) if system else RuntimeError(f"Write failed: {words}")
    break_renders(said, frame)


def mend() -> None:
    """Let renders work again."""
    now().faults.render = None


def quit_nuke() -> None:
    """Close the script, as quitting does."""
    _nk_files.scriptClose()
