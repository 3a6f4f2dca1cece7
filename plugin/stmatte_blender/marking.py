# SPDX-License-Identifier: Apache-2.0
"""What an artist says of frames: absent here, locked, a key ignored.

Pure, without Blender: from one state to the next. Frames are scene frames.
"""

from __future__ import annotations

from dataclasses import replace

from . import spans
from .state import KINDS, NodeMark, NodeState

_GONE = {
    "clear": KINDS,
    "absent": ("absent", "locked"),
    "locked": ("absent", "locked"),
    "ignored": ("ignored",),
}
"""The marks whose place a new one takes."""


def marked(state: NodeState, name: str, kind: str, first: int, last: int) -> NodeState:
    """Return the state with a mark on first..last of an object; "clear" takes all away there.

    A frame is either absent or locked: the later mark counts. Ignoring a key is apart.
    """
    marks = [mark for mark in state.marks if mark.object != name]
    for each in KINDS:
        ranges = [(m.first, m.last) for m in state.marks if (m.object, m.kind) == (name, each)]
        if each in _GONE[kind]:
            ranges = list(spans.without(ranges, first, last))
        if each == kind:
            ranges.append((first, last))
        frames = (frame for a, b in ranges for frame in range(a, b + 1))
        marks += [NodeMark(name, each, a, b) for a, b in spans.runs(frames)]
    return replace(state, marks=tuple(marks))
