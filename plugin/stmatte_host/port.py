# SPDX-License-Identifier: Apache-2.0
"""What a host must be able to show. It is all that STMatte wants of one.

What a host has to say goes the other way, as a `HostShot`: it is gathered when the artist presses
the button, and only the host knows how, and how long rasterising may take.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from .strip import Marks


class State(Enum):
    """What a propagation does at the moment."""

    OPENING = "opening"
    WAITING = "waiting"
    LEARNING = "learning"
    WORKING = "working"
    INTERRUPTED = "interrupted"
    CANCELLING = "cancelling"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True)
class Progress:
    """How far a propagation is.

    state         opening: the engine starts, or reads the shot; waiting: for the first frame;
                  learning: the network learns the keys before it; interrupted: the engine is
                  started again
    done, frames  so many frames of so many; 0 of 0 while that is not known
    step, steps   so many steps of so many, while it learns
    frame         the frame that was done last, or None
    seconds       what it took
    skipped       frame -> sentence, for frames that were left out; known at the end
    """

    state: State
    done: int = 0
    frames: int = 0
    frame: int | None = None
    seconds: float = 0.0
    skipped: Mapping[int, str] = field(default_factory=dict)
    step: int = 0
    steps: int = 0

    @property
    def share(self) -> float:
        """How full its bar is, 0 to 1: of the steps while it learns, else of the frames."""
        learning = self.state is State.LEARNING
        part, whole = (self.step, self.steps) if learning else (self.done, self.frames)
        return part / whole if whole else 0.0

    @property
    def over(self) -> bool:
        """Whether nothing more comes."""
        return self.state in (State.DONE, State.CANCELLED, State.FAILED)


class HostPort(Protocol):
    """A host's side. Every method is called on the host's main thread, and must not wait."""

    def show_progress(self, progress: Progress) -> None:
        """Show how far it is; the last one is `over`."""

    def show_marks(self, marks: Marks) -> None:
        """Show the strip."""

    def frame_ready(self, frame: int, path: str) -> None:
        """Take the file of this frame's mattes: it is new, or is told for the first time."""

    def show_note(self, sentence: str) -> None:
        """Show something that the artist should know, and that stops nothing."""

    def show_error(self, sentence: str) -> None:
        """Show what went wrong, unchanged."""
