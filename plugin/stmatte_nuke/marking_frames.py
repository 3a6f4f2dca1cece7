# SPDX-License-Identifier: Apache-2.0
"""What the buttons under *Keys* do: say of frames of the chosen object what the engine shall know.

The marks are text in a knob, so that they are undone, copied and saved as all knobs are. The engine
hears of them at the next press of Propagate or Refresh; until then the node says so.
"""

from __future__ import annotations

import nuke

from stmatte_host import EngineError, locks, marking, spans

from . import knobs, places, state
from .knob_list import NO_OBJECT
from .marks_text import frames_meant, marks_in, text_of

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
    name = chosen(group)
    ranges = frames_meant(knobs.text(group, "mark_frames"), nuke.frame())
    marks = marks_in(knobs.text(group, "marks"))
    if kind == "locked":
        out = places.out_of(group)
        frames = [frame for first, last in ranges for frame in range(first, last + 1)]
        locks.keep_approved(out.beside, out.files(), name, frames)
    for first, last in ranges:
        marks = marking.marked(marks, name, kind, first, last)
    knobs.put(group, "marks", text_of(marks))
    return f'"{name}" {SAID[kind]} at {spans.frames_of(ranges)}. Propagate hears of it.'


def chosen(group: nuke.Node) -> str:
    """Return the object that the buttons mean: the one that is chosen for alpha, or the only one.

    Raises EngineError if there is none.
    """
    names = [each.name for each in state.rows(group)]
    said = knobs.text(group, "object")
    if said in names:
        return said
    if len(names) == 1:
        return names[0]
    if not names:
        raise EngineError("The node has no object yet", repair="Press Find objects")
    raise EngineError(
        "No object is chosen" if said in ("", NO_OBJECT) else f'There is no object "{said}"',
        allowed=f"the objects are {', '.join(names)}",
        repair="Choose one in the list `object`; Read mattes again brings the list up to date",
    )
