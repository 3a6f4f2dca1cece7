# SPDX-License-Identifier: Apache-2.0
"""What an artist can press: propagate, cancel, refresh, marks, the next key.

Each asks the active node group's port and returns at once; without a window, or with `wait`, it
returns when that is over. What a person can mend is shown in the panel and reported, in the words
in which it was said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import bpy

from . import engine, held, plates, shots, shown
from . import group as groups
from .port import Port
from .state import NodeState, keep_state, plate_of
from .stmatte_host import EngineError, locks, marking, spans
from .telling import redraw

_FAR = 1048574  # Blender's own limit for frames


class _OnGroup:
    """An operator on a node group: the one that is named, else the active one."""

    group: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Node",
        description="Name of the node group; empty means the active one",
        options={"SKIP_SAVE"},
    )
    wait: bpy.props.BoolProperty(  # type: ignore[valid-type]
        name="Wait",
        description="Return when it is over, as without a window",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, _: bpy.types.Context) -> bool:
        return bool(groups.our_groups())

    def execute(self: Any, context: bpy.types.Context) -> set[str]:
        group = _group(context, self.group)
        if group is None:
            self.report({"ERROR"}, "Select an STMatte node in the compositor.")
            return {"CANCELLED"}
        told = shown.of(group.session_uid)
        try:
            port = engine.port_of(group)
            self.press(context.scene, port)
            if self.wait or bpy.app.background:
                told.error = ""
                engine.wait_for(port)
                if told.error:
                    raise EngineError("", sentence=told.error)
        except EngineError as error:
            told.error = str(error)
            told.running = engine.running(group)
            self.report({"ERROR"}, str(error))
            redraw()
            return {"CANCELLED"}
        return {"FINISHED"}

    def press(self, scene: bpy.types.Scene, port: Port) -> None:
        """Do it. Raises EngineError for what a person can mend."""


class STMATTE_OT_propagate(_OnGroup, bpy.types.Operator):
    """Make the mattes of all frames that are stale, those under the playhead first"""

    bl_idname = "stmatte.propagate"
    bl_label = "Propagate"

    range: bpy.props.EnumProperty(  # type: ignore[valid-type]
        name="Range",
        items=(
            ("ALL", "All", "All frames of the shot"),
            ("SPAN", "Span", "From the key before the playhead to the key after it"),
            ("RANGE", "Range", "The frames that are named here"),
        ),
        options={"SKIP_SAVE"},
    )
    first: bpy.props.IntProperty(name="First", min=-_FAR, max=_FAR, options={"SKIP_SAVE"})  # type: ignore[valid-type]
    last: bpy.props.IntProperty(name="Last", min=-_FAR, max=_FAR, options={"SKIP_SAVE"})  # type: ignore[valid-type]

    def press(self, scene: bpy.types.Scene, port: Port) -> None:
        port.propagate(scene, self.range, _range(self, scene))


class STMATTE_OT_cancel(_OnGroup, bpy.types.Operator):
    """Stop within a frame; frames that are done stay"""

    bl_idname = "stmatte.cancel"
    bl_label = "Cancel"

    def press(self, _: bpy.types.Scene, port: Port) -> None:
        port.cancel()


class STMATTE_OT_refresh(_OnGroup, bpy.types.Operator):
    """Show which frames would be computed, list the keys anew and load the mattes from disk"""

    bl_idname = "stmatte.refresh"
    bl_label = "Refresh"

    def press(self, scene: bpy.types.Scene, port: Port) -> None:
        port.look(scene)
        groups.refresh(port.here)


class STMATTE_OT_next_key(_OnGroup, bpy.types.Operator):
    """Go to the frame where a next key would help most"""

    bl_idname = "stmatte.next_key"
    bl_label = "Next Suggested Key"

    def press(self, scene: bpy.types.Scene, port: Port) -> None:
        port.suggest(scene, _goes_to(scene.name))


class STMATTE_OT_go_to(bpy.types.Operator):
    """Go to this frame"""

    bl_idname = "stmatte.go_to"
    bl_label = "Go to Frame"
    bl_options = {"INTERNAL"}  # noqa: RUF012  Blender reads it

    frame: bpy.props.IntProperty(min=-_FAR, max=_FAR)  # type: ignore[valid-type]

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.scene.frame_current = self.frame
        return {"FINISHED"}


class STMATTE_OT_mark(_OnGroup, bpy.types.Operator):
    """Say of frames that the object is absent, its mattes are approved, or a key is not heard"""

    bl_idname = "stmatte.mark"
    bl_label = "Mark"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012  Blender reads it

    kind: bpy.props.EnumProperty(  # type: ignore[valid-type]
        name="Mark",
        items=(
            ("absent", "Absent Here", "The object is not to be seen on these frames"),
            ("locked", "Lock", "The mattes on these frames are approved: they stay as they are"),
            ("ignored", "Ignore Key", "Keys on these frames are not heard"),
            ("clear", "Clear", "Take all marks on these frames away"),
        ),
    )
    object: bpy.props.StringProperty(name="Object", description="Empty means the only one")  # type: ignore[valid-type]
    first: bpy.props.IntProperty(name="First", min=-_FAR, max=_FAR, options={"SKIP_SAVE"})  # type: ignore[valid-type]
    last: bpy.props.IntProperty(name="Last", min=-_FAR, max=_FAR, options={"SKIP_SAVE"})  # type: ignore[valid-type]

    def press(self, scene: bpy.types.Scene, port: Port) -> None:
        group = port.here
        state = shots.said(group)
        name = _object_name(self.object, state)
        first = self.first if self.properties.is_property_set("first") else scene.frame_current
        last = self.last if self.properties.is_property_set("last") else first
        if last < first:
            raise EngineError(
                f"Frames {first}-{last} are no range", repair="Put the first frame before the last"
            )
        if self.kind == "locked":
            offset = plates.plate_from(plate_of(group), scene).offset
            approved = range(first + offset, last + offset + 1)
            folder = groups.folder_of(group)
            locks.keep_approved(folder, held.finished_in(folder, state.take), name, approved)
        marks = marking.marked(state.marks, name, self.kind, first, last)
        keep_state(group, replace(state, marks=marks))
        told = shown.of(group.session_uid)
        told.edited = True
        told.error = ""
        redraw()


class STMATTE_OT_say(bpy.types.Operator):
    """Write a sentence into the info log"""

    bl_idname = "stmatte.say"
    bl_label = "Say"
    bl_options = {"INTERNAL"}  # noqa: RUF012  Blender reads it

    sentence: bpy.props.StringProperty()  # type: ignore[valid-type]

    def execute(self, _: bpy.types.Context) -> set[str]:
        self.report({"ERROR"}, self.sentence)
        return {"CANCELLED"}

    def invoke(self, context: bpy.types.Context, _: bpy.types.Event) -> set[str]:
        return self.execute(context)


def _group(context: bpy.types.Context, name: str) -> bpy.types.NodeTree | None:
    if name:
        return next((each for each in groups.our_groups() if each.name == name), None)
    return groups.active_group(context)


def _range(operator: bpy.types.Operator, scene: bpy.types.Scene) -> spans.Range:
    """Return the frames that were named, else the preview range, else the playhead's frame."""
    asked = operator.properties
    if asked.is_property_set("first"):
        first = operator.first
        return first, operator.last if asked.is_property_set("last") else first
    if scene.use_preview_range:
        return scene.frame_preview_start, scene.frame_preview_end
    return scene.frame_start, scene.frame_end


def _goes_to(scene_name: str) -> Callable[[str, int], None]:
    def goes(_: str, frame: int) -> None:
        scene = bpy.data.scenes.get(scene_name)
        if scene is not None:
            scene.frame_current = frame

    return goes


def _object_name(said: str, state: NodeState) -> str:
    names = [each.name for each in state.objects]
    if said in names:
        return said
    if not said and len(names) == 1:
        return names[0]
    raise EngineError(
        f'STMatte "{state.take}" has no object "{said}"' if said else "Which object is meant?",
        allowed=f"its objects are {', '.join(names) or 'none'}",
    )


_CLASSES = (
    STMATTE_OT_propagate,
    STMATTE_OT_cancel,
    STMATTE_OT_refresh,
    STMATTE_OT_next_key,
    STMATTE_OT_go_to,
    STMATTE_OT_mark,
    STMATTE_OT_say,
)


def register() -> None:
    """Register the operators."""
    for each in _CLASSES:
        bpy.utils.register_class(each)


def unregister() -> None:
    """Unregister them."""
    for each in reversed(_CLASSES):
        bpy.utils.unregister_class(each)
