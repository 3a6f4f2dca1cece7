# SPDX-License-Identifier: Apache-2.0
"""What a name in an expression means: `parent.first`, `root.name`, `Roto1.opacity`, `first`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._seat import seat

if TYPE_CHECKING:
    from ._group import Group
    from ._knob import Knob
    from ._node import Node


@dataclass(frozen=True)
class Found:
    """A knob, and which of its channels; -1 is all."""

    knob: Knob
    channel: int = -1

    def text(self) -> str:
        """Return the value as Tcl's `value` gives it."""
        value = self.knob.value()  # type: ignore[attr-defined]
        if isinstance(value, bool):
            return str(value).lower()
        return str(value)

    def number(self, frame: float) -> float:
        """Return the value as an expression sees it."""
        from ._number_knobs import Array_Knob

        if not isinstance(self.knob, Array_Knob):
            raise RuntimeError(f'the knob "{self.knob._name}" has no number')
        return self.knob._at(frame, max(self.channel, 0))


def find(path: str, node: Node | None) -> Found | None:
    """Return the knob that a dotted name means, seen from a node; None where there is none."""
    parts = path.split(".")
    here: Node | None = node
    while len(parts) > 1:
        step = _step(parts[0], here)
        if step is None:
            break
        here, parts = step, parts[1:]
    if here is None:
        here = seat().root
    knob = here._knobs.get(parts[0])
    if knob is None or len(parts) > 2:
        return None
    if len(parts) == 1:
        return Found(knob)
    fields = {"x": 0, "r": 0, "y": 1, "g": 1, "z": 2, "b": 2, "w": 2, "a": 3, "h": 3, "t": 3}
    channel = fields.get(parts[1], int(parts[1]) if parts[1].isdigit() else -1)
    return Found(knob, channel) if channel >= 0 else None


def _step(name: str, here: Node | None) -> Node | None:
    from ._group import Group

    if name == "this":
        return here
    if name == "root":
        return seat().root
    if name == "parent":
        # Seen from a knob of the group itself, `parent` is the group's own parent.
        return here._parent if here is not None else None
    if here is not None and name in here._knobs:
        return None
    around: Group | None = here._parent if here is not None else seat().root
    if isinstance(here, Group) and here._child(name) is not None:
        around = here
    return around._child(name) if around is not None else None
