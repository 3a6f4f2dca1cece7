# SPDX-License-Identifier: Apache-2.0
"""The one running Nuke: its mode, its threads, what it said, and what it is about to get wrong.

It knows no node and no knob: those hang below `root`.
"""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable

from ._history import History

if TYPE_CHECKING:
    from ._format import Format
    from ._group import Group, Root
    from ._knob import Knob
    from ._node import Node


class Crash(BaseException):
    """What would crash or corrupt a real Nuke; no `except Exception` may hide it."""


class Hang(BaseException):
    """What would make a real Nuke stand still for ever."""


@dataclass
class Call:
    """Something that another thread wants done on the main thread."""

    call: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    done: threading.Event = field(default_factory=threading.Event)
    result: Any = None


@dataclass
class Faults:
    """What goes wrong on demand; see the functions of `seat` that set it.

    render           called with (Write's full name, frame, file) before each frame is written;
                     may raise
    pump_in_execute  whether other threads' calls are run in the middle of `nuke.execute` too
    """

    pump_in_execute: bool = False
    render: Callable[[str, int, str], None] | None = None


@dataclass
class Seat:
    """One process of Nuke.

    threads_main  the thread that may touch it
    otherwise     of what is not known of Nuke, the other one of two likely ways
    """

    gui: bool = True
    otherwise: bool = False
    threads_main: int = field(default_factory=threading.get_ident)
    waiting: queue.Queue[Call] = field(default_factory=queue.Queue)
    history: History = field(default_factory=History)
    faults: Faults = field(default_factory=Faults)
    modified: bool = False
    frame: int = 1
    view: str = "main"
    views: list[str] = field(default_factory=lambda: ["main"])
    clipboard: str = ""
    raw_args: list[str] = field(default_factory=list)
    plugin_path: list[str] = field(default_factory=list)
    formats: list[Format] = field(default_factory=list)
    layers: dict[str, list[str]] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    knobs: list[Knob] = field(default_factory=list)
    executing: bool = False
    messages: list[str] = field(default_factory=list)
    answers: list[bool] = field(default_factory=list)
    script_editor: list[str] = field(default_factory=list)
    executed: list[tuple[str, int, str]] = field(default_factory=list)
    tasks: list[Any] = field(default_factory=list)
    accidents: list[str] = field(default_factory=list)
    callbacks: dict[str, dict[str, list[Callable[[], Any]]]] = field(default_factory=dict)
    knob_defaults: dict[str, str] = field(default_factory=dict)
    menus: dict[str, Any] = field(default_factory=dict)
    root: Root = field(init=False)

    def touched(self, back: Callable[[], None], forth: Callable[[], None]) -> None:
        """Note a change of the script: how it is taken back, and how it is done again."""
        self.modified = True
        self.history.note(back, forth)


_running: list[Seat] = []


def seat() -> Seat:
    """Return the running Nuke."""
    if not _running:
        raise Crash("No Nuke is running: a test begins with seat.new_script(...).")
    return _running[-1]


def start(fresh: Seat) -> None:
    """Make a new Nuke the running one."""
    _running[:] = [fresh]
