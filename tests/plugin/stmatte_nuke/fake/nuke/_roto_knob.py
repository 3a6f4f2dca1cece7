from __future__ import annotations

from ._knob import Obsolete_Knob


class CurveKnob(Obsolete_Knob):
    pass
