# SPDX-License-Identifier: Apache-2.0
"""`nuke.curvelib`: what `nuke.rotopaint` has, without knob and tree."""

from __future__ import annotations

from ._curves import (
    AnimCurve,
    AnimCurveKey,
    BaseCurve,
    CurveType,
    Flag,
    FlagType,
    InterpolationType,
)
from ._roto_attributes import AnimAttributes
from ._roto_parts import AnimControlPoint, AnimCTransform, ControlPoint, CTransform
from ._vectors import CMatrix4, CVec2, CVec3, CVec4
