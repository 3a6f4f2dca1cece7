# SPDX-License-Identifier: Apache-2.0
"""On which frames the knobs of a node are keyed.

Any knob counts, for whoever keys a blur keys what the matte looks like. A knob with a single key
abstains, as with a Roto's transform; one that follows an expression has no keys of its own.
"""

from __future__ import annotations

from typing import Any

import nuke

from . import rotos
from .key_times import Family

_NOT_SEEN = frozenset(
    (
        *("xpos", "ypos", "selected", "label", "tile_color", "gl_color", "note_font_color"),
        *("lifetimeStart", "lifetimeEnd", "useLifetime", "indicators", "curves"),
    )
)


def families(node: nuke.Node, *, roto: bool = False) -> tuple[tuple[Family, ...], tuple[str, ...]]:
    """Return what of a node's knobs is keyed, and what an artist should know of it.

    roto  only what a Roto has as a node
    """
    found: list[Family] = []
    followed: list[str] = []
    for name, knob in sorted(node.knobs().items()):
        if name in _NOT_SEEN or (roto and name not in rotos.OWN_KNOBS):
            continue
        times: set[float] = set()
        for curve in curves_of(knob):
            if curve.noExpression():
                times |= {float(key.x) for key in curve.keys()}  # noqa: SIM118  no mapping
            elif name not in followed:
                followed.append(name)
        if times:
            found.append(Family(f'"{name}" of "{node.name()}"', tuple(sorted(times))))
    which = ", ".join(f'"{name}"' for name in followed)
    note = (
        f'{which} of "{node.name()}" follows an expression, whose motion has no keys of its own. '
        "Key other frames by Key here."
    )
    return tuple(found), (note,) if followed else ()


def curves_of(knob: Any) -> tuple[Any, ...]:
    """Return the curves of a knob; () for knobs that can't be animated or aren't."""
    animations = getattr(knob, "animations", None)
    if animations is None or not (knob.isAnimated() or knob.hasExpression()):
        return ()
    return tuple(animations() or ())
