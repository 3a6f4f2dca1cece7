# SPDX-License-Identifier: Apache-2.0
"""*Bake to mask*: splines that follow a matte, as a new layer of a mask.

The engine finds the splines; here they become points and shape keys. The artist's masks are not
touched: the layer goes into a mask of its own, "<mask> baked", which is no part of the node. The
playhead does not move, so that what is drawn and not keyed elsewhere stays.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import bpy

from . import engine, plates, shots
from . import group as groups
from .baked_layer import add_layer
from .mask_outline import Baked, baked
from .state import NodeState, mask_of, plate_of
from .stmatte_host import EngineError, frames_text
from .stmatte_host.outline import read_outline
from .telling import redraw

INSET = 0.55
"""Pixels by which a mask is drawn wider than its spline, at 0.5; see the tests."""

_jobs: dict[str, str] = {}  # job -> what is shown of it


def bake(
    group: bpy.types.NodeTree,
    scene: bpy.types.Scene,
    name: str,
    tolerance: float,
    done: Callable[[EngineError | None, str], None],
) -> str:
    """Have splines fitted to an object's mattes and put into a new layer; return the job's name.

    name       the object's, as the engine has it
    tolerance  pixels that splines may be off
    done       called with None and what was made, or with what went wrong, or, if it was
               cancelled, with None and ""

    Raises EngineError for what a person can mend.
    """
    state = shots.said(group)
    plate = plates.plate_from(plate_of(group), scene)
    frames = shots.frames_there(group, plate, *shots.frame_range(state, plate, scene))
    if not frames:
        raise EngineError(
            f'"{name}" has no mattes yet', repair="Press Propagate first, then Bake to Mask"
        )
    mask = mask_of(group)
    into = f"{mask.name if mask else state.take} baked"
    uid = group.session_uid
    folder = tempfile.TemporaryDirectory(prefix="stmatte_")
    path = Path(folder.name) / "outline.json"

    def told(event: Any) -> None:
        outcome = getattr(event, "outcome", None)
        if outcome is None:
            if hasattr(event, "frames"):
                _jobs[event.job] = f"Reading mattes: {event.done} of {event.frames}"
            redraw()
            return
        _jobs.pop(event.job, None)
        try:
            if event.error is not None:
                raise event.error
            if outcome == "done" and groups.group_of(uid) is not None:  # else another file is open
                done(None, _put(into, baked(read_outline(path), plate.offset), tolerance))
            else:
                done(None, "")
        except EngineError as error:
            done(error, "")
        finally:
            folder.cleanup()
            redraw()

    job = engine.session().start_outline(
        groups.out_pattern(group),
        name,
        str(path),
        told,
        frames=frames_text(frame + plate.offset for frame in frames),
        tolerance=tolerance,
        inset=INSET,
    )
    _jobs[job] = "Baking"
    return job


def cancel() -> None:
    """Stop all bakings that are under way; no layer comes of them."""
    for job in _jobs:
        engine.session().cancel_job(job)


def progress() -> tuple[str, ...]:
    """Return a line for each baking that is under way."""
    return tuple(_jobs.values())


def _put(into: str, baked: Baked, tolerance: float) -> str:
    """Put a baked layer into the mask of that name, made if need be; return what was done."""
    mask = bpy.data.masks.get(into) or bpy.data.masks.new(into)
    mask.frame_start = min(baked.first, mask.frame_start) if len(mask.layers) else baked.first
    mask.frame_end = max(baked.last, mask.frame_end) if len(mask.layers) else baked.last
    layer = add_layer(mask, baked)
    if not bpy.app.background:
        bpy.ops.ed.undo_push(message="Bake to Mask")
    return (
        f'Layer "{layer.name}" of mask "{mask.name}": {_some(len(baked.splines), "spline")}, '
        f"{_some(baked.points, 'point')}, {_some(len(baked.keys), 'key')}, "
        f"within {tolerance:g} px"
    )


class STMATTE_OT_bake_mask(bpy.types.Operator):
    """Fit splines that can be edited to an object's mattes, as a layer of a new mask"""

    bl_idname = "stmatte.bake_mask"
    bl_label = "Bake to Mask"

    group: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Node", description="Name of the node group; empty means the active one"
    )
    object: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Object", description="Whose mattes; empty means the only or first one"
    )
    tolerance: bpy.props.FloatProperty(  # type: ignore[valid-type]
        name="Tolerance",
        description="How far splines may be from the matte's edge, in pixels",
        default=1.0,
        min=0.25,
        max=50.0,
    )
    wait: bpy.props.BoolProperty(  # type: ignore[valid-type]
        name="Wait", description="Return when it is over, as without a window"
    )

    @classmethod
    def poll(cls, _: bpy.types.Context) -> bool:
        return bool(groups.our_groups())

    def execute(self, context: bpy.types.Context) -> set[str]:
        ended: list[tuple[EngineError | None, str]] = []
        waits = self.wait or bpy.app.background
        try:
            group = _group(context, self.group)
            name = _object(shots.said(group), self.object)
            tell = (lambda error, words: ended.append((error, words))) if waits else _show
            job = bake(group, context.scene, name, self.tolerance, tell)
            while waits and not ended:
                engine.session().pump(0.1)
        except KeyboardInterrupt:
            engine.session().cancel_job(job)
            raise
        except EngineError as error:
            ended.append((error, ""))
        for trouble, words in ended:
            if trouble is not None:
                self.report({"ERROR"}, str(trouble))
                return {"CANCELLED"}
            self.report({"INFO"}, words)
        return {"FINISHED"}


def _group(context: bpy.types.Context, name: str) -> bpy.types.NodeTree:
    named = [each for each in groups.our_groups() if each.name == name]
    group = named[0] if named else groups.active_group(context)
    if group is None or (name and not named):
        raise EngineError("No STMatte node is chosen", repair="Select one in the compositor")
    return group


def _object(state: NodeState, name: str) -> str:
    """Return the object's name, by its own or its layer's."""
    for each in state.objects:
        if not name or name in (each.name, each.layer):
            return each.name
    raise EngineError(
        f'The node has no object "{name}"' if name else "The node has no objects",
        allowed=f"its objects are {', '.join(each.name for each in state.objects)}" if name else "",
        repair="Choose one of them" if name else "Draw a mask, key it and press Propagate first",
    )


def _show(error: EngineError | None, words: str) -> None:
    """Show how a baking that nobody waited for came out, in the info log and a popup."""
    sentence = str(error) if error is not None else words
    if not sentence:
        return

    def draw(popup: Any, _: bpy.types.Context, text: str) -> None:
        popup.layout.label(text=text)

    icon = "INFO" if error is None else "ERROR"
    bpy.context.window_manager.popup_menu(
        partial(draw, text=sentence), title="Bake to Mask", icon=icon
    )


def _some(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


class STMATTE_OT_cancel_baking(bpy.types.Operator):
    """Stop fitting splines; no layer comes of it"""

    bl_idname = "stmatte.cancel_baking"
    bl_label = "Cancel Baking"
    bl_options = {"INTERNAL"}  # noqa: RUF012  Blender reads it

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Stop it."""
        del context
        cancel()
        return {"FINISHED"}


_CLASSES = (STMATTE_OT_bake_mask, STMATTE_OT_cancel_baking)


def register() -> None:
    """Register the operators."""
    for each in _CLASSES:
        bpy.utils.register_class(each)


def unregister() -> None:
    """Unregister them."""
    _jobs.clear()
    for each in reversed(_CLASSES):
        bpy.utils.unregister_class(each)
