# SPDX-License-Identifier: Apache-2.0
"""The button that installs the engine into an environment of its own.

Nothing is installed without a press. In a window a timer looks how far it is, without one the
operator waits. Knows Blender; the installation itself is `installing`'s.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import bpy

from .finding import other_version, version
from .installing import Installation
from .ordering import Order, checked_source, fitting_python, lines_to_type
from .stmatte_host import EngineError

_LOOK = 0.3  # seconds between two looks

_installation: Installation | None = None
_outcome: tuple[str, bool] = ("", False)


def folder() -> Path:
    """Return the extension's own folder, in the artist's Blender settings."""
    return Path(bpy.utils.extension_path_user(__package__, create=False))


def running() -> Installation | None:
    """Return the installation that is under way, or None."""
    return None if _installation is None or _installation.over else _installation


def outcome() -> tuple[str, bool]:
    """Return how the last one ended, in a sentence, and whether it went wrong."""
    return _outcome


def order(source: str, torch_place: str, python: str = "") -> Order:
    """Return what would be installed.

    source  as in the preferences; "" takes the wheel that came with the extension
    python  the one to make the environment with; "" takes Blender's

    Raises EngineError if there is nothing to install.
    """
    brought = sorted((Path(__file__).parent / "wheel").glob("stmatte-*.whl"))
    named = source or str(brought[-1] if brought else "")
    path = checked_source(bpy.path.abspath(named) if named else "")
    place = bpy.path.abspath(torch_place) if torch_place.startswith("//") else torch_place
    return Order(folder(), path, python or sys.executable, place)


def end_engine() -> None:
    """End the engine that runs, if one does; the next use starts the one that is named then."""
    engine = sys.modules.get(f"{__package__}.engine")
    if engine is not None:
        engine.close()


class STMATTE_OT_install_engine(bpy.types.Operator):
    """Install STMatte's engine with pip, into an environment of its own beside Blender's"""

    bl_idname = "stmatte.install_engine"
    bl_label = "Install Engine"

    source: bpy.props.StringProperty(
        name="Install from",
        description="STMatte's folder or wheel; empty takes what the preferences say",
        options={"SKIP_SAVE"},
    )
    torch_place: bpy.props.StringProperty(
        name="PyTorch from",
        description="Address or folder; empty takes what the preferences say",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, _: bpy.types.Context) -> bool:
        """One at a time."""
        return running() is None

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Begin it; without a window, wait for its end."""
        global _installation
        said = context.preferences.addons[__package__].preferences
        try:
            _check_online()
            asked = order(self.source or said.source, self.torch_place or said.torch_place)
            python = fitting_python(asked.python, os.environ)
            _installation = Installation(
                Order(asked.folder, asked.source, python, asked.torch_place), os.environ
            )
        except EngineError as error:
            _end(str(error), wrong=True)
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        _end("", wrong=False)
        if not bpy.app.background:
            bpy.app.timers.register(_look, first_interval=_LOOK, persistent=True)
            return {"FINISHED"}
        while _look() is not None:
            time.sleep(_LOOK)
        sentence, wrong = outcome()
        self.report({"ERROR"} if wrong else {"INFO"}, sentence)
        return {"CANCELLED"} if wrong else {"FINISHED"}


class STMATTE_OT_cancel_install(bpy.types.Operator):
    """Stop installing the engine, and remove what is half made"""

    bl_idname = "stmatte.cancel_install"
    bl_label = "Cancel Installation"

    @classmethod
    def poll(cls, _: bpy.types.Context) -> bool:
        """Where there is one."""
        return running() is not None

    def execute(self, _: bpy.types.Context) -> set[str]:
        """Stop it."""
        under_way = running()
        if under_way is not None:
            under_way.cancel()
            _look()
        return {"FINISHED"}


class STMATTE_OT_copy_install_lines(bpy.types.Operator):
    """Copy the lines that install the engine, for a terminal"""

    bl_idname = "stmatte.copy_install_lines"
    bl_label = "Copy These Lines"

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Copy them."""
        said = context.preferences.addons[__package__].preferences
        try:
            lines = lines_to_type(order(said.source, said.torch_place))
        except EngineError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        context.window_manager.clipboard = "\n".join(lines) + "\n"
        return {"FINISHED"}


def _check_online() -> None:
    """Keep to Blender's own switch: an extension that goes online asks it first."""
    if not bpy.app.online_access:
        raise EngineError(
            "Blender is not allowed to go online, and pip needs that",
            repair="Switch on Allow Online Access in Blender's preferences (System), or type the "
            "lines that STMatte's preferences show",
        )


def _look() -> float | None:
    """See how far it is; None when it is over, which also ends Blender's timer."""
    if _installation is None:
        return None
    over = _installation.poll()
    if over and _installation.error is not None:
        _end(str(_installation.error), wrong=True)
    elif over:
        end_engine()
        _installation.tidy()
        other = other_version(_installation.version, version())
        _end(f"{_installation.line}. {other}".strip(), wrong=bool(other))
    _redraw()
    return None if over else _LOOK


def _end(sentence: str, *, wrong: bool) -> None:
    global _outcome
    _outcome = (sentence, wrong)


def _redraw() -> None:
    for window in () if bpy.app.background else bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "PREFERENCES":
                area.tag_redraw()


_CLASSES = (STMATTE_OT_install_engine, STMATTE_OT_cancel_install, STMATTE_OT_copy_install_lines)


def register() -> None:
    """Make the buttons known to Blender."""
    for each in _CLASSES:
        bpy.utils.register_class(each)


def unregister() -> None:
    """Take them back; an installation under way is stopped, for nobody would look after it."""
    under_way = running()
    if under_way is not None:
        under_way.cancel()
    if bpy.app.timers.is_registered(_look):
        bpy.app.timers.unregister(_look)
    for each in reversed(_CLASSES):
        bpy.utils.unregister_class(each)
