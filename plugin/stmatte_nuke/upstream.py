# SPDX-License-Identifier: Apache-2.0
"""Text that changes whenever what an input shows might look different: `DrawnKey.drawn`.

It says what all nodes above are set to, what their expressions mean now, and how old the files are
that they read. It may say too much, and then something is rendered once more; it must not say too
little. A Roto that is connected directly is asked for what it shows on a frame, so that a key that
somebody moved makes one key new and not all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nuke
import nuke.rotopaint as rp

from . import above, file_sequence, lone_shape, reads, roto_keys, rotos
from .rendering import source_node
from .sources import Source

_LOOKS = frozenset(  # of a node in the graph, not of its picture
    (
        *("xpos", "ypos", "selected", "label", "icon", "help", "hide_input", "cached", "version"),
        *("postage_stamp", "postage_stamp_frame", "dope_sheet", "bookmark", "tile_color"),
        *("gl_color", "note_font", "note_font_size", "note_font_color", "indicators"),
        *("autolabel", "onCreate", "onDestroy", "updateUI", "knobChanged", "panelDropped"),
    )
)
_NO_STATE = ("Text_Knob", "PyScript_Knob", "Script_Knob", "Tab_Knob", "Help_Knob", "Obsolete_Knob")
_PROJECT = ("format", "fps", "colorManagement", "OCIO_config", "customOCIOConfigPath", "views")
_PROJECT_TOO = ("workingSpaceLUT", "project_directory", "luts")


@dataclass(frozen=True)
class Upstream:
    """What is above an input.

    said   text of all of it, but for the shapes of `roto`
    roto   a Roto whose shapes are asked for on each frame; None where they are in `said`
    shape  the shape or layer of it that is meant, "" for all
    view   of the script
    """

    said: str
    roto: nuke.Node | None
    shape: str
    view: str

    def drawn(self, frame: int) -> str:
        """Return text that changes whenever this frame might look different."""
        if self.roto is None:
            return self.said
        curves = rotos.curves_of(self.roto)
        return "\n".join((self.said, *_shapes(curves, self.shape, frame, self.view)))


def read(group: nuke.Node, source: Source, view: str) -> Upstream:
    """Return what is above an object's source; ask it once for many keys.

    Raises EngineError where the input or the shape is missing.
    """
    node = source_node(group, source.input_number)
    roto = lone_shape.roto_for(node, source.shape) if source.shape else rotos.roto_behind(node)
    if roto is not None and _blurred(roto, source.shape):
        roto = None  # frames beside it are seen, too
    start = node if roto is None or not source.shape else roto
    beyond = () if roto is None else (roto.fullName(),)
    alone = bool(source.shape and roto is not None)
    said = "\n".join((source.text, *_said(start, view, beyond, alone=alone)))
    return Upstream(said, roto, source.shape, view)


def said_upstream(node: nuke.Node, view: str) -> str:
    """Return text that changes whenever what a node shows might look different."""
    return "\n".join(_said(node, view, (), alone=False))


def digest(text: str) -> str:
    """Return a short name for a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _said(node: nuke.Node, view: str, shapeless: tuple[str, ...], *, alone: bool) -> Iterator[str]:
    """Yield what is said of the project and of each node.

    shapeless  full names of Rotos whose shapes are left out
    alone      only the node itself is looked at, not what is connected to it
    """
    yield f"Nuke {nuke.NUKE_VERSION_STRING}"
    yield f"view {view}"
    root: Any = nuke.root()
    for name in (*_PROJECT, *_PROJECT_TOO):
        if root.knob(name) is not None:
            yield f"{name} {_value(root.knob(name))}"
    waiting = [node] if alone else list(above.walk(node))
    known: set[str] = set()
    while waiting:
        each = waiting.pop(0)
        if each.fullName() in known or each.Class() in ("Root", "Viewer"):
            continue
        known.add(each.fullName())
        yield from _node(each, view, each.fullName() in shapeless)
        waiting.extend(each.dependencies(nuke.EXPRESSIONS))


