# SPDX-License-Identifier: Apache-2.0
"""Which keyed frames a network is adapted to, so that a correction elsewhere changes nothing.

Mattes of the whole shot follow from these frames. Unless an artist names them, they are
those where objects are first shown: a key that is added later is not among them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stmatte.errors import StmatteError
from stmatte.plan.ranges import written
from stmatte.plan.said import Said


def adapted_to(said: Mapping[str, Said], named: Sequence[int]) -> tuple[int, ...]:
    """Return the frames that a shot's network learns from, ascending.

    said   object -> what was given for it
    named  frames that the shot's settings name; none means each object's first that shows it

    Raises StmatteError if nothing shows an object, or a named frame shows none.
    """
    shown = [tuple(f for f, given in each.items() if not given.absent) for each in said.values()]
    if not any(shown):
        raise StmatteError(
            "There is nothing to adapt the network to: no key shows an object",
            allowed="at least one frame carries a matte that is not empty",
            repair="Key an object, or set adapt to 0",
        )
    if not named:
        return tuple(sorted({min(frames) for frames in shown if frames}))
    there = {frame for frames in shown for frame in frames}
    for frame in named:
        if frame not in there:
            raise StmatteError(
                f"The network is to be adapted to frame {frame}, where nothing is keyed",
                value=frame,
                allowed=f"frames with a matte that shows something: {written(sorted(there))}",
                repair="Name other frames in adapt_on, or leave it out",
            )
    return tuple(sorted(set(named)))
