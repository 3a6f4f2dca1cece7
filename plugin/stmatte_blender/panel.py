# SPDX-License-Identifier: Apache-2.0
"""The panels: in the compositor's sidebar and, the same, in the Image and the Clip editor.

They draw what lies in `shown` and in the node's state, and never compute: a panel is drawn many
times a second.
"""

from __future__ import annotations

import textwrap
from typing import Any

import bpy

from . import baking, shown
from . import group as groups
from .shown import Shown
from .state import NodeState, mask_of, plate_of, state_of

_ICONS = {
    "new": "KEYFRAME",
    "sent": "KEYTYPE_BREAKDOWN_VEC",
    "fresh": "KEYFRAME_HLT",
    "ignored": "HIDE_ON",
    "locked": "LOCKED",
    "absent": "GHOST_DISABLED",
}
_STATES = {
    "new": "not sent yet",
    "sent": "sent, stale",
    "fresh": "fresh",
    "ignored": "ignored",
    "locked": "locked",
    "absent": "absent",
}
_MOST_KEYS = 12
"""Key rows of one object that are drawn; the others are counted."""


class _Panel:
    bl_label = "STMatte"
    bl_region_type = "UI"
    bl_category = "STMatte"

    def draw(self: Any, context: bpy.types.Context) -> None:
        layout = self.layout
        group = groups.active_group(context)
        state = None if group is None else state_of(group)
        if group is None or state is None:
            _say(layout, context, "Add > STMatte in the compositor, with a clip or an image.")
            return
        told = shown.of(group.session_uid)
        _places(layout, group, state)
        _press(layout, context, group, told)
        _trouble(layout, context, told)
        _forecast(layout, context, told)
        _baking(layout, context)
        _objects(layout, context, group, state, told)


class STMATTE_PT_compositor(_Panel, bpy.types.Panel):
    bl_idname = "STMATTE_PT_compositor"
    bl_space_type = "NODE_EDITOR"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return getattr(context.space_data, "tree_type", "") == "CompositorNodeTree"


class STMATTE_PT_image(_Panel, bpy.types.Panel):
    bl_idname = "STMATTE_PT_image"
    bl_space_type = "IMAGE_EDITOR"

    @classmethod
    def poll(cls, _: bpy.types.Context) -> bool:
        return bool(groups.our_groups())


class STMATTE_PT_clip(_Panel, bpy.types.Panel):
    bl_idname = "STMATTE_PT_clip"
    bl_space_type = "CLIP_EDITOR"

    @classmethod
    def poll(cls, _: bpy.types.Context) -> bool:
        return bool(groups.our_groups())


def _places(layout: bpy.types.UILayout, group: bpy.types.NodeTree, state: NodeState) -> None:
    """Draw what the node is about: take, plate, mask, folder."""
    plate, mask = plate_of(group), mask_of(group)
    column = layout.column(align=True)
    column.label(text=state.take, icon="NODE_COMPOSITING")
    column.label(text=plate.name if plate else "No plate", icon="SEQUENCE" if plate else "ERROR")
    column.label(text=mask.name if mask else "No mask", icon="MOD_MASK" if mask else "ERROR")
    column.label(text=state.out, icon="FILE_FOLDER")
    layout.operator("stmatte.settings", text="Settings", icon="PREFERENCES").group = group.name


def _press(
    layout: bpy.types.UILayout, context: bpy.types.Context, group: bpy.types.NodeTree, told: Shown
) -> None:
    """Draw the buttons, and progress while something is under way."""
    if told.running:
        column = layout.column(align=True)
        column.progress(factor=told.share, text=f"{told.share:.0%}")
        _say(column, context, told.line)
        column.operator("stmatte.cancel", icon="CANCEL").group = group.name
        return
    column = layout.column(align=True)
    column.scale_y = 1.3
    _propagate(column, group, "ALL", "Propagate", "PLAY")
    row = layout.row(align=True)
    _propagate(row, group, "SPAN", "Span at Playhead", "PREVIEW_RANGE")
    _propagate(row, group, "RANGE", "Range", "ACTION_TWEAK")
    row = layout.row(align=True)
    row.operator("stmatte.refresh", icon="FILE_REFRESH").group = group.name
    row.operator("stmatte.next_key", text="Next Key", icon="LIGHT").group = group.name
    if told.line:
        _say(layout, context, told.line)


