# SPDX-License-Identifier: Apache-2.0
"""What the panels show of each node group, by the group's `session_uid`.

That number outlives undo and renaming; nothing of what is shown goes into the .blend. Without
Blender, so that it is tested without.
"""

from __future__ import annotations

from .stmatte_host.shown import KeyRow, Shown

__all__ = ["KeyRow", "Shown", "forget", "of"]

about_engine = ""
"""What is to be said of an engine that is not of the extension's version."""

_groups: dict[int, Shown] = {}


def of(uid: int) -> Shown:
    """Return what is shown of the group with this `session_uid`; it begins empty."""
    return _groups.setdefault(uid, Shown())


def forget() -> None:
    """Forget all: another file is loaded."""
    _groups.clear()
