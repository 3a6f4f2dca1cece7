# SPDX-License-Identifier: Apache-2.0
"""Curves over time of the roto tree: `AnimCurve`, which has no `keys()`, and its keys.

Measured (rotobridge, Nuke 17.1v1): a key whose way isn't said has `interpolationType` 256, and its
way is a cubic with Catmull-Rom slopes inside and natural ends; 1 is a step, 2 straight, 3 cubic.
"""

from __future__ import annotations

from typing import Any

from ._seat import seat
from ._threads import Guarded
from ._vectors import float32

UNSET = 256


class _Enumeration:
    """Numbers by name."""


class CurveType(_Enumeration):
    eBezierCurveType, eHermiteCurveType, eBSplineCurveType = 0, 1, 2
    eCardinalCurveType, eCatmullRomCurveType, eNurbsCurveType = 3, 4, 5
    eUndefineCurveType = -1


class InterpolationType(_Enumeration):
    """A key's `interpolationType` is this plus one."""

    eStepInterpolationType, eLinearInterpolationType, eCubicInterpolationType = 0, 1, 2
    eUndefineInterpolationType = -1


class FlagType(_Enumeration):
    # Their numbers are not measured; nobody may write them down.
    eActiveFlag, eSelectedFlag, eVisibleFlag, eLockedFlag, eOpenFlag = 1, 2, 4, 8, 16
    eRenderableFlag, eBreakFlag = 32, 64
    eUndefineFlag = 0


class Flag(Guarded):
    """Something with flags."""

    def __init__(self) -> None:
        self._set_flags: set[int] = set()

    def getFlag(self, flag: int) -> bool:
        return flag in self._set_flags

    def setFlag(self, flag: int, value: bool) -> None:
        (self._set_flags.add if value else self._set_flags.discard)(flag)
        seat().modified = True


class AnimCurveKey(Flag):
    """A key; setting what it says changes its curve."""

    def __init__(self, time: float = 0.0, value: float = 0.0) -> None:
        super().__init__()
        self.time = float(time)
        self.value = float(value)
        self.interpolationType = UNSET


class BaseCurve(Flag):
    """What has a name and a kind."""

    def __init__(self) -> None:
        super().__init__()
        self.name = ""
        self.curveType = CurveType.eBezierCurveType


class AnimCurve(BaseCurve):
    """A number over time: keys, or a constant."""

    def __init__(self, constant: float = 0.0) -> None:
        super().__init__()
        self.constantValue = float(constant)
        self.useExpression = False
        self.expressionString = ""
        self._keys: list[AnimCurveKey] = []

    def addKey(self, time: float | AnimCurveKey, value: float | None = None) -> None:
        # The stubs say that it returns a Hash; measured: None.
        if isinstance(time, AnimCurveKey):
            self.addKey(time.time, time.value)
            return
        if value is None or isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError("addKey takes a time and a number")
        self._put(float(time), float32(value))
        seat().modified = True

    def _put(self, time: float, value: float) -> None:
        there = [key for key in self._keys if key.time == time]
        if there:
            there[0].value = value
        else:
            self._keys.append(AnimCurveKey(time, value))
            self._keys.sort(key=lambda key: key.time)

    def getNumberOfKeys(self) -> int:
        return len(self._keys)

    def getKey(self, index: int) -> AnimCurveKey:
        if not 0 <= index < len(self._keys):
            raise IndexError(f"the curve has {len(self._keys)} keys")
        return self._keys[index]

    def removeKey(self, timeOrHash: float) -> None:
        self._keys = [key for key in self._keys if key.time != timeOrHash]
        seat().modified = True

    def removeAllKeys(self) -> None:
        self._keys = []
        seat().modified = True

    def isDefault(self) -> bool:
        # As for transforms, False even where nobody touched it: nobody may rely on it.
        return False

    def evaluate(self, time: float) -> float:
        return self._at(float(time))

    def _at(self, time: float) -> float:
        keys = self._keys
        if not keys:
            return self.constantValue
        if time <= keys[0].time:
            return keys[0].value
        if time >= keys[-1].time:
            return keys[-1].value
        left = max(i for i, key in enumerate(keys) if key.time <= time)
        a, b = keys[left], keys[left + 1]
        span = b.time - a.time
        share = (time - a.time) / span
        if a.interpolationType == 1 + InterpolationType.eStepInterpolationType:
            return a.value
        if a.interpolationType == 1 + InterpolationType.eLinearInterpolationType:
            return a.value + share * (b.value - a.value)
        inner = (2 * share**3 - 3 * share**2 + 1) * a.value + (
            3 * share**2 - 2 * share**3
        ) * b.value
        before = (share**3 - 2 * share**2 + share) * span * self._slope(left, left)
        after = (share**3 - share**2) * span * self._slope(left + 1, left)
        return inner + before + after

    def _slope(self, key: int, left: int) -> float:
        """Return a key's slope, seen from the span that begins at key `left`."""
        keys = self._keys
        if 0 < key < len(keys) - 1:
            rise = keys[key + 1].value - keys[key - 1].value
            return rise / (keys[key + 1].time - keys[key - 1].time)
        a, b = keys[left], keys[left + 1]
        straight = (b.value - a.value) / (b.time - a.time)
        if len(keys) == 2:
            return straight
        other = self._slope(left + 1 if key == left else left, left)
        return (3 * straight - other) / 2

    def _said(self) -> Any:
        keys = [[key.time, key.value, key.interpolationType] for key in self._keys]
        return [self.constantValue, keys]

    def _take(self, said: Any) -> None:
        self.constantValue, keys = said
        self._keys = []
        for time, value, kind in keys:
            key = AnimCurveKey(time, value)
            key.interpolationType = kind
            self._keys.append(key)
