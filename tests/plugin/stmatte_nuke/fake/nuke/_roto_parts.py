# SPDX-License-Identifier: Apache-2.0
"""What hangs on shapes and layers: points, transforms, attributes.

Measured: `getPosition` is before every transform; an untouched transform has one key in each of
its parts, on the frame on which it was made, and `isDefault()` is False.
"""

from __future__ import annotations

from typing import Any

from ._curves import AnimCurve, Flag
from ._seat import seat
from ._threads import Guarded
from ._vectors import CMatrix4, CVec3, placed


def _viewed(view: object) -> None:
    """Refuse a view that is no name; that curves can be split by views is not replayed."""
    if not isinstance(view, str):
        raise TypeError("a view is said by its name")


class ControlPoint(Guarded):
    """A point on one frame."""

    def __init__(self, position: CVec3) -> None:
        self.position = position


class AnimControlPoint(Flag):
    """A point over time."""

    def __init__(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> None:
        super().__init__()
        self.name = ""
        self.dim = 3
        self._axes = [AnimCurve(x), AnimCurve(y), AnimCurve(z)]

    # The stubs ask for a view; every plug-in calls it without one, and so it was measured.
    def addPositionKey(self, time: float, positionOrDim: CVec3, view: str = "main") -> None:
        _viewed(view)
        if not isinstance(positionOrDim, CVec3):
            raise TypeError("addPositionKey takes a CVec3")
        for axis, value in zip(self._axes, positionOrDim._all()):
            axis.addKey(time, value)

    def getControlPointKeyTimes(self, view: str = "main") -> list[float]:
        _viewed(view)
        return sorted({key.time for axis in self._axes for key in axis._keys})

    def getPosition(self, time: float, view: str = "main") -> CVec3:
        _viewed(view)
        return CVec3(*(axis._at(time) for axis in self._axes))

    def setPosition(self, position: CVec3, view: str = "main") -> None:
        _viewed(view)
        for axis, value in zip(self._axes, position._all()):
            axis.constantValue = value
        seat().modified = True

    def getPositionAnimCurve(self, index: int, view: str = "main") -> AnimCurve:
        _viewed(view)
        return self._axes[index]

    def evaluate(self, time: float, view: str) -> ControlPoint:
        _viewed(view)
        return ControlPoint(self.getPosition(time, view))

    def removeAllKeys(self, view: str = "main") -> None:
        _viewed(view)
        for axis in self._axes:
            axis.removeAllKeys()

    def _said(self) -> Any:
        return [axis._said() for axis in self._axes]

    def _take(self, said: Any) -> None:
        for axis, each in zip(self._axes, said):
            axis._take(each)


POINTS = (
    "center",
    "leftTangent",
    "rightTangent",
    "featherCenter",
    "featherLeftTangent",
    "featherRightTangent",
)


class ShapeControlPoint(Guarded):
    """A place of a shape: six points, all but the centre relative to another."""

    def __init__(self, x: float = 0.0, y: float = 0.0) -> None:
        self.center = AnimControlPoint(x, y, 1.0)
        self.leftTangent = AnimControlPoint()
        self.rightTangent = AnimControlPoint()
        self.featherCenter = AnimControlPoint()
        self.featherLeftTangent = AnimControlPoint()
        self.featherRightTangent = AnimControlPoint()

    def _said(self) -> Any:
        return [getattr(self, name)._said() for name in POINTS]

    def _take(self, said: Any) -> None:
        for name, each in zip(POINTS, said):
            getattr(self, name)._take(each)


class CTransform(Guarded):
    """A transform on one frame."""

    def __init__(self, matrix: CMatrix4, parts: dict[str, tuple[float, ...]]) -> None:
        self._matrix = matrix
        self.translation = CVec3(*parts["Translation"])
        self.rotation = CVec3(*parts["Rotation"])
        self.scale = CVec3(*parts["Scale"])
        self.skew = CVec3(*parts["SkewX"])
        self.pivotPoint = CVec3(*parts["PivotPoint"])

    def getMatrix(self) -> CMatrix4:
        return self._matrix


_REST = {"Translation": 0.0, "Rotation": 0.0, "Scale": 1.0, "SkewX": 0.0, "PivotPoint": 0.0}


class AnimCTransform(Guarded):
    """A transform over time. There is no `getMatrixAt`, whatever is written."""

    def __init__(self) -> None:
        made = float(seat().frame)
        self.name = ""
        self._parts = {name: [AnimCurve(rest) for _ in range(3)] for name, rest in _REST.items()}
        for name, curves in self._parts.items():
            for curve in curves:
                curve._put(made, _REST[name])
        self._extra: dict[tuple[int, int], AnimCurve] = {}

    def isDefault(self) -> bool:
        return False

    def evaluate(self, time: float, view: str = "main") -> CTransform:
        _viewed(view)
        now = {name: tuple(c._at(time) for c in curves) for name, curves in self._parts.items()}
        matrix = placed(
            now["Translation"], now["Rotation"][2], now["Scale"], now["SkewX"][0], now["PivotPoint"]
        )
        return CTransform(matrix, now)

    def _add(self, part: str, time: float, numbers: tuple[float, ...]) -> None:
        for curve, number in zip(self._parts[part], numbers):
            curve.addKey(time, number)

    def addTranslationKey(self, time: float, x: float, y: float, pressure: float) -> None:
        self._add("Translation", time, (x, y, pressure))

    def addRotationKey(self, time: float, x: float, y: float, pressure: float) -> None:
        self._add("Rotation", time, (x, y, pressure))

    def addScaleKey(self, time: float, x: float, y: float, pressure: float) -> None:
        self._add("Scale", time, (x, y, pressure))

    def addSkewXKey(self, time: float, x: float, y: float, pressure: float) -> None:
        self._add("SkewX", time, (x, y, pressure))

    def addPivotPointKey(self, time: float, x: float, y: float, pressure: float) -> None:
        self._add("PivotPoint", time, (x, y, pressure))

    def _times(self, *parts: str) -> list[float]:
        curves = (curve for part in parts for curve in self._parts[part])
        return sorted({key.time for curve in curves for key in curve._keys})

    def getTransformKeyTimes(self, view: str = "main") -> list[float]:
        _viewed(view)
        return self._times(*self._parts)

    def getTranslationKeyTimes(self, view: str = "main") -> list[float]:
        _viewed(view)
        return self._times("Translation")

    def getRotationKeyTimes(self, view: str = "main") -> list[float]:
        _viewed(view)
        return self._times("Rotation")

    def getScaleKeyTimes(self, view: str = "main") -> list[float]:
        _viewed(view)
        return self._times("Scale")

    def getSkewXKeyTimes(self, view: str = "main") -> list[float]:
        _viewed(view)
        return self._times("SkewX")

    def getPivotPointKeyTimes(self, view: str = "main") -> list[float]:
        _viewed(view)
        return self._times("PivotPoint")

    def getTranslationAnimCurve(self, index: int, view: str = "main") -> AnimCurve:
        return self._parts["Translation"][index]

    def getRotationAnimCurve(self, index: int, view: str = "main") -> AnimCurve:
        return self._parts["Rotation"][index]

    def getScaleAnimCurve(self, index: int, view: str = "main") -> AnimCurve:
        return self._parts["Scale"][index]

    def getSkewXAnimCurve(self, index: int, view: str = "main") -> AnimCurve:
        return self._parts["SkewX"][index]

    def getPivotPointAnimCurve(self, index: int, view: str = "main") -> AnimCurve:
        return self._parts["PivotPoint"][index]

    def getExtraMatrixAnimCurve(self, i: int, j: int, view: str = "main") -> AnimCurve:
        # It can be keyed, but doesn't move what is drawn here.
        return self._extra.setdefault((i, j), AnimCurve(float(i == j)))

    def _said(self) -> Any:
        return {name: [c._said() for c in curves] for name, curves in self._parts.items()}

    def _take(self, said: Any) -> None:
        for name, curves in said.items():
            for curve, each in zip(self._parts[name], curves):
                curve._take(each)


def moved_by(transform: AnimCTransform | None, time: float) -> CMatrix4:
    """Return a transform's matrix on a frame."""
    return CMatrix4() if transform is None else transform.evaluate(time).getMatrix()
