# SPDX-License-Identifier: Apache-2.0
"""One shape or layer of a Roto, alone: a copy of the node in which nothing else is left.

The layers above it stay, for they move it. What the Roto draws over is not asked for.
"""

from __future__ import annotations

from typing import Any

import nuke
import nuke.rotopaint as rp

from stmatte_host import EngineError

from . import rotos
from .untouched import Make

_SEEN = (
    "cliptype",
    "motionblur_mode",
    "global_motionblur",
    "global_motionblur_shutter",
    "global_motionblur_shutter_offset",
    "global_motionblur_shutter_offset_type",
)
"""Knobs of a Roto by which its shapes look as they do, whatever it draws into or over."""


def alone(make: Make, node: nuke.Node, path: str, plate: nuke.Node | None) -> nuke.Node:
    """Return a new node that shows one shape or layer of the Roto behind a node.

    path   "Layer1/hero"
    plate  whose format it is to have, where the Roto clips to its format

    Raises EngineError where there is no Roto, or no such shape in it.
    """
    roto = roto_for(node, path)
    rotos.chain(rotos.curves_of(roto), path)
    copy = make(roto.Class())
    _take_over(roto, copy)
    if plate is not None and copy.knob("format") is not None:
        format_knob: Any = copy["format"]
        format_knob.setValue(plate.format())
    leave_only(rotos.curves_of(copy), path)
    return copy


def roto_for(node: nuke.Node, path: str) -> nuke.Node:
    """Return the Roto behind a node. Raises EngineError where there is none."""
    roto = rotos.roto_behind(node)
    if roto is None:
        raise EngineError(
            f'The source "shape {path}" needs a Roto, and "{node.name()}" is none',
            allowed="between the Roto and the input roto may be Dots only",
            repair='Connect the Roto itself, or choose the source "roto" or a channel',
        )
    return roto


def leave_only(curves: rp.CurveKnob, path: str) -> None:
    """Remove all but one shape or layer, and the layers above it, from a Roto's tree.

    Raises EngineError where there is no such shape.
    """
    names = [each.name for each in rotos.chain(curves, path)[1:]]
    within: rp.Element = curves.rootLayer
    for name in names:
        if isinstance(within, rp.Layer):
            for index in reversed(range(len(within))):
                if within[index].name != name:
                    within.remove(index)
            within = within[0]  # asked anew: what was held before a change may be stale in Nuke
    curves.changed()


def _take_over(roto: nuke.Node, copy: nuke.Node) -> None:
    """Give a copy what a Roto's shapes look like; where and through which mask is not asked."""
    for name in _SEEN:
        knob, there = roto.knob(name), copy.knob(name)
        if knob is not None and there is not None and knob.toScript() != there.toScript():
            there.fromScript(knob.toScript())
    output: Any = copy["output"]
    output.setValue("alpha")
    copy["curves"].fromScript(roto["curves"].toScript())
