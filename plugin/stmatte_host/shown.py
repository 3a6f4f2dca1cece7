# SPDX-License-Identifier: Apache-2.0
"""What a host's panel shows of a node: plain text and numbers, ready to be drawn.

A panel is drawn many times a second and must neither wait nor compute; it only reads what lies
here. Whoever learns something writes it here. Frames are the host's.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class KeyRow:
    """One key of one object, as the key list shows it.

    frame  the host's frame number
    state  "new": the engine has not seen it as it is now; "sent": the engine has it, mattes in its
           reach are stale; "fresh": they are not; "ignored", "locked" or "absent": it isn't heard
    """

    object: str
    frame: int
    state: str


@dataclass
class Shown:
    """How it stands with one node.

    running   something is under way, so Cancel makes sense
    line      progress as a sentence
    share     0 to 1, for a bar
    error     the sentence of the last error, unchanged; "" if there is none
    notes     sentences that stop nothing
    touched   a line for each object whose mattes would be computed now
    stale     object -> frames that would be computed now
    forecast  what that would take
    keys      the key list
    strip     object -> ((mark, frames), ...)
    advice    where a next key would help most; "" if nobody asked
    lacking   what is missing or stale for a render; "" if nothing is
    edited    a shape was edited since the engine was asked
    ticks     (time, frames done), from which the speed is told
    """

    running: bool = False
    line: str = ""
    share: float = 0.0
    error: str = ""
    notes: list[str] = field(default_factory=list)
    touched: tuple[str, ...] = ()
    stale: dict[str, tuple[int, ...]] = field(default_factory=dict)
    forecast: str = ""
    keys: tuple[KeyRow, ...] = ()
    strip: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    advice: str = ""
    lacking: str = ""
    edited: bool = False
    ticks: list[tuple[float, int]] = field(default_factory=list)

    def begin(self) -> None:
        """Forget what was said of the press before."""
        self.error = self.advice = self.lacking = ""
        self.notes.clear()
        self.ticks.clear()
        self.edited = False
