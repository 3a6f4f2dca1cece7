# SPDX-License-Identifier: Apache-2.0
"""Masks with several layers, keyed singly, and all that an artist would notice if it changed."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy
import comps
import inside
import numpy as np

SQUARE = ((0.3, 0.4), (0.3, 0.6), (0.5, 0.6), (0.5, 0.4))  # clockwise
INSIDE = ((0.36, 0.46), (0.36, 0.54), (0.44, 0.54), (0.44, 0.46))


def folder(name: str) -> Path:
    """Return a new folder, which goes with the test's own."""
    return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=Path(os.environ["STMATTE_TOLD"]).parent))


def draw(layer: Any, corners: Any = SQUARE, weight: float = 0.0) -> Any:
    """Return a new closed outline with corners, in a mask's own measure."""
    spline = layer.splines.new()
    spline.points.add(len(corners) - 1)
    spline.use_cyclic = True
    for point in spline.points:
        point.weight = weight
    pose(spline, corners)
    return spline


def pose(spline: Any, corners: Any, across: float = 0.0, bend: float = 0.03) -> None:
    """Move an outline's points."""
    for point, (x, y) in zip(spline.points, corners, strict=True):
        point.handle_type = "FREE"
        point.co = (x + across, y)
        point.handle_left = (x + across - bend, y)
        point.handle_right = (x + across, y + bend)


def key(mask: Any, frame: int, across: float, *layers: str) -> None:
    """Insert a shape key on some layers only, all outlines of each moved across."""
    bpy.context.scene.frame_set(frame)
    for layer in mask.layers:
        for number, spline in enumerate(layer.splines):
            if layer.name in layers:
                pose(spline, (SQUARE, INSIDE)[number], across)
            for point in spline.points:
                point.select = layer.name in layers
    with editing(mask):
        assert bpy.ops.mask.shape_key_insert() == {"FINISHED"}


@contextmanager
def editing(mask: Any, clip: Any = None) -> Iterator[None]:
    """Be in an editor of masks: on pictures, or on a clip."""
    window = bpy.context.window_manager.windows[0]
    area = window.screen.areas[0]
    was = area.type
    area.type = "CONSOLE"  # without this, operators crash after a file was opened
    area.type = "IMAGE_EDITOR" if clip is None else "CLIP_EDITOR"
    space = area.spaces.active
    if clip is not None:
        space.clip = clip
    space.mode, space.mask = "MASK", mask
    region = next(each for each in area.regions if each.type == "WINDOW")
    override = {"window": window, "screen": window.screen, "area": area, "region": region}
    with bpy.context.temp_override(**override):
        yield
    area.type = was


def jumped(mask: Any, layer: Any) -> tuple[int, ...]:
    """Return the frames that Blender's own jump from key to key stops at, from 0 on."""
    mask.layers.active = layer
    scene = bpy.data.scenes.new("jumping")
    scene.frame_current = 100000
    found = []
    with bpy.context.temp_override(scene=scene, edit_mask=mask, active_object=None):
        while bpy.ops.screen.keyframe_jump(next=False) == {"FINISHED"}:
            found.append(scene.frame_current)
    bpy.data.scenes.remove(scene)
    return tuple(sorted(found))


def show_mask(scene: Any, mask: Any, size: tuple[int, int], blur: float = 0.0) -> None:
    """Put the artist's own Mask node at the end of the scene's comp."""
    tree = comps.empty_comp(scene)
    scene.render.resolution_x, scene.render.resolution_y = size
    node = tree.nodes.new("CompositorNodeMask")
    node.mask = mask
    if blur and bpy.app.version < (4, 5, 0):
        node.use_motion_blur, node.motion_blur_samples, node.motion_blur_shutter = True, 16, blur
    elif blur:
        node.inputs["Motion Blur"].default_value = True
        node.inputs["Samples"].default_value, node.inputs["Shutter"].default_value = 16, blur
    kind = "NodeGroupOutput" if comps.FIVE else "CompositorNodeComposite"
    end = next(each for each in tree.nodes if each.bl_idname == kind)
    tree.links.new(node.outputs[0], end.inputs[0])


