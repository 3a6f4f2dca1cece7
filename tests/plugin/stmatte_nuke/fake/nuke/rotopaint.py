# SPDX-License-Identifier: Apache-2.0
"""`nuke.rotopaint`: the names that Nuke has there."""

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
from ._roto_knob import CurveKnob
from ._roto_parts import (
    AnimControlPoint,
    AnimCTransform,
    ControlPoint,
    CTransform,
    ShapeControlPoint,
)
from ._roto_tree import Element, Layer, Shape, Stroke
from ._vectors import CMatrix4, CVec2, CVec3, CVec4
