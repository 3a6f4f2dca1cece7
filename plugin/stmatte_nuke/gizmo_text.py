# SPDX-License-Identifier: Apache-2.0
"""The whole of STMatte.gizmo: a Group of stock nodes, as Nuke reads it.

`python -m stmatte_nuke.gizmo_text FILE`, in plugin/, writes it; what is committed is held to it
by a test. A Group and no Gizmo: what lands in a script renders where STMatte never was. Pure.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from .knob_list import BUTTON, KNOBS, TAB, TEXT, KnobLine
from .tcl import listed, node_text, value, word
from .wiring import InsideNode, inside, layers

CLASS = "STMatte"
"""What an artist types after Tab, and what the gizmo's file is called."""

_PRESS = """\
import nuke
try:
    import stmatte_nuke
except ImportError as error:
    said = ("STMatte's buttons need its folder nuke_gizmo on NUKE_PATH (%s). "
            "Mattes that are there already are read and rendered without it." % error)
    if nuke.GUI:
        nuke.message(said)
    else:
        raise RuntimeError(said)
else:
    stmatte_nuke.press(nuke.thisNode(), "{name}")"""


def gizmo_text() -> str:
    """Return what STMatte.gizmo holds."""
    return group_text(f"{CLASS}1", {}, ())  # numbered, as Nuke numbers its own


def group_text(
    name: str,
    said: Mapping[str, str],
    objects: Sequence[str],
    *,
    uncertainty: bool = False,
    crypto_levels: int = 0,
) -> str:
    """Return an STMatte node as a script has it.

    name     of the node
    said     values of knobs that differ from a fresh node's, as text
    objects  engine's names of the objects; the rest is as in wiring.inside
    """
    known = layers(objects, uncertainty=uncertainty, crypto_levels=crypto_levels)
    nodes = inside(objects, uncertainty=uncertainty, crypto_levels=crypto_levels)
    lines = ["Group {", " inputs 2", f" name {word(name)}"]
    lines += [line for knob in KNOBS for line in _knob_lines(knob, said, objects)]
    lines.append("}")
    lines += [f"add_layer {listed(layer)}" for layer in known]
    lines += _stacked(nodes)
    return "\n".join([*lines, "end_group", ""])


def button_script(name: str) -> str:
    """Return the Python of a button: it says what is missing where STMatte isn't installed."""
    return _PRESS.replace("{name}", name)


def _knob_lines(knob: KnobLine, said: Mapping[str, str], objects: Sequence[str]) -> Iterator[str]:
    """The line that defines a knob, and the line that sets it."""
    chosen = said.get(knob.name, knob.default)
    items = tuple(objects) if knob.name == "object" and objects else knob.items
    if knob.name == "object" and chosen not in items:
        chosen = items[0]
    parts = [str(knob.kind), word(knob.name)]
    if knob.label or knob.kind != TAB:
        parts += ["l", word(knob.label)]
    if knob.tooltip:
        parts += ["t", word(knob.tooltip)]
    if items:
        parts += ["M", listed(items)]
    if knob.kind == BUTTON:
        parts += ["T", word(button_script(knob.name))]
    elif knob.kind == TEXT and chosen:
        parts += ["T", word(chosen)]
    parts += ["R", knob.limits] if knob.limits else []
    parts += ["n", str(knob.fold)] if knob.fold else []
    yield f" addUserKnob {{{' '.join([*parts, *knob.flags])}}}"
    if chosen and knob.kind not in (TAB, BUTTON, TEXT):
        yield f" {knob.name} {value(chosen)}"


def _stacked(nodes: Sequence[InsideNode]) -> Iterator[str]:
    """The nodes in Nuke's stack order: inputs are pushed, the first one last."""
    for node in nodes:
        for source in reversed(node.inputs):
            yield "push 0" if source is None else f"push $N{source}"
        number = str(len(node.inputs))
        head = [] if number == "1" else [("inputs", number)]
        yield node_text(node.kind, [*head, *node.knobs.items(), ("name", node.name)], " ").rstrip()
        if node.kind != "Output":
            yield f"set N{node.name} [stack 0]"


def main() -> int:
    """Write the gizmo to the file that is named."""
    Path(sys.argv[1]).write_bytes(gizmo_text().encode("utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