def rendered(scene: Any, mask: Any, layer: str, frame: int) -> Any:
    """Return what the artist's Mask node gives on a frame, the other layers hidden; (H, W).

    The frame, the points and what is hidden are put back.
    """
    was, hidden = scene.frame_current, [each.hide_render for each in mask.layers]
    curves = inside.part("versions").curves(mask.animation_data)
    showing = [each for each in curves if each.data_path.endswith(".hide_render")]
    for each in showing:
        each.mute = True
    for each in mask.layers:
        each.hide_render = each.hide_render or each.name != layer
    scene.frame_set(frame)
    bpy.ops.render.render(scene=scene.name)
    for each, hide in zip(mask.layers, hidden, strict=True):
        each.hide_render = hide
    for each in showing:
        each.mute = False
    values = result(scene)
    scene.frame_set(was)
    return values


def result(scene: Any) -> Any:
    """Return the scene's Render Result; (H, W)."""
    settings = scene.render.image_settings
    if comps.FIVE:
        settings.media_type = "IMAGE"
    settings.file_format = "OPEN_EXR"
    settings.color_mode, settings.color_depth = "BW", "32"
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "result.exr")
        bpy.data.images["Render Result"].save_render(path, scene=scene)
        return pixels(path)


def pixels(path: Any) -> Any:
    """Return the first channel of a picture as Blender reads it; (H, W)."""
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    values = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(values)
    width, height = image.size
    bpy.data.images.remove(image)
    return values.reshape(height, width, -1)[..., 0].copy()


def noticed() -> dict[str, Any]:
    """Return all that an artist would notice if it changed."""
    scenes, masks = bpy.data.scenes, bpy.data.masks
    points = [
        (mask.name, layer.name, *point.co, *point.handle_left, point.weight, point.select)
        for mask in masks
        for layer in mask.layers
        for spline in layer.splines
        for point in spline.points
    ]
    handlers = {
        name: len(each)
        for name in dir(bpy.app.handlers)
        if isinstance(each := getattr(bpy.app.handlers, name), list)
    }
    collections = [p.identifier for p in bpy.data.bl_rna.properties if p.type == "COLLECTION"]
    blocks = {
        name: sorted((each.name_full, each.users) for each in getattr(bpy.data, name))
        for name in collections
    }
    return {
        "frames": [(each.name, each.frame_current, each.frame_subframe) for each in scenes],
        "ranges": [(each.frame_start, each.frame_end, each.frame_step) for each in scenes],
        "settings": [_plain(each.render) for each in scenes],
        "files": [_plain(each.render.image_settings) for each in scenes],
        "points": hashlib.sha256(repr(points).encode()).hexdigest(),
        "active": [(mask.name, mask.active_layer_index) for mask in masks],
        "layers": [_plain(layer) for mask in masks for layer in mask.layers],
        "window": bpy.context.window_manager.windows[0].scene.name,
        "context": bpy.context.scene.name,
        "handlers": handlers,
        "blocks": blocks,
        "dirty": (bpy.data.is_dirty, bpy.context.preferences.is_dirty),
        "temporary": sorted(Path(tempfile.gettempdir()).glob("stmatte-*")),
    }


def differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return what `noticed` found otherwise."""
    return {name: (was, after[name]) for name, was in before.items() if after[name] != was}


def _plain(thing: Any) -> dict[str, Any]:
    found = {}
    for each in thing.bl_rna.properties:
        if each.type not in ("POINTER", "COLLECTION"):
            value = getattr(thing, each.identifier)
            found[each.identifier] = tuple(value) if getattr(each, "is_array", False) else value
    return found


def clip(frames: int = 30, size: tuple[int, int] = (64, 48)) -> Any:
    """Return a movie clip of grey pictures, frame 1 and on."""
    pictures = folder("plate")
    for frame in range(1, frames + 1):
        image = bpy.data.images.new("grey", *size)
        image.filepath_raw, image.file_format = str(pictures / f"plate.{frame:04d}.png"), "PNG"
        image.save()
        bpy.data.images.remove(image)
    return bpy.data.movieclips.load(str(pictures / "plate.0001.png"))
