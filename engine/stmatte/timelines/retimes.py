# SPDX-License-Identifier: Apache-2.0
"""How fast a clip runs through its plate, and which of the plate's time it shows.

Only what can be followed frame for frame is followed: constant speeds (`LinearTimeWarp`),
also backwards, and frozen frames. Any other retime is refused by its name: mattes on other
frames than those that are seen are worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction

from stmatte.errors import StmatteError
from stmatte.timelines.library import otio
from stmatte.timelines.times import During

_OF_TIME = re.compile(r"time\W?_?(warp|effect|remap|blend)|re-?time|speed|freeze|reverse", re.I)
_FINEST = 1_000_000

FASTEST = 1000
"""Speeds beyond this, forward or back, are a slip."""


def speed_of(effects: Iterable[otio.schema.Effect], clip: str) -> Fraction:
    """Return a clip's speed: 1 as shot, 2 twice as fast, 0 frozen, below 0 backwards.

    clip  the clip's name, for messages

    Raises StmatteError for a retime that has no constant speed.
    """
    speed = Fraction(1)
    for effect in effects:
        if not getattr(effect, "enabled", True):
            continue
        if isinstance(effect, otio.schema.FreezeFrame):
            speed *= 0
        elif isinstance(effect, otio.schema.LinearTimeWarp):
            speed *= _scalar(effect, clip)
        elif isinstance(effect, otio.schema.TimeEffect) or _OF_TIME.search(_names(effect)):
            raise StmatteError(
                f'Clip "{clip}" has the retime "{_called(effect)}"',
                value=_called(effect),
                allowed="constant speeds (LinearTimeWarp) and frozen frames (FreezeFrame) can be "
                "followed",
                repair="Render the retimed plate and cut it in, or matte it by stmatte propagate",
            )
    return speed


def _scalar(effect: otio.schema.LinearTimeWarp, clip: str) -> Fraction:
    scalar = float(effect.time_scalar)
    if not abs(scalar) <= FASTEST:  # NaN is not
        raise StmatteError(
            f'Clip "{clip}" runs at {scalar:g} times its speed',
            value=scalar,
            allowed=f"{FASTEST} times at most",
            repair="Export the timeline again",
        )
    return Fraction(scalar).limit_denominator(_FINEST)


def shown(start: Fraction, seconds: Fraction, step: Fraction, speed: Fraction) -> list[During]:
    """Return which of its plate's time a clip shows, in every way that it can be meant.

    start    time of the plate at the clip's first frame
    seconds  how long the clip is in the timeline, above 0
    step     how long a frame of the clip is
    speed    see `speed_of`
    returns  from the time of the first frame that is seen to that of the last, which is held
             for a frame and no longer, however fast the clip is. Two spans where the clip
             runs backwards: timelines don't agree whether `start` is then the first frame
             that is seen, or the earliest of the plate
    """
    way = max(seconds - step, Fraction(0)) * speed
    if way < 0:
        return [During(start + way, start), During(start, start - way)]
    return [During(start, start + way)]


def _names(effect: otio.schema.Effect) -> str:
    return f"{effect.effect_name} {effect.name} {effect.schema_name()}"


def _called(effect: otio.schema.Effect) -> str:
    return str(effect.effect_name or effect.name or effect.schema_name())
