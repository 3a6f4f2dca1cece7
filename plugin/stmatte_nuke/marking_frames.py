# SPDX-License-Identifier: Apache-2.0
"""What the buttons under *Keys* do: say of frames of the chosen object what the engine shall know.

The marks are text in a knob, so that they are undone, copied and saved as all knobs are. The engine
hears of them at the next press of Propagate or Refresh; until then the node says so.
"""

from __future__ import annotations

import nuke

from stmatte_host import locks, marking, spans

from . import knobs, places, state
from .marks_text import frames_meant

SAID = {
    "keyed": "is a key",
    "ignored": "is no key",
    "absent": "is absent",
    "locked": "is locked",
    "clear": "has no marks",
}


def mark(group: nuke.Node, kind: str) -> str:
    """Say something of the frames that the node means, and return it as a sentence.

    kind  one of `marking.KINDS`, or "clear"

    Raises EngineError for what a person can mend; nothing is changed then.
    """
    name = state.chosen(group)
    ranges = frames_meant(knobs.text(group, "mark_frames"), nuke.frame())
    marks = state.marks(group)
    if kind == "locked":
        out = places.out_of(group)
        frames = [frame for first, last in ranges for frame in range(first, last + 1)]
        locks.keep_approved(out.beside, out.files(), name, frames)
    for first, last in ranges:
        marks = marking.marked(marks, name, kind, first, last)
    state.put_marks(group, marks)
    return f'"{name}" {SAID[kind]} at {spans.frames_of(ranges)}. Propagate hears of it.'