def _node(node: nuke.Node, view: str, shapeless: bool) -> Iterator[str]:
    connected = (node.input(number) for number in range(node.inputs()))
    names = " ".join("-" if each is None else each.fullName() for each in connected)
    yield f"{node.Class()} {node.fullName()} < {names}"
    for name, knob in sorted(node.knobs().items()):
        if name in _LOOKS or knob.Class() in _NO_STATE:
            continue
        if node.Class() in above.ROTOS and not _of_a_roto(name, shapeless):
            continue
        yield f" {name} {_value(knob)}"
        if knob.Class() == "File_Knob":
            yield from _files(node, name, knob, view)


def _value(knob: Any) -> str:
    """Return what a knob is set to, and what its expression gives, whatever the current frame."""
    try:
        said = str(knob.toScript())
        if "[" in said:
            return f"{said} = {_meant(knob)}"
        return f"{said} = {knob.getValueAt(0)!r}" if knob.hasExpression() else said
    except (RuntimeError, TypeError, ValueError, AttributeError):  # there are knobs of any kind
        return ""


def _meant(knob: Any) -> str:
    """Return what the Tcl in a text says; not by `evaluate`, which puts the current frame in."""
    text = getattr(knob, "value", lambda: "")()
    return str(nuke.tcl("subst", text)) if isinstance(text, str) else ""


def _files(node: nuke.Node, name: str, knob: Any, view: str) -> Iterator[str]:
    """Yield how old and how large the files of a knob are."""
    path = reads.path_of(node) if name == "file" else ""
    path = path or str(knob.value() or "")
    if not path:
        return
    yield f"  {path}"
    sequence = file_sequence.sequence(path, view, reads.project_folder(), any_type=True)
    if sequence is None:
        yield _age(Path(file_sequence.plain(path)))
    else:
        for _, entry in sorted(sequence.there().items()):
            yield _age(Path(entry.path))


def _age(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return f"  {path.name} -"
    return f"  {path.name} {found.st_size} {found.st_mtime_ns}"


def _of_a_roto(name: str, shapeless: bool) -> bool:
    return name in rotos.OWN_KNOBS or name == "format" or (name == "curves" and not shapeless)


def _blurred(roto: nuke.Node, shape: str) -> bool:
    """Return whether a Roto may show more of its shapes than those of the frame itself."""
    mode = roto.knob("motionblur_mode")
    if mode is not None and mode.value() == "global":
        return True
    for chain in roto_keys.chains(rotos.curves_of(roto), shape):
        for each in chain:
            if isinstance(each, (rp.Layer, rp.Shape, rp.Stroke)):
                attributes = each.getAttributes()
                curve = attributes.getCurve("mbo", roto_keys.VIEW)
                if curve.getNumberOfKeys() or curve.evaluate(0):
                    return True
    return False


def _shapes(curves: rp.CurveKnob, shape: str, frame: int, view: str) -> Iterator[str]:
    """Yield what the shapes of a Roto are on a frame: points, transforms, attributes."""
    for chain in roto_keys.chains(curves, shape):
        for each in chain:
            if isinstance(each, (rp.Layer, rp.Shape, rp.Stroke)):
                yield f"{type(each).__name__} {each.name} {each.getVisible(frame)}"
                yield _numbers(each.getTransform().evaluate(frame, view).getMatrix())
                attributes = each.getAttributes()
                named = [attributes.getName(index) for index in range(len(attributes))]
                values = [_number(attributes.getValue(frame, name, view)) for name in named]
                yield " ".join(map("{} {}".format, named, values))
        drawn = chain[-1]
        if isinstance(drawn, (rp.Shape, rp.Stroke)):
            yield f"open {drawn.getFlag(rp.FlagType.eOpenFlag)}"
            for point in roto_keys.control_points(drawn):
                place = point.getPosition(frame, view)
                yield " ".join(map(_number, (place.x, place.y, place.z)))


def _numbers(matrix: Any) -> str:
    return " ".join(_number(matrix[index]) for index in range(16))


def _number(value: float) -> str:
    """Return a number without the noise that a new key elsewhere leaves in it, -0.0 for one."""
    return f"{round(float(value), 5) + 0.0:.5f}"
