# SPDX-License-Identifier: Apache-2.0
"""All that decides how a layer of a mask looks on one frame, as words to compare.

It may say too much, then a key is rasterised once more, but never too little. The words don't
depend on the frame that the artist is on: what is animated is told by its curves, never by its
value of the moment. Knows properties, F-curves, drivers and tracks; renders nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy

from . import versions
from .mask_shapes import LayerShapes

PARENTED = (
    ""
    if versions.EVERY_TRACK_IS_FOLLOWED
    else "has points that follow tracks. Where a script tied them, this version of Blender leaves "
    "some behind, on its keys as in your renders: look at one key before you propagate."
)
"""What to say of a layer with points that follow tracks; "" where nothing can go wrong."""

_NOT_SEEN = ("rna_type", "name", "hide", "hide_select")


def path_of(layer: bpy.types.MaskLayer) -> str:
    """Return a layer's path within its mask, as F-curves have it."""
    return f'layers["{bpy.utils.escape_identifier(layer.name)}"]'


def is_of(curve: Any, layer: bpy.types.MaskLayer) -> bool:
    """Whether an F-curve or a driver moves something of a layer."""
    return bool(curve.data_path.startswith(path_of(layer) + "."))


def is_seen(name: str) -> bool:
    """Whether a property changes what is rendered: not what only the editor shows."""
    return name not in _NOT_SEEN and not name.startswith("select")


def shape_words(layer: bpy.types.MaskLayer, shapes: LayerShapes, frame: int) -> Iterator[str]:
    """Yield what poses the layer's points on a frame: shape keys, or else the points as they are.

    Blender passes over a shape key for another number of points than the layer has.
    """
    count = sum(len(spline.points) for spline in layer.splines)
    posing = shapes.posing(frame)
    for shape in posing:
        place = "" if shape.frame == frame else f"{shape.frame - frame:+d} "
        yield f"shape {place}{shape.digest}"
    if not posing or any(shape.points != count for shape in posing):
        for spline in layer.splines:
            for point in spline.points:
                at = (*point.handle_left, *point.co, *point.handle_right, point.weight)
                yield f"point {at}"


def layer_words(
    mask: bpy.types.Mask, layer: bpy.types.MaskLayer, shapes: LayerShapes, frame: int
) -> Iterator[str]:
    """Yield all else that is seen of a layer on a frame."""
    moving, words = _animation(mask, layer, frame)
    yield from words
    yield shapes.parents
    here = path_of(layer)
    yield from _properties(layer, here, moving)
    tracks = _Tracks(frame)
    for s, spline in enumerate(layer.splines):
        place = f"{here}.splines[{s}]"
        yield from _properties(spline, place, moving)
        for p, point in enumerate(spline.points):
            yield from _properties(point, f"{place}.points[{p}]", moving, leave=_POSED)
            for feather in point.feather_points:
                yield f"feather {feather.u} {feather.weight}"
            if point.parent.id is not None:
                yield tracks.words(point.parent)


_POSED = ("co", "handle_left", "handle_right", "weight")


def _properties(
    thing: Any, place: str = "", moving: frozenset[str] = frozenset(), leave: tuple[str, ...] = ()
) -> Iterator[str]:
    """Yield the plain properties of something, but for those that move by themselves."""
    for each in thing.bl_rna.properties:
        name = each.identifier
        if each.type in ("POINTER", "COLLECTION") or name in leave or not is_seen(name):
            continue
        if f"{place}.{name}" not in moving:
            value = getattr(thing, name)
            yield f"{place}.{name} {tuple(value) if getattr(each, 'is_array', False) else value!r}"


def _animation(
    mask: bpy.types.Mask, layer: bpy.types.MaskLayer, frame: int
) -> tuple[frozenset[str], list[str]]:
    """Return the paths of a layer that move by themselves, and in which way."""
    animation = mask.animation_data
    if animation is None:
        return frozenset(), []
    moving, words = set(), []
    for curve in versions.curves(animation):
        if is_of(curve, layer) and not _is_mute(curve):
            moving.add(curve.data_path)
            value = curve.evaluate(frame)
            words.append(f"{curve.data_path}[{curve.array_index}] = {value!r}")
    if moving:
        words.append(f"{animation.action_influence} {animation.action_blend_type}")
    for curve in animation.drivers:
        if is_of(curve, layer) and not curve.mute:
            moving.add(curve.data_path)
            words.append(f"frame {frame}")
            words.extend(_driver(curve))
    for track in animation.nla_tracks if animation.use_nla else ():
        for strip in track.strips:
            for curve in versions.curves(strip):
                if is_of(curve, layer):
                    moving.add(curve.data_path)
                    words.append(f"frame {frame} of {track.mute} {track.is_solo}")
                    words.extend((*_properties(strip), *_curve(curve)))
    return frozenset(moving), words


def _is_mute(curve: Any) -> bool:
    return bool(curve.mute or (curve.group is not None and curve.group.mute))


def _curve(curve: Any) -> Iterator[str]:
    yield f"{curve.data_path}[{curve.array_index}] {curve.extrapolation} {curve.mute}"
    for key in curve.keyframe_points:
        at = (*key.co, *key.handle_left, *key.handle_right)
        yield f"{at} {key.interpolation} {key.easing} {key.back} {key.amplitude} {key.period}"
    for modifier in curve.modifiers:
        yield from _properties(modifier)


def _driver(curve: Any) -> Iterator[str]:
    """Yield what a driver says and hears; of what is animated itself, its curves."""
    yield from _curve(curve)
    yield f"{curve.driver.type} {curve.driver.expression}"
    for variable in curve.driver.variables:
        yield f"{variable.name} {variable.type}"
        for target in variable.targets:
            yield from _properties(target)
            if target.id is None:
                continue
            yield target.id.name_full
            heard = versions.curves(target.id.animation_data)
            for each in heard:
                yield from _curve(each)
            if not heard and target.data_path:
                yield _resolved(target)


def _resolved(target: Any) -> str:
    try:
        value = target.id.path_resolve(target.data_path)
    except ValueError:
        return "nothing there"
    return repr(tuple(value) if hasattr(value, "__len__") else value)


class _Tracks:
    """Where tracks are on one frame; each is looked up once, as many points may follow it."""

    def __init__(self, frame: int) -> None:
        self._frame = frame
        self._known: dict[tuple[str, ...], str] = {}

    def words(self, parent: bpy.types.MaskParent) -> str:
        """Return what a point is tied to, and where that is on the frame."""
        key = (parent.id.name_full, parent.type, parent.parent, parent.sub_parent)
        if key not in self._known:
            self._known[key] = self._look(parent)
        return f"{key} {self._known[key]}"

    def _look(self, parent: bpy.types.MaskParent) -> str:
        clip = parent.id
        if not isinstance(clip, bpy.types.MovieClip):
            return ""
        heard = clip.tracking.objects.get(parent.parent)
        if heard is None:
            return "no such object"
        plane = parent.type == "PLANE_TRACK"
        track = (heard.plane_tracks if plane else heard.tracks).get(parent.sub_parent)
        if track is None:
            return "no such track"
        wanted = self._frame - clip.frame_start + 1
        before = [each for each in track.markers if each.frame <= wanted][-1:]
        after = [each for each in track.markers if each.frame > wanted][:1]
        words = [str(tuple(clip.size)), "" if plane else str(tuple(track.offset))]
        for marker in (*before, *after):
            where = [tuple(corner) for corner in marker.corners] if plane else tuple(marker.co)
            words.append(f"{marker.frame - wanted} {marker.mute} {where}")
        return " ".join(words)