def _propagate(
    layout: bpy.types.UILayout, group: bpy.types.NodeTree, which: str, text: str, icon: str
) -> None:
    button = layout.operator("stmatte.propagate", text=text, icon=icon)
    button.group = group.name
    button.range = which


def _trouble(layout: bpy.types.UILayout, context: bpy.types.Context, told: Shown) -> None:
    """Draw what went wrong, what is missing, what an artist should know."""
    if told.error:
        box = layout.box()
        box.alert = True
        _say(box, context, told.error, "ERROR")
    if shown.about_engine:
        _say(layout.box(), context, shown.about_engine, "ERROR")
    if told.lacking:
        _say(layout.box(), context, told.lacking, "ERROR")
    for note in told.notes[-4:]:
        _say(layout, context, note, "INFO")
    if told.edited:
        _say(layout, context, "Something was edited: press Refresh or Propagate.", "INFO")


def _forecast(layout: bpy.types.UILayout, context: bpy.types.Context, told: Shown) -> None:
    """Draw which frames would be computed, before they are."""
    if told.touched:
        column = layout.column(align=True)
        column.label(text="To be computed:", icon="TIME")
        for line in told.touched:
            _say(column, context, line)
    if told.forecast and not told.running:
        _say(layout, context, told.forecast)
    if told.advice:
        _say(layout, context, told.advice, "LIGHT")


def _baking(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw how far bakings are that are under way, and how to stop them."""
    lines = baking.progress()
    for line in lines:
        _say(layout, context, line, "CURVE_BEZCURVE")
    if lines:
        layout.operator("stmatte.cancel_baking", icon="CANCEL")


def _objects(
    layout: bpy.types.UILayout,
    context: bpy.types.Context,
    group: bpy.types.NodeTree,
    state: NodeState,
    told: Shown,
) -> None:
    """Draw each object: its strip, its keys, its marks."""
    for each in state.objects:
        box = layout.box()
        row = box.row(align=True)
        row.label(text=each.name, icon="MOD_MASK" if each.on else "HIDE_ON")
        for kind, icon in (
            ("absent", "GHOST_DISABLED"),
            ("locked", "LOCKED"),
            ("ignored", "HIDE_ON"),
            ("clear", "X"),
        ):
            button = row.operator("stmatte.mark", text="", icon=icon)
            button.group, button.object, button.kind = group.name, each.name, kind
        for mark, frames in told.strip.get(each.name, ()):
            _say(box, context, f"{mark}: {frames}")
        rows = [key for key in told.keys if key.object == each.name]
        column = box.column(align=True)
        for key in rows[:_MOST_KEYS]:
            line = column.row(align=True)
            button = line.operator("stmatte.go_to", text=str(key.frame), icon=_ICONS[key.state])
            button.frame = key.frame
            line.label(text=_STATES[key.state])
        if len(rows) > _MOST_KEYS:
            column.label(text=f"and {len(rows) - _MOST_KEYS} more keys")
        bake = box.operator("stmatte.bake_mask", icon="CURVE_BEZCURVE")
        bake.group, bake.object = group.name, each.name


def _say(
    layout: bpy.types.UILayout, context: bpy.types.Context, sentence: str, icon: str = "NONE"
) -> None:
    """Draw a sentence over as many lines as the panel's width asks for."""
    scale = context.preferences.system.ui_scale or 1.0
    width = max(20, int(context.region.width / (7 * scale))) if context.region else 40
    column = layout.column(align=True)
    column.scale_y = 0.8
    for paragraph in sentence.splitlines():
        for line in textwrap.wrap(paragraph, width) or [""]:
            column.label(text=line, icon=icon)
            icon = "BLANK1" if icon != "NONE" else "NONE"


_CLASSES = (STMATTE_PT_compositor, STMATTE_PT_image, STMATTE_PT_clip)


def register() -> None:
    """Register the panels."""
    for each in _CLASSES:
        bpy.utils.register_class(each)


def unregister() -> None:
    """Unregister them."""
    for each in reversed(_CLASSES):
        bpy.utils.unregister_class(each)
