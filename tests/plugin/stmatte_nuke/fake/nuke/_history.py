# SPDX-License-Identifier: Apache-2.0
"""The undo list: steps, each of them changes that can be taken back and done again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable


@dataclass
class Step:
    """What one undo takes back."""

    name: str
    changes: list[tuple[Callable[[], None], Callable[[], None]]] = field(default_factory=list)


@dataclass
class History:
    """Steps done and undone. A change outside every open step is a step of its own."""

    done: list[Step] = field(default_factory=list)
    undone: list[Step] = field(default_factory=list)
    open: list[Step] = field(default_factory=list)
    off: int = 0
    replaying: bool = False

    def note(self, back: Callable[[], None], forth: Callable[[], None]) -> None:
        """Keep a change, unless undo is disabled just now."""
        if self.off or self.replaying:
            return
        if not self.open:
            self.begin("")
            self.note(back, forth)
            self.end()
            return
        self.open[0].changes.append((back, forth))

    def begin(self, name: str) -> None:
        """Open a step; a step inside another belongs to the outer one."""
        self.open.append(Step(name))

    def end(self) -> None:
        """Close the step; one in which nothing changed leaves no trace."""
        step = self.open.pop()
        if not self.open and step.changes:
            self.done.append(step)
            self.undone.clear()

    def cancel(self) -> None:
        """Take back all that was done in the open step and forget it."""
        self.replay([back for back, _ in reversed(self.open[0].changes)])
        self.open[0].changes.clear()
        self.open.pop()

    def undo(self) -> None:
        """Take the last step back, if there is one."""
        if self.done:
            step = self.done.pop()
            self.undone.append(step)
            self.replay([back for back, _ in reversed(step.changes)])

    def redo(self) -> None:
        """Do the last step that was taken back again."""
        if self.undone:
            step = self.undone.pop()
            self.done.append(step)
            self.replay([forth for _, forth in step.changes])

    def replay(self, calls: list[Callable[[], None]]) -> None:
        """Run changes without noting them."""
        self.replaying = True
        try:
            for call in calls:
                call()
        finally:
            self.replaying = False
