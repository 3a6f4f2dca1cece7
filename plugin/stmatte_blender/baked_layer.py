# SPDX-License-Identifier: Apache-2.0
"""A new mask layer with splines and shape keys, inserted with or without a window.

Knows an outline in a mask's coordinates and the mask that it goes into. Blender inserts shape
keys by an operator of its editors alone; here one is borrowed, and a scene for its frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import bpy

from .mask_outline import Baked
from .stmatte_host import EngineError


def add_layer(mask: bpy.types.Mask, baked: Baked) -> bpy.types.MaskLayer:
    """Add a layer with these splines and shape keys to a mask; its other layers stay as they are.

    Raises EngineError if Blender does not take the keys.
    """
    layer = mask.layers.new(name=f"{baked.object} baked")
    layer.use_fill_holes = True
    layer.use_fill_overlap = False
    splines = [_spline(layer, len(spline.poses[0])) for spline in baked.splines]
    mask.layers.active = layer
    hidden = [(other, other.hide) for other in mask.layers if other != layer]
    try:
        for other, _ in hidden:
            other.hide = True  # what is hidden gets no key
        with _where_keys_are_inserted(mask) as (mask_at, insert):
            for index, frame in enumerate(baked.keys):
                mask_at(frame)
                for spline, shape in zip(splines, baked.splines, strict=True):
                    _pose(spline, shape.poses[index])
                insert()
    finally:
        for other, was in hidden:
            other.hide = was
    return layer


def _spline(layer: bpy.types.MaskLayer, points: int) -> Any:
    spline = layer.splines.new()  # it has one point already
    spline.points.add(points - 1)
    spline.use_cyclic = True
    for point in spline.points:
        point.handle_left_type = point.handle_right_type = "FREE"
        point.select = True  # a layer without a selected point gets no key
    return spline


def _pose(spline: Any, pose: Sequence[Sequence[float]]) -> None:
    for point, there in zip(spline.points, pose, strict=True):
        point.co, point.handle_left, point.handle_right = there[0:2], there[2:4], there[4:6]


@contextmanager
def _where_keys_are_inserted(
    mask: bpy.types.Mask,
) -> Iterator[tuple[Callable[[int], None], Callable[[], None]]]:
    """Lend what goes to a frame, which comes first, and what inserts a shape key there.

    The frame is that of a scene which is there for this alone; window and editor are the artist's
    again afterwards.
    """
    window = bpy.context.window or bpy.context.window_manager.windows[0]
    area = min(window.screen.areas, key=lambda each: each.width * each.height)
    was = area.ui_type
    artists = window.scene, window.view_layer
    drawn = [one for other in bpy.data.masks if other != mask for one in _drawn(other)]
    scene = bpy.data.scenes.new("STMatte baking")
    shown = None
    try:
        window.scene = scene  # Blender poses the mask as on the frame of the window's scene
        area.type = "CONSOLE"  # without this, the operator crashes after a file was opened
        area.type = "IMAGE_EDITOR"
        space = area.spaces.active
        shown = space.mode, space.mask
        space.mode = "MASK"
        space.mask = mask
        region = next(each for each in area.regions if each.type == "WINDOW")

        def mask_at(frame: int) -> None:
            scene.frame_set(frame)

        def insert() -> None:
            with bpy.context.temp_override(window=window, area=area, region=region):
                took = bpy.ops.mask.shape_key_insert()
            if took != {"FINISHED"}:
                raise EngineError(
                    f"Blender takes no shape key at frame {scene.frame_current}",
                    repair="Show the Image Editor in a window, and bake again",
                )

        yield mask_at, insert
    finally:
        if shown is not None:
            area.spaces.active.mask = shown[1]
            area.spaces.active.mode = shown[0]
        area.ui_type = was
        window.scene, window.view_layer = artists
        bpy.data.scenes.remove(scene)
        for point, co, left, right in drawn:
            if tuple(point.co) != co or tuple(point.handle_left) != left:
                point.co, point.handle_left, point.handle_right = co, left, right


def _drawn(mask: bpy.types.Mask) -> list[tuple[Any, ...]]:
    """Return points as they are: what is drawn and not keyed is lost when scenes change."""
    return [
        (point, *(tuple(place) for place in (point.co, point.handle_left, point.handle_right)))
        for layer in mask.layers
        for spline in layer.splines
        for point in spline.points
    ]
