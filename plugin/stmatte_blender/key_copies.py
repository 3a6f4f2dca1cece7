# SPDX-License-Identifier: Apache-2.0
"""A copy of a mask that shows one layer only, keys, curves and tracks included.

Knows how to make it and how to be rid of it. The artist's mask is read, never written.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy

from . import key_text, versions
from .blend_dna import BlendFileError
from .mask_keys import written_alone
from .mask_shapes import moved
from .stmatte_host import EngineError


@contextmanager
def alone(mask: bpy.types.Mask, layer: str, later: int = 0) -> Iterator[bpy.types.Mask]:
    """Yield a copy of a mask that renders one layer only; it is removed afterwards.

    later  frames by which all that moves is put off, 0 or more

    Blender before 5.0 renders no animation below frame 0: there a copy for frame 7 is looked at
    on frame 7 + `later`. Raises EngineError where that can't be done.
    """
    with _copy(mask) if later == 0 else _later(mask, later) as copy:
        for name in [each.name for each in copy.layers if each.name != layer]:
            _leave_out(copy, copy.layers[name])
        yield copy


def _leave_out(copy: bpy.types.Mask, layer: bpy.types.MaskLayer) -> None:
    """Keep a layer out of renders.

    Hiding it is enough, and removing one whose points follow tracks would make Blender lose
    count of the clip's users. But what is hidden may be shown again by an animation.
    """
    animation = copy.animation_data
    path = f"{key_text.path_of(layer)}.hide_render"
    moving = animation and [*versions.curves(animation), *animation.drivers]
    if animation and (animation.nla_tracks or any(each.data_path == path for each in moving)):
        copy.layers.remove(layer)
    else:
        layer.hide_render = True


@contextmanager
def _copy(mask: bpy.types.Mask) -> Iterator[bpy.types.Mask]:
    copy = mask.copy()
    try:
        yield copy
    finally:
        bpy.data.masks.remove(copy)


@contextmanager
def _later(mask: bpy.types.Mask, later: int) -> Iterator[bpy.types.Mask]:
    """Yield a copy that was written, moved in time, and loaded with its curves and clips."""
    animation = mask.animation_data
    if animation is not None and (animation.drivers or animation.nla_tracks):
        raise _refused(mask, "has drivers or NLA strips")
    written, name = written_alone(mask)
    before = set(bpy.data.user_map())
    try:
        copy = _loaded(written, name, later)
        if copy.animation_data is not None and copy.animation_data.action is not None:
            versions.own_action(copy.animation_data)
        for curve in versions.curves(copy.animation_data):
            for key in curve.keyframe_points:
                key.co_ui[0] += later
            curve.update()
        for clip in _clips(copy):
            if clip not in set(bpy.data.user_map()) - before:
                raise _refused(mask, "follows tracks of a clip that is linked from a library")
            clip.frame_start += later
        yield copy
    finally:
        bpy.data.batch_remove(set(bpy.data.user_map()) - before)


def _loaded(written: bytes, name: str, later: int) -> bpy.types.Mask:
    """Return a mask of a .blend as a new one, its shape keys put off in time."""
    try:
        with tempfile.TemporaryDirectory(prefix="stmatte-") as folder:
            path = Path(folder) / "mask.blend"
            path.write_bytes(moved(written, name, later))
            with bpy.data.libraries.load(str(path), link=False) as (_, into):
                into.masks = [name]
    except (OSError, RuntimeError, BlendFileError) as error:
        raise EngineError(
            f'A copy of the mask "{name}" can\'t be made by a temporary file: {error}',
            repair=f"Make room in {tempfile.gettempdir()}",
        ) from None
    copy: bpy.types.Mask = into.masks[0]
    return copy


def _clips(mask: bpy.types.Mask) -> set[bpy.types.MovieClip]:
    """Return the clips whose tracks points follow."""
    points = (p for layer in mask.layers for spline in layer.splines for p in spline.points)
    parents = (point.parent.id for point in points)
    return {parent for parent in parents if isinstance(parent, bpy.types.MovieClip)}


def _refused(mask: bpy.types.Mask, why: str) -> EngineError:
    return EngineError(
        f'Keys of the mask "{mask.name}" lie below frame 0, and it {why}',
        allowed="this version of Blender renders such a mask from frame 0 on only",
        repair="Move the shot so that it begins at frame 0 or later, or use Blender 5",
    )
