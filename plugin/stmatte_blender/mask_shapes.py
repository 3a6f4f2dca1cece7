# SPDX-License-Identifier: Apache-2.0
"""The shape keys of a mask, read from a .blend: Blender shows them to scripts in no other way.

Knows layers, the frames of their shape keys, and what is drawn on each. Knows nothing of curves,
of tracks or of rendering, and not how the .blend came about: no bpy.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from .blend_dna import DamagedBlendError
from .blend_file import BlendFile, Record, blend_file

_NUMBERS_A_POINT = 8  # two handles and the point, x and y each; feather; one spare


@dataclass(frozen=True)
class Shape:
    """A shape key.

    numbers  eight a point: handle, point, handle (x, y each), feather, and one that is spare
    """

    frame: int
    numbers: tuple[float, ...]

    @property
    def points(self) -> int:
        """How many points it is for; Blender passes it over where the layer has another count."""
        return len(self.numbers) // _NUMBERS_A_POINT

    @property
    def digest(self) -> str:
        """Text that is equal where the shapes are."""
        return hashlib.sha256(struct.pack(f"<{len(self.numbers)}f", *self.numbers)).hexdigest()


@dataclass(frozen=True)
class LayerShapes:
    """A layer of a mask as the file has it.

    shapes   its shape keys, in frame order
    parents  digest of where points were when they were tied to a track; "" where none is
    """

    shapes: tuple[Shape, ...]
    parents: str = ""

    def posing(self, frame: int) -> tuple[Shape, ...]:
        """Return the shape keys that make the pose on a frame: none, one, or those around it.

        Between two keys Blender goes in a straight line, outside of them the nearest one holds.
        """
        for shape in self.shapes:
            if shape.frame == frame:
                return (shape,)
        before = [shape for shape in self.shapes if shape.frame < frame][-1:]
        after = [shape for shape in self.shapes if shape.frame > frame][:1]
        return (*before, *after)


def mask_shapes(data: bytes, mask: str) -> dict[str, LayerShapes]:
    """Return the layers of a mask, by their names, from the bytes of a .blend.

    Raises BlendFileError where they can't be read, or the mask is not among them.
    """
    file = blend_file(data)
    return {
        layer.text("name"): LayerShapes(_shapes(file, layer), _parents(file, layer))
        for layer in _layers(file, mask)
    }


def moved(data: bytes, mask: str, by: int) -> bytes:
    """Return the bytes of a .blend in which each shape key of a mask lies so many frames later."""
    file = blend_file(data)
    changed = bytearray(data)
    order = file.order
    for layer in _layers(file, mask):
        for shape in layer.chained("splines_shapes", "MaskLayerShape"):
            frame = int(shape.number("frame")) + by
            struct.pack_into(f"{order}i", changed, shape.place("frame"), frame)
    return bytes(changed)


def _layers(file: BlendFile, mask: str) -> Iterator[Record]:
    for record in file.records("MS", "Mask"):
        if record.record("id").text("name") == f"MS{mask}":
            return record.chained("masklayers", "MaskLayer")
    raise DamagedBlendError(f'it holds no mask "{mask}"')


def _shapes(file: BlendFile, layer: Record) -> tuple[Shape, ...]:
    found = []
    for shape in layer.chained("splines_shapes", "MaskLayerShape"):
        count, address = int(shape.number("tot_vert")), shape.pointer("data")
        numbers = file.floats(address, count * _NUMBERS_A_POINT) if count else ()
        found.append(Shape(int(shape.number("frame")), numbers))
    return tuple(sorted(found, key=lambda shape: shape.frame))


def _parents(file: BlendFile, layer: Record) -> str:
    tied = []
    for number, spline in enumerate(layer.chained("splines", "MaskSpline")):
        count, address = int(spline.number("tot_point")), spline.pointer("points")
        points = file.array(address, "MaskSplinePoint", count) if count else ()
        for index, point in enumerate(points):
            parent = point.record("parent")
            if parent.pointer("id"):
                began = (*parent.numbers("parent_orig"), *parent.numbers("parent_corners_orig"))
                tied.append((number, index, began))
    return hashlib.sha256(repr(tied).encode()).hexdigest() if tied else ""
