# SPDX-License-Identifier: Apache-2.0
"""Draws and keys a mask as an artist does, by Blender's own operators."""

from __future__ import annotations

import math
from typing import Any

import bpy

POINTS = 12


def ellipse(layer: Any, size: tuple[int, int], centre: tuple[float, float], radii: Any) -> Any:
    """Put an ellipse into a layer, or move the one that is there.

    size    of the plate
    centre  in pixels from the upper left, as in files
    radii   across and down, in pixels
    """
    spline = layer.splines[0] if layer.splines else layer.splines.new()
    if len(spline.points) < POINTS:
        spline.points.add(POINTS - len(spline.points))
    spline.use_cyclic = True
    kappa = 4 / 3 * math.tan(math.pi / 2 / POINTS)
    for number, point in enumerate(spline.points):
        angle = -2 * math.pi * number / POINTS  # clockwise, or Blender draws a hard edge
        there = (math.cos(angle), math.sin(angle))
        ahead = (there[1] * kappa, -there[0] * kappa)
        point.handle_type = "FREE"
        point.co = _place(there, size, centre, radii)
        before = (there[0] - ahead[0], there[1] - ahead[1])
        after = (there[0] + ahead[0], there[1] + ahead[1])
        point.handle_left = _place(before, size, centre, radii)
        point.handle_right = _place(after, size, centre, radii)
        point.select = True
    return spline


def key(mask: Any, layer: Any, frame: int, *how: Any) -> None:
    """Insert a shape key at a scene frame; `how` is what `ellipse` takes after the layer."""
    scene = bpy.context.scene
    scene.frame_set(frame)
    ellipse(layer, *how)
    mask.layers.active = layer
    window = bpy.context.window_manager.windows[0]
    area = window.screen.areas[0]
    was = area.type
    area.type = "CONSOLE"  # without this, the operator crashes after a file was opened
    area.type = "IMAGE_EDITOR"
    area.spaces.active.mode = "MASK"
    area.spaces.active.mask = mask
    region = next(each for each in area.regions if each.type == "WINDOW")
    override = {"window": window, "screen": window.screen, "area": area, "region": region}
    with bpy.context.temp_override(**override):
        assert bpy.ops.mask.shape_key_insert() == {"FINISHED"}
    area.type = was


def _place(
    there: tuple[float, float], size: tuple[int, int], centre: tuple[float, float], radii: Any
) -> tuple[float, float]:
    x = centre[0] + radii[0] * there[0] - size[0] / 2
    y = size[1] / 2 - centre[1] + radii[1] * there[1]
    return 0.5 + x / max(size), 0.5 + y / max(size)
