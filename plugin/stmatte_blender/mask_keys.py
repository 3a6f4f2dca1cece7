# SPDX-License-Identifier: Apache-2.0
"""On which frames the layers of a mask are keyed, and text that changes when a key does.

Shape keys come from a .blend that Blender writes of the mask alone, F-curves from Blender itself.
The artist's frame is never moved: nothing is evaluated. Knows nothing of rendering.
"""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import Any

import bpy

from . import key_text, versions
from .blend_dna import BlendFileError
from .mask_shapes import LayerShapes, mask_shapes
from .stmatte_host import EngineError

Shapes = dict[str, LayerShapes]
"""Layer name -> its shape keys."""

_SHOWS_NOTHING_ALONE = ("SUBTRACT", "MERGE_SUBTRACT", "DARKEN", "MUL")


def shapes_of(mask: bpy.types.Mask) -> Shapes:
    """Return the shape keys of every layer, by one writing of the mask (a few milliseconds).

    Raises EngineError where the temporary file can't be written or read.
    """
    written, name = written_alone(mask)
    try:
        return mask_shapes(written, name)
    except BlendFileError as error:
        raise EngineError(
            f'The keys of the mask "{mask.name}" can\'t be read from what Blender wrote: {error}',
            repair="Save the .blend, open it again and try once more",
        ) from None


def written_alone(mask: bpy.types.Mask) -> tuple[bytes, str]:
    """Return the bytes of a .blend with the mask and what it needs, and the mask's name in it.

    A mask that is linked from a library is written as a copy, which is removed again.
    """
    local = mask if mask.library is None else mask.copy()
    try:
        with tempfile.TemporaryDirectory(prefix="stmatte-") as folder:
            path = Path(folder) / "mask.blend"
            bpy.data.libraries.write(str(path), {local}, path_remap="ABSOLUTE", compress=False)
            return path.read_bytes(), local.name
    except (OSError, RuntimeError) as error:
        raise EngineError(
            f'The keys of the mask "{mask.name}" can\'t be written to a temporary file: {error}',
            repair=f"Make room in {tempfile.gettempdir()}",
        ) from None
    finally:
        if local is not mask:
            bpy.data.masks.remove(local)


def key_frames(
    mask: bpy.types.Mask, current: int | None = None, shapes: Shapes | None = None
) -> dict[str, tuple[int, ...]]:
    """Return the scene frames on which each layer has a shape key or a key of an F-curve.

    current  where the shape of a layer without any key counts as one; None for nowhere
    shapes   from `shapes_of`, where it was asked already

    A key between two frames counts for the nearer one. A layer without a shape has no key.
    """
    known = shapes_of(mask) if shapes is None else shapes
    found: dict[str, tuple[int, ...]] = {}
    for layer in mask.layers:
        frames = {shape.frame for shape in _shapes(known, layer).shapes}
        for curve in versions.curves(mask.animation_data):
            if _shows(curve, layer):
                frames.update(math.floor(key.co[0] + 0.5) for key in curve.keyframe_points)
        if not frames and current is not None and layer.splines:
            frames = {current}
        found[layer.name] = tuple(sorted(frames))
    return found


def drawn(
    mask: bpy.types.Mask,
    layer: str,
    frame: int,
    size: tuple[int, int],
    shapes: Shapes | None = None,
) -> str:
    """Return text that changes whenever a key would look different; `DrawnKey.drawn`.

    frame   scene frame of the key
    size    width and height of the plate
    shapes  from `shapes_of`: ask once for many keys

    Raises EngineError where the mask has no such layer.
    """
    here = layer_of(mask, layer)
    known = _shapes(shapes_of(mask) if shapes is None else shapes, here)
    words = [
        "Blender {}.{}".format(*bpy.app.version[:2]),
        "{}x{}".format(*size),
        *key_text.shape_words(here, known, frame),
        *key_text.layer_words(mask, here, known, frame),
    ]
    return "\n".join(words)


def remarks(mask: bpy.types.Mask, current: int, shapes: Shapes | None = None) -> tuple[str, ...]:
    """Return what an artist should know of the keys before they are used, a sentence each.

    current  the frame on which layers without a key count as keyed
    """
    known = shapes_of(mask) if shapes is None else shapes
    frames = key_frames(mask, None, known)
    said = []
    for layer in mask.layers:
        called = f'Layer "{layer.name}" of the mask "{mask.name}"'
        if not layer.splines:
            said.append(f"{called} has no shape. Draw one, or remove the layer.")
            continue
        if not frames[layer.name]:
            said.append(
                f"{called} has no key: its shape counts as one key on frame {current}, "
                "the current one. To keep it there, select its points and insert a shape key (I)."
            )
        said.extend(f"{called} {each}" for each in _about(mask, layer))
    return tuple(said)


def layer_of(mask: bpy.types.Mask, layer: str) -> bpy.types.MaskLayer:
    """Return a layer by its name. Raises EngineError where the mask has none of it."""
    found = mask.layers.get(layer)
    if found is None:
        names = ", ".join(f'"{each.name}"' for each in mask.layers) or "none"
        raise EngineError(
            f'The mask "{mask.name}" has no layer "{layer}"',
            allowed=f"its layers are {names}",
            repair="Name the layer as before, or choose another one for the object",
        )
    return found


def _about(mask: bpy.types.Mask, layer: bpy.types.MaskLayer) -> list[str]:
    said = []
    if layer.hide_render:
        said.append("is hidden in renders, so that its keys are empty. Show it in renders.")
    if layer.blend in _SHOWS_NOTHING_ALONE and not layer.invert:
        name = layer.bl_rna.properties["blend"].enum_items[layer.blend].name
        said.append(
            f'blends by "{name}", which shows nothing on black: as an object it is empty. '
            "Blend it by Merge Add, or draw the hole into the layer that it is cut from."
        )
    parented = any(point.parent.id for spline in layer.splines for point in spline.points)
    if parented and key_text.PARENTED:
        said.append(key_text.PARENTED)
    if any(_moves_points(curve, layer) for curve in versions.curves(mask.animation_data)):
        said.append(
            "has F-curves on its points, which Blender does not render. "
            "Key the shape by shape keys (I) instead."
        )
    return said


def _shows(curve: Any, layer: bpy.types.MaskLayer) -> bool:
    """Whether an F-curve changes what is seen of a layer: not what only the editor shows."""
    if not key_text.is_of(curve, layer):
        return False
    return key_text.is_seen(curve.data_path.rpartition(".")[2])


def _moves_points(curve: Any, layer: bpy.types.MaskLayer) -> bool:
    return _shows(curve, layer) and ".points[" in curve.data_path


def _shapes(shapes: Shapes, layer: bpy.types.MaskLayer) -> LayerShapes:
    return shapes.get(layer.name, LayerShapes(()))
