# SPDX-License-Identifier: Apache-2.0
"""What a shape or layer is besides its outline: opacity, visibility, blending, lifetime..."""

from __future__ import annotations

from typing import Any

from ._curves import AnimCurve
from ._roto_parts import _viewed
from ._seat import seat
from ._threads import Guarded

_ATTRIBUTES = {
    "vis": 1.0, "r": 1.0, "g": 1.0, "b": 1.0, "a": 1.0, "ro": 0.0, "go": 0.0, "bo": 0.0,
    "ao": 0.0, "opc": 1.0, "bm": 0.0, "inv": 0.0, "mbo": 0.0, "mb": 1.0, "mbs": 0.5,
    "mbsot": 0.0, "mbso": 0.0, "fo": 1.0, "fx": 0.0, "fy": 0.0, "ff": 1.0, "ft": 0.0,
    "osw": 10.0, "osf": 0.0, "src": 0.0, "stx": 0.0, "sty": 0.0, "str": 1.0, "sr": 0.0,
    "ssx": 1.0, "ssy": 1.0, "sskx": 0.0, "ssky": 0.0, "sso": 0.0, "spx": 320.0, "spy": 240.0,
    "stot": 0.0, "sto": 0.0, "sv": 0.0, "sf": 2.0, "sb": 0.0,
    "nv": 1.0, "view1": 1.0, "ltn": 1.0, "ltm": 1.0, "ltt": 0.0, "tt": 0.0, "pt": 0.0,
}  # fmt: skip
"""Attributes of a shape that nobody touched, as measured, in their order."""


class AnimAttributes(Guarded):
    """What a shape or layer is besides its outline. A view is said by its name."""

    kVisibleAttribute = "vis"
    kOpacityAttribute = "opc"
    kBlendingModeAttribute = "bm"
    kInvertedAttribute = "inv"
    kFeatherXAttribute = "fx"
    kFeatherYAttribute = "fy"
    kFeatherOnAttribute = "fo"
    kLifeTimeTypeAttribute = "ltt"
    kLifeTimeNAttribute = "ltn"
    kLifeTimeMAttribute = "ltm"

    def __init__(self) -> None:
        self._curves = {name: AnimCurve(value) for name, value in _ATTRIBUTES.items()}

    def _curve(self, name: object) -> AnimCurve:
        found = self._curves.get(name) if isinstance(name, str) else None
        if found is None:
            raise ValueError(f"there is no attribute {name!r}")
        return found

    def __contains__(self, other: object) -> bool:
        return other in self._curves

    def __len__(self) -> int:
        return len(self._curves)

    def getName(self, index: int) -> str:
        return list(self._curves)[index]

    def getCurve(self, attr: str, view: str) -> AnimCurve:
        _viewed(view)
        return self._curve(attr)

    def getValue(self, time: float, indexOrName: str, view: str) -> float:
        _viewed(view)
        return self._curve(indexOrName)._at(time)

    def getNumberOfKeys(self, attr: str, view: str) -> int:
        _viewed(view)
        return self._curve(attr).getNumberOfKeys()

    def addKey(self, *given: Any) -> None:
        raise TypeError("AnimAttributes.addKey is not what its signature says: use getCurve")

    def set(self, time: float, attributeIndexOrName: str, value: float, view: str) -> None:
        _viewed(view)
        curve = self._curve(attributeIndexOrName)
        if curve._keys:
            curve.addKey(time, value)
        else:
            curve.constantValue = float(value)
        seat().modified = True

    def _said(self) -> Any:
        said = {name: curve._said() for name, curve in self._curves.items()}
        return {name: each for name, each in said.items() if each != [_ATTRIBUTES[name], []]}

    def _take(self, said: Any) -> None:
        for name, each in said.items():
            self._curves[name]._take(each)
