# SPDX-License-Identifier: Apache-2.0
"""The dialog in which an artist changes what a node is about and how its mattes are made.

What is left as the engine has it is not kept: a node says only what differs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import bpy

from . import group as groups
from .state import NodeState, keep_state, mask_of, plate_of, set_mask, set_plate, state_of
from .stmatte_host import EngineError

DEFAULTS: dict[str, Any] = {
    "model": "stmatte-s",
    "working_height": 480,
    "reach": 1,
    "edges": "guided",
    "focus": "off",
    "steady": False,
    "adapt": 0,
    "precision": "float32",
    "colorspace": "",
}
"""What the engine takes where a node says nothing."""

_EDGES = (
    ("guided", "Guided", "Mattes follow the plate's edges"),
    ("off", "Off", "Mattes are scaled to the plate's size, and no more"),
    ("matting", "Matting", "Alpha is estimated around edges, for hair and blur; slow"),
)
_PRECISIONS = (
    ("float32", "Float32", "32 bits: at home everywhere"),
    ("bfloat16", "BFloat16", "16 bits, for NVIDIA GPUs from Ampere on; a CPU gains little"),
    ("float16", "Float16", "16 bits, for older NVIDIA GPUs"),
)
_WORK = ("working_height", "reach", "edges", "focus", "steady", "adapt", "precision")
_FAR = 1_048_574  # as far as Blender counts frames


class STMATTE_OT_settings(bpy.types.Operator):
    """Change the plate, the mask, the range and how mattes are made"""

    bl_idname = "stmatte.settings"
    bl_label = "STMatte Settings"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012  Blender reads it

    group: bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"})  # type: ignore[valid-type]
    plate: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Plate", description="Movie clip or image that is the plate"
    )
    mask: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Mask", description="Mask whose layers are the objects"
    )
    out: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Folder", description="Where the mattes go; // is the .blend's folder"
    )
    scene_range: bpy.props.BoolProperty(  # type: ignore[valid-type]
        name="Scene's Range", description="Make mattes for the frames of the scene"
    )
    first: bpy.props.IntProperty(name="First", min=-_FAR, max=_FAR)  # type: ignore[valid-type]
    last: bpy.props.IntProperty(name="Last", min=-_FAR, max=_FAR)  # type: ignore[valid-type]
    model: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Model", description="A network that ships, or a weights file"
    )
    working_height: bpy.props.IntProperty(  # type: ignore[valid-type]
        name="Working Height",
        description="Picture height in pixels that the network sees: more is finer and slower",
        min=64,
        max=8192,
    )
    reach: bpy.props.IntProperty(  # type: ignore[valid-type]
        name="Reach",
        description="How many keys on either side a frame listens to; 0 is all of them",
        min=0,
        max=99,
    )
    edges: bpy.props.EnumProperty(name="Edges", items=_EDGES)  # type: ignore[valid-type]
    focus: bpy.props.BoolProperty(  # type: ignore[valid-type]
        name="Focus", description="Look at a small object through a window that follows it"
    )
    steady: bpy.props.BoolProperty(  # type: ignore[valid-type]
        name="Steady", description="Take back small trembling of edges along the plate's motion"
    )
    adapt: bpy.props.IntProperty(  # type: ignore[valid-type]
        name="Adapt",
        description="Steps that a copy of the network learns on the keys where each object is first"
        " keyed; 0 is off. A step takes as long as three or four frames. Try 80 when mattes lose"
        " an object and a further key is no choice",
        min=0,
        max=1000,
    )
    precision: bpy.props.EnumProperty(  # type: ignore[valid-type]
        name="Precision",
        description="Numbers that the network computes in. Changing it makes all mattes anew",
        items=_PRECISIONS,
    )
    colorspace: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Colour Space",
        description="The plate's, as the engine's OCIO config calls it; empty: as its files say",
    )
    before_render: bpy.props.BoolProperty(  # type: ignore[valid-type]
        name="Propagate Before Render", description="Bring mattes up to date before each render"
    )

    def invoke(self, context: bpy.types.Context, event: Any) -> set[str]:
        """Show the dialog, filled with what the node says."""
        del event
        group, state = _node(self.group)
        if group is None or state is None:
            self.report({"ERROR"}, "Choose a STMatte node first.")
            return {"CANCELLED"}
        plate, mask = plate_of(group), mask_of(group)
        said = {**DEFAULTS, **state.settings}
        self.plate, self.mask = (plate.name if plate else ""), (mask.name if mask else "")
        self.out, self.before_render = state.out, state.propagate_before_render
        self.scene_range = state.first is None
        self.first = context.scene.frame_start if state.first is None else state.first
        self.last = context.scene.frame_end if state.last is None else state.last
        self.model, self.working_height = said["model"], said["working_height"]
        self.reach = 0 if said["reach"] == "all" else said["reach"]
        self.edges, self.focus = said["edges"], said["focus"] == "auto"
        self.steady, self.adapt = said["steady"], said["adapt"]
        self.precision = said["precision"]
        self.colorspace = said["colorspace"]
        return context.window_manager.invoke_props_dialog(self, width=360)

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the dialog."""
        del context
        layout = self.layout
        layout.use_property_split = True
        is_image = self.plate in bpy.data.images and self.plate not in bpy.data.movieclips
        layout.prop_search(self, "plate", bpy.data, "images" if is_image else "movieclips")
        layout.prop_search(self, "mask", bpy.data, "masks")
        layout.prop(self, "out")
        layout.prop(self, "scene_range")
        row = layout.row(align=True)
        row.enabled = not self.scene_range
        row.prop(self, "first")
        row.prop(self, "last", text="")
        for name in _WORK:
            layout.prop(self, name)
        layout.prop(self, "model")
        layout.prop(self, "colorspace")
        layout.prop(self, "before_render")

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Keep what was chosen on the node."""
        del context
        group, state = _node(self.group)
        if group is None or state is None:
            self.report({"ERROR"}, "Choose a STMatte node first.")
            return {"CANCELLED"}
        try:
            keep_state(group, self._changed(state))
            set_plate(group, bpy.data.movieclips.get(self.plate) or bpy.data.images.get(self.plate))
            set_mask(group, bpy.data.masks.get(self.mask))
            groups.sync_objects(group)
        except EngineError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}

    def _changed(self, state: NodeState) -> NodeState:
        chosen = {
            "model": self.model or DEFAULTS["model"],
            "working_height": self.working_height,
            "reach": self.reach or "all",
            "edges": self.edges,
            "focus": "auto" if self.focus else "off",
            "steady": self.steady,
            "adapt": self.adapt,
            "precision": self.precision,
            "colorspace": self.colorspace,
        }
        others = {name: value for name, value in state.settings.items() if name not in DEFAULTS}
        differing = {name: value for name, value in chosen.items() if value != DEFAULTS[name]}
        first, last = sorted((self.first, self.last))
        return replace(
            state,
            out=self.out or state.out,
            settings={**others, **differing},
            first=None if self.scene_range else first,
            last=None if self.scene_range else last,
            propagate_before_render=self.before_render,
        )


def _node(name: str) -> tuple[Any, NodeState | None]:
    group = bpy.data.node_groups.get(name) if name else groups.active_group(bpy.context)
    return group, None if group is None else state_of(group)


def register() -> None:
    """Register the dialog."""
    bpy.utils.register_class(STMATTE_OT_settings)


def unregister() -> None:
    """Unregister it."""
    bpy.utils.unregister_class(STMATTE_OT_settings)
