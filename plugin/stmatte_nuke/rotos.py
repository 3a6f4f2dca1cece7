# SPDX-License-Identifier: Apache-2.0
"""The tree of shapes in a Roto: which there are, how to reach one, what an artist calls it.

Knows the tree, not its keys and not its picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Union, cast

import nuke
import nuke.rotopaint as rp

from stmatte_host import EngineError

from . import above

if TYPE_CHECKING:
    Drawn = Union[rp.Shape, rp.Stroke]

OWN_KNOBS = frozenset(
    (
        *("channels", "output", "outputMask", "cliptype", "premultiply", "replace", "disable"),
        *("mask", "Mask", "maskChannel", "maskChannelInput", "maskChannelMask", "maskFrom"),
        *("maskFromFlag", "invert_mask", "process_mask", "fringe", "inject", "link_output", "mix"),
        *("motionblur_mode", "global_motionblur", "global_motionblur_shutter"),
        *("global_motionblur_shutter_offset", "global_motionblur_shutter_offset_type"),
    )
)
"""What a Roto is set to as a node. Its other knobs show what the chosen shape has, or a tool."""


@dataclass(frozen=True)
class ShapeFound:
    """A shape, a stroke or a layer of a Roto that may be an object.

    path  names below the root, "Layer1/hero"
    kind  "layer", "shape" or "stroke"
    """

    path: str
    kind: str

    @property
    def name(self) -> str:
        """What the artist calls it."""
        return self.path.rpartition("/")[2]


def roto_behind(node: nuke.Node | None) -> nuke.Node | None:
    """Return the Roto or RotoPaint whose picture a node passes on unchanged; None for others."""
    seen = above.seen_through(node)
    return seen if seen is not None and seen.Class() in above.ROTOS else None


def curves_of(roto: nuke.Node) -> rp.CurveKnob:
    """Return the knob that holds a Roto's tree. Raises EngineError where a node has none."""
    knob = roto.knob("curves")
    if knob is None or not hasattr(knob, "rootLayer"):
        raise EngineError(
            f'"{roto.name()}" is no Roto',
            allowed="shapes are in Roto and RotoPaint nodes",
            repair="Connect one of these to the input roto",
        )
    return cast("rp.CurveKnob", knob)


def shapes(roto: nuke.Node) -> tuple[ShapeFound, ...]:
    """Return the objects that a Roto offers: its top layers with something in, and lone shapes."""
    found = []
    for each in curves_of(roto).rootLayer:
        if isinstance(each, rp.Layer):
            if any(True for _ in drawn_in(each)):
                found.append(ShapeFound(each.name, "layer"))
        elif isinstance(each, (rp.Shape, rp.Stroke)):
            found.append(ShapeFound(each.name, _kind(each)))
    return tuple(found)


def chain(curves: rp.CurveKnob, path: str) -> tuple[rp.Element, ...]:
    """Return a path's elements from the root down to the one that is meant.

    path  "" means the root

    Raises EngineError where the Roto has no such shape or layer, or several of that name.
    """
    root: rp.Layer = curves.rootLayer
    steps: list[rp.Element] = [root]
    for name in path.split("/") if path else ():
        within = steps[-1]
        inside = tuple(within) if isinstance(within, rp.Layer) else ()
        named = [each for each in inside if each.name == name]
        if len(named) != 1:
            raise _not_found(curves, path, len(named))
        steps.append(named[0])
    return tuple(steps)


def drawn_in(element: rp.Element) -> Iterator[tuple[tuple[rp.Element, ...], Drawn]]:
    """Yield each shape and stroke of an element, with the layers between them, the upper first."""
    if isinstance(element, rp.Layer):
        for each in element:
            for layers, drawn in drawn_in(each):
                yield (element, *layers), drawn
    elif isinstance(element, (rp.Shape, rp.Stroke)):
        yield (), element


def _kind(element: rp.Element) -> str:
    return "stroke" if isinstance(element, rp.Stroke) else "shape"


def _not_found(curves: rp.CurveKnob, path: str, count: int) -> EngineError:
    whose = f'The Roto "{curves.node().name()}"'
    if count:
        return EngineError(
            f'{whose} has {count} shapes or layers "{path}"',
            allowed="a source names one",
            repair="Rename one of them in the Roto",
        )
    names = ", ".join(f'"{each.path}"' for each in _listed(curves.rootLayer, "")) or "none"
    return EngineError(
        f'{whose} has no shape or layer "{path}"',
        allowed=f"it has {names}",
        repair="Correct the object's source, or press Find objects",
    )


def _listed(layer: rp.Layer, above_it: str) -> Iterator[ShapeFound]:
    for each in layer:
        path = f"{above_it}{each.name}"
        if isinstance(each, rp.Layer):
            yield ShapeFound(path, "layer")
            yield from _listed(each, f"{path}/")
        else:
            yield ShapeFound(path, _kind(each))
