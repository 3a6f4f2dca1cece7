# SPDX-License-Identifier: Apache-2.0
"""The extension's preferences: which engine, how much room, which device, and the install button.

Knows how they look and what they say. What they mean is `finding`'s, and installing is
`install`'s.
"""

from __future__ import annotations

import os
import textwrap

import bpy

from . import install
from .finding import Chosen, Wishes, chosen
from .ordering import lines_to_type
from .stmatte_host import EngineError

_WIDTH = 90  # letters of a line of text, roughly, in the preferences' window
_DEVICES = (
    ("AUTO", "Automatic", "An NVIDIA GPU if there is one, else the CPU"),
    ("CPU", "CPU", "Keep off the GPU, for example while it renders"),
)


def _changed(_: object, __: bpy.types.Context) -> None:
    """Have the engine that runs ended: the next one is started as the preferences now say."""
    install.end_engine()


class STMATTE_Preferences(bpy.types.AddonPreferences):
    """What an artist or a studio sets once."""

    bl_idname = __package__

    engine: bpy.props.StringProperty(
        name="Engine",
        description="Program of the engine, or a JSON list of words. Empty: STMATTE_ENGINE, then "
        "what Install Engine made, then stmatte on the path",
        subtype="FILE_PATH",
        update=_changed,
    )
    store: bpy.props.IntProperty(
        name="Store (GB)",
        description="Room for computed frames, so that what was right is not computed again. "
        "0: the engine decides, 20 GB or a fifth of what is free",
        min=0,
        soft_max=2000,
        default=0,
        update=_changed,
    )
    device: bpy.props.EnumProperty(
        name="Device", description="Where to compute", items=_DEVICES, update=_changed
    )
    source: bpy.props.StringProperty(
        name="Install from",
        description="STMatte's folder, with pyproject.toml in it, or its wheel. Empty: the wheel "
        "that came with this extension, if one did",
        subtype="FILE_PATH",
    )
    torch_place: bpy.props.StringProperty(
        name="PyTorch from",
        description="Empty: pip's usual place, which has PyTorch for NVIDIA GPUs on Linux "
        "(several GB) and for the CPU on Windows. For another one, the address that PyTorch's "
        "install page shows, or a folder of wheels",
    )

    def draw(self, _: bpy.types.Context) -> None:
        """Draw them."""
        column = self.layout.column()
        column.prop(self, "engine")
        row = column.row()
        row.prop(self, "store")
        row.prop(self, "device")
        try:
            found = engine_chosen()
            paragraph(column, f"Engine: {' '.join(found.words)} (by {found.why})", "CHECKMARK")
        except EngineError as error:
            paragraph(column, str(error), "ERROR")
        self._draw_installing(self.layout.box().column())

    def _draw_installing(self, column: bpy.types.UILayout) -> None:
        column.prop(self, "source")
        column.prop(self, "torch_place")
        running = install.running()
        if running is not None:
            if hasattr(column, "progress"):
                column.progress(factor=running.share, text=f"{100 * running.share:.0f} %")
            paragraph(column, running.line, "NONE")
            column.operator("stmatte.cancel_install", icon="CANCEL")
            return
        column.operator("stmatte.install_engine", icon="IMPORT")
        sentence, wrong = install.outcome()
        if sentence:
            paragraph(column, sentence, "ERROR" if wrong else "CHECKMARK")
        try:
            lines = lines_to_type(install.order(self.source, self.torch_place))
        except EngineError:
            return  # nothing to install is named, and the button says so
        column.label(text="Or in a terminal, then name the program above:")
        for line in lines:
            paragraph(column, line, "NONE")
        column.operator("stmatte.copy_install_lines", icon="COPYDOWN")


def paragraph(layout: bpy.types.UILayout, sentence: str, icon: str) -> None:
    """Draw a sentence over as many lines as it needs; Blender wraps none."""
    for line in textwrap.wrap(sentence, _WIDTH, break_on_hyphens=False):
        layout.label(text=line, icon=icon)
        icon = "BLANK1"


def preferences() -> STMATTE_Preferences | None:
    """Return the preferences, or None where the extension is not enabled as one."""
    addon = bpy.context.preferences.addons.get(__package__)
    return None if addon is None else addon.preferences


def engine_chosen() -> Chosen:
    """Return the engine to start, with the environment to start it in.

    Raises EngineError if there is none, saying what to do.
    """
    said = preferences()
    if said is None:
        return chosen(Wishes(), os.environ)
    engine = said.engine
    if engine.startswith("//"):
        engine = bpy.path.abspath(engine)
    return chosen(Wishes(engine, said.store, said.device), os.environ, install.folder())


def register() -> None:
    """Make the preferences known to Blender."""
    bpy.utils.register_class(STMATTE_Preferences)


def unregister() -> None:
    """Take them back; what is set stays in Blender's own."""
    bpy.utils.unregister_class(STMATTE_Preferences)
