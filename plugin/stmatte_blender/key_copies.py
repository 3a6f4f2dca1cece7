# SPDX-License-Identifier: Apache-2.0
"""A copy of a mask that has one layer only, keys, curves and tracks included.

Knows how to make it and how to be rid of it. The artist's mask is read, never written.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy

from . import versions
from .mask_keys import written_alone
from .mask_shapes import moved
from .stmatte_host import EngineError


@contextmanager
def alone(mask: bpy.types.Mask, layer: str, later: int = 0) -> Iterator[bpy.types.Mask]:
    """Yield a copy of a mask without its other layers; it is removed afterwards.

    later  frames by which all that moves is put off, 0 or more

    Blender before 5.0 renders no animation below frame 0: there a copy for frame 7 is looked at
    on frame 7 + `later`. Raises EngineError where that can't be done.
    """
    with _copy(mask) if later == 0 else _later(mask, later) as copy:
        for name in [each.name for each in copy.layers if each.name != layer]:
            copy.layers.remove(copy.layers[name])
        yield copy


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
        raise EngineError(
            f'Keys of the mask "{mask.name}" are below frame 0 and it has drivers or NLA strips',
            allowed="this version of Blender renders such a mask from frame 0 on only",
            repair="Bake them to F-curves, move the shot to start at frame 0, or use Blender 5",
        )
    written, name = written_alone(mask)
    before = set(bpy.data.user_map())
    try:
        with tempfile.TemporaryDirectory(prefix="stmatte-") as folder:
            path = Path(folder) / "mask.blend"
            path.write_bytes(moved(written, name, later))
            with bpy.data.libraries.load(str(path), link=False) as (_, into):
                into.masks = [name]
        (copy,) = into.masks
        for curve in versions.curves(copy.animation_data):
            for key in curve.keyframe_points:
                key.co_ui[0] += later
            curve.update()
        for each in set(bpy.data.user_map()) - before:
            if isinstance(each, bpy.types.MovieClip):
                each.frame_start += later
        yield copy
    finally:
        bpy.data.batch_remove(set(bpy.data.user_map()) - before)
