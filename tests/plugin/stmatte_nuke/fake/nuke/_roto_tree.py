# SPDX-License-Identifier: Apache-2.0
"""The tree of a Roto: layers, shapes, strokes. The first in a layer is drawn on top (measured)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from ._curves import FlagType
from ._roto_attributes import AnimAttributes
from ._roto_parts import AnimControlPoint, AnimCTransform, ShapeControlPoint
from ._seat import seat
from ._threads import Guarded

T = TypeVar("T", bound="Element")


class Element(Guarded):
    """A shape, a stroke or a layer. It is made for a knob: `Shape(node["curves"])`."""

    _called = "Element"

    def __init__(self, knob: Any, *more: Any) -> None:
        if not hasattr(knob, "rootLayer"):
            raise TypeError(f"{type(self).__name__} takes the curves of a Roto")
        if more:
            raise TypeError(f"what else a {type(self).__name__} takes is not replayed here")
        self._of = knob
        self.name = self._called
        self.locked = False
        self._set_flags: set[int] = set()
        self._attributes = AnimAttributes()
        self._transform = AnimCTransform()
        self._inside: list[Any] = []

    def getVisible(self, time: float) -> bool:
        return self._attributes._curve("vis")._at(time) > 0

    def setVisible(self, time: float, value: bool) -> None:
        self._attributes.set(time, "vis", float(value), "main")

    def clone(self: T) -> T:
        return made_of(self._of, self._said())  # type: ignore[no-any-return]

    def serialise(self) -> str:
        return repr(self._said())

    def _said(self) -> Any:
        return {
            "kind": self._called,
            "name": self.name,
            "open": FlagType.eOpenFlag in self._set_flags,
            "transform": self._transform._said(),
            "attributes": self._attributes._said(),
            "inside": [each._said() for each in self._inside],
        }

    def __len__(self) -> int:
        return len(self._inside)

    def __iter__(self) -> Iterator[Any]:
        return iter(list(self._inside))

    def __getitem__(self, index: int) -> Any:
        return self._inside[index]

    def _put(self, index: int, part: Any, kinds: tuple[type, ...]) -> None:
        if not isinstance(part, kinds):
            raise TypeError(f"{self._called}.append does not take a {type(part).__name__}")
        self._inside.insert(index, part)
        seat().modified = True


class _Part(Element):
    """What layers, shapes and strokes have, and an element as such has not."""

    def getFlag(self, flag: int) -> bool:
        return flag in self._set_flags

    def setFlag(self, flag: int, value: bool) -> None:
        (self._set_flags.add if value else self._set_flags.discard)(flag)
        seat().modified = True

    def getAttributes(self) -> AnimAttributes:
        return self._attributes

    def getTransform(self) -> AnimCTransform:
        return self._transform

    def remove(self, index: int) -> None:
        if isinstance(index, bool) or not isinstance(index, int):
            raise TypeError("remove takes the number of what goes")
        del self._inside[index]
        seat().modified = True


class Layer(_Part):
    """What moves and shows all that is inside it."""

    _called = "Layer"

    # Measured: what is appended is a copy, and a layer that was passed in has nothing to do with
    # the tree afterwards; a shape that was passed in was seen to go on working.
    def append(self, element: Element) -> None:
        self.insert(len(self._inside), element)

    def insert(self, index: int, element: Element) -> None:
        own = element.clone() if isinstance(element, Layer) else element
        self._put(index, own, (Layer, Shape, Stroke))

    def removeAll(self) -> None:
        self._inside.clear()
        seat().modified = True

    def setTransform(self, transform: AnimCTransform) -> None:
        self._transform = transform


class Shape(_Part):
    """An outline of Bézier curves; closed unless its flag says open."""

    _called = "Shape"

    def append(self, shapeControlPoint: ShapeControlPoint) -> None:
        self._put(len(self._inside), shapeControlPoint, (ShapeControlPoint,))

    def insert(self, index: int, shapeControlPoint: ShapeControlPoint) -> None:
        self._put(index, shapeControlPoint, (ShapeControlPoint,))


class Stroke(_Part):
    """A brush stroke. It can be read, not painted here: nothing of it shows in a picture."""

    _called = "Stroke"

    def append(self, controlPoint: AnimControlPoint) -> None:
        self._put(len(self._inside), controlPoint, (AnimControlPoint,))

    def insert(self, index: int, controlPoint: AnimControlPoint) -> None:
        self._put(index, controlPoint, (AnimControlPoint,))


def made_of(knob: Any, said: Any) -> Any:
    """Return the element of which `_said` spoke."""
    kinds = {"Layer": Layer, "Shape": Shape, "Stroke": Stroke}
    element = kinds[said["kind"]](knob)
    element.name = said["name"]
    if said["open"]:
        element._set_flags.add(FlagType.eOpenFlag)
    element._transform._take(said["transform"])
    element._attributes._take(said["attributes"])
    for each in said["inside"]:
        part: Any
        if isinstance(element, Layer):
            part = made_of(knob, each)
        else:
            part = ShapeControlPoint() if isinstance(element, Shape) else AnimControlPoint()
            part._take(each)
        element._inside.append(part)
    return element
