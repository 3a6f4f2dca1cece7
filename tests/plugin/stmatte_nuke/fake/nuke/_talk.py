# SPDX-License-Identifier: Apache-2.0
"""What Nuke and a person say to each other: messages, progress, undo, environment."""

from __future__ import annotations

import threading
import weakref
from typing import Any

from ._seat import seat
from ._threads import main_only


@main_only
def message(prompt: str) -> None:
    _needs_gui("message")
    if not isinstance(prompt, str):
        raise TypeError("message takes a str")
    seat().messages.append(prompt)


@main_only
def ask(prompt: str) -> bool:
    _needs_gui("ask")
    if not seat().answers:
        raise RuntimeError(f"nobody answers the question {prompt!r}: put one into seat.answers")
    seat().messages.append(prompt)
    return seat().answers.pop(0)


def _needs_gui(what: str) -> None:
    if not seat().gui:
        raise RuntimeError(f"nuke.{what}: there is nobody to see it without the GUI")


@main_only
def warning(message: str) -> None:
    seat().script_editor.append(message)


@main_only
def error(message: str) -> None:
    seat().script_editor.append(message)


@main_only
def debug(message: str) -> None:
    seat().script_editor.append(message)


def tprint(*args: Any, sep: str = " ", end: str = "\n", file: Any = None) -> None:
    """Print to the terminal; it may be called from anywhere."""
    seat().script_editor.append(sep.join(str(arg) for arg in args) + end)


class CancelledError(Exception):
    """In the stubs; which calls raise it is not known."""


class Progress:
    """What a person sees of a task, and whether he pressed Cancel."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.percent = 0
        self.message = ""
        self.cancelled = False
        self.said: list[tuple[int, str]] = []
        self.alive: Any = lambda: None


class ProgressTask:
    """A bar that lives as long as somebody holds it. It may be used from any thread [code]."""

    def __init__(self, title: str) -> None:
        if not isinstance(title, str):
            raise TypeError("ProgressTask takes a title")
        _needs_gui("ProgressTask")
        self._shown = Progress(title)
        self._shown.alive = weakref.ref(self)
        self._lock = threading.Lock()
        seat().tasks.append(self._shown)

    def setProgress(self, percent: int) -> None:
        if isinstance(percent, bool) or not isinstance(percent, int):
            raise TypeError("setProgress takes an int")
        if not 0 <= percent <= 100:
            raise ValueError("a progress lies between 0 and 100")
        with self._lock:
            self._shown.percent = percent
            self._shown.said.append((percent, self._shown.message))

    def setMessage(self, message: str) -> None:
        if not isinstance(message, str):
            raise TypeError("setMessage takes a str")
        with self._lock:
            self._shown.message = message

    def isCancelled(self) -> bool:
        return self._shown.cancelled


class Undo:
    """The undo list, as `with nuke.Undo("name")` or through its class methods."""

    def __init__(self, name: str = "") -> None:
        self._name = name

    def __enter__(self) -> Undo:
        Undo.begin(self._name)
        return self

    def __exit__(self, kind: Any, value: Any, traceback: Any) -> None:
        Undo.end()

    @staticmethod
    def begin(name: str = "") -> None:
        seat().history.begin(name)

    @staticmethod
    def end() -> None:
        seat().history.end()

    @staticmethod
    def new(name: str = "") -> None:
        seat().history.end()
        seat().history.begin(name)

    @staticmethod
    def cancel() -> None:
        seat().history.cancel()

    @staticmethod
    def name(name: str) -> None:
        if seat().history.open:
            seat().history.open[0].name = name

    @staticmethod
    def enable() -> None:
        seat().history.off -= 1
        if seat().history.off < 0:
            raise RuntimeError("Undo.enable without Undo.disable")

    @staticmethod
    def disable() -> None:
        seat().history.off += 1

    @staticmethod
    def disabled() -> bool:
        return seat().history.off > 0

    @staticmethod
    def undo() -> None:
        seat().history.undo()

    @staticmethod
    def redo() -> None:
        seat().history.redo()

    @staticmethod
    def undoSize() -> int:
        return len(seat().history.done)

    @staticmethod
    def redoSize() -> int:
        return len(seat().history.undone)


@main_only
def undo() -> None:
    seat().history.undo()


@main_only
def redo() -> None:
    seat().history.redo()


class GlobalsEnvironment:
    """`nuke.env`; the dictionary behind it is this Nuke's."""

    def _now(self) -> dict[str, Any]:
        import os

        return {
            "gui": seat().gui, "interactive": seat().gui, "LINUX": os.name == "posix",
            "WIN32": os.name == "nt", "MACOS": False, "nc": False, "nukex": False,
            "studio": False, "hiero": False, "indie": False, "threads": 2,
            "NukeVersionMajor": 15, "NukeVersionMinor": 1, "NukeVersionRelease": 4,
            "NukeVersionString": "15.1v4", "ExecutablePath": "/usr/local/Nuke15.1v4/Nuke15.1",
            "PluginExt": "so", "numCPUs": 2, "64bit": True, "assist": False,
        }  # fmt: skip

    def __getitem__(self, index: str) -> Any:
        return self._now()[index]

    def __contains__(self, other: object) -> bool:
        return other in self._now()

    def __len__(self) -> int:
        return len(self._now())

    def get(self, name: str, default: Any | None = None) -> Any:
        return self._now().get(name, default)

    def keys(self) -> list[str]:
        return list(self._now())
