# SPDX-License-Identifier: Apache-2.0
"""From what the engine says to what a panel shows: the `HostPort` of a host that has a `Shown`.

Takes a gathered shot and what the artist asks of it, has a `Propagation` do it, and keeps what that
tells as plain text in the host's frames. Where the text is drawn, and what else a frame or an end
brings about, is the host's `Face`. Everything runs on the host's main thread and returns at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, Protocol

from . import spans, words
from .errors import EngineError
from .frames import frames_in
from .gathered import Gathered, SentKeys, files_of, key_rows
from .port import Progress, State
from .propagation import Propagation
from .session import Session
from .shown import Shown
from .strip import Marks

_MOST_SKIPPED = 5
"""Frames that were left out and are told one by one."""


class Face(Protocol):
    """What a host does besides keeping what is to be shown. Nothing of it may wait."""

    def redraw(self) -> None:
        """Have what is shown drawn anew: it is another now."""

    def say(self, sentence: str) -> None:
        """Say it where a farm's log is; a panel shows it anyway."""

    def complain(self, sentence: str) -> None:
        """Say what went wrong where the host keeps errors; a panel shows it anyway."""

    def take_frame(self, gathered: Gathered, frame: int, path: str) -> None:
        """Have the host show a plate frame's file: it is new, or told for the first time."""

    def keep_exposure(self, gathered: Gathered, stops: float) -> None:
        """Keep what the engine measured on this plate, for the shot's settings."""

    def rest(self) -> None:
        """Nothing is being made any more: done, cancelled or failed."""


class Showing:
    """A shot's `HostPort`, and what the artist may ask of it.

    session  the way to the engine
    face     the host's side
    shown    where it is kept; the host reads it
    """

    def __init__(self, session: Session, face: Face, shown: Shown) -> None:
        self.shown = shown
        self.propagation = Propagation(session, self)
        self.gathered: Gathered | None = None
        """The shot as it was at the last press; None before the first."""
        self._session = session
        self._face = face
        self._sent: SentKeys = {}
        self._asked: str | None = None  # frames of a press that the engine has not yet opened
        self._left: set[int] = set()  # plate frames that take time; fresh ones take none
        self._looking = False  # the engine was asked how it stands, and has not answered
        self._planning = False  # the forecast was asked for and is not there
        self._suggest_then: Callable[[str, int], None] | None = None

    @property
    def busy(self) -> bool:
        """Whether an answer of the engine is still to come."""
        return self.propagation.running or self._looking or self._planning

    # What the artist asks for. What was said of the press before is forgotten by the host, which
    # calls `shown.begin` before it gathers: gathering has something to say, too.

    def look(self, gathered: Gathered) -> None:
        """Show what is stale, and compute nothing."""
        self._take(gathered)
        self._looking = True
        self.propagation.look(gathered.shot)

    def propagate(
        self,
        gathered: Gathered,
        playhead: int,
        which: str = "ALL",
        ranges: spans.Range | None = None,
    ) -> None:
        """Make mattes, those under the playhead first.

        playhead  the host's frame; outside the shot, the nearest one counts
        which     "ALL", "SPAN" (the one under the playhead) or "RANGE"
        ranges    with RANGE first and last frame, as the host counts

        Raises EngineError if the range has no frame of the shot.
        """
        self._take(gathered)
        offset, first, last = gathered.offset, gathered.first, gathered.last
        around = min(max(playhead, first), last)
        frames = ""
        if which == "SPAN":
            ranges = spans.span_under(gathered.heard, first, last, around)
        if which != "ALL" and ranges is not None:
            inside = spans.within([ranges], first, last)
            if not inside:
                raise EngineError(
                    f"Frames {ranges[0]}-{ranges[1]} are not in the shot",
                    allowed=f"it has frames {first}-{last}",
                )
            frames = f"{inside[0][0] + offset}-{inside[0][1] + offset}"
        self._left, self._asked = set(), frames
        self.propagation.propagate(gathered.shot, first=around + offset, frames=frames)

    def suggest(self, gathered: Gathered, then: Callable[[str, int], None]) -> None:
        """Ask where a next key would help most; `then` gets the object and the host's frame."""
        self.look(gathered)
        self._suggest_then = then

    def cancel(self) -> None:
        """Stop within a frame; frames that are done stay."""
        self._suggest_then = None
        self.propagation.cancel()

    def _take(self, gathered: Gathered) -> None:
        self.shown.notes.extend(gathered.notes)
        self.gathered = gathered
        self._list_keys()

    # What the engine says: the `HostPort`.

    def show_progress(self, progress: Progress) -> None:
        """Show how far it is."""
        told = self.shown
        if progress.state is State.WORKING and progress.frame in self._left:
            self._left.discard(progress.frame)
            told.ticks.append((time.monotonic(), len(told.ticks)))
        told.running = not progress.over
        told.share = progress.share
        told.line = words.progress(
            progress.state.value,
            progress.done,
            progress.frames,
            words.speed(told.ticks),
            len(self._left),
            (progress.step, progress.steps),
        )
        for frame, why in list(progress.skipped.items())[:_MOST_SKIPPED]:
            told.notes.append(f"Frame {frame} was left out: {why}")
        self._face.say(told.line)
        if progress.over:
            self._face.rest()
            self._list_keys()
            self._ask_plan()
        self._face.redraw()

    def show_marks(self, marks: Marks) -> None:
        """Show the strip, in the host's frames, and what is stale."""
        offset, self._looking = self._offset, False
        told = self.shown
        if self.gathered is not None and self.propagation.shot_name:
            self._sent = files_of(self.gathered)
        told.strip = {
            name: words.strip({frame - offset: mark.value for frame, mark in by_frame.items()})
            for name, by_frame in marks.items()
        }
        told.stale = {
            name: tuple(frame - offset for frame in frames)
            for name, frames in self.propagation.stale.items()
        }
        told.touched = words.touched(told.stale)
        if self._asked is not None:
            stale = {frame for frames in self.propagation.stale.values() for frame in frames}
            self._left = stale & set(frames_in(self._asked)) if self._asked else stale
            self._asked = None
        if not self.propagation.running:
            self._list_keys()
            self._ask_plan()
        if self.gathered is not None and self.propagation.exposure:
            self._face.keep_exposure(self.gathered, self.propagation.exposure)
        self._ask_advice()
        self._face.redraw()

    def frame_ready(self, frame: int, path: str) -> None:
        """Have the host show a frame that is done, also where others are not there yet."""
        if self.gathered is not None:
            self._face.take_frame(self.gathered, frame, path)

    def show_note(self, sentence: str) -> None:
        """Show something that stops nothing."""
        if sentence not in self.shown.notes:
            self.shown.notes.append(sentence)
            self._face.say(sentence)
        self._face.redraw()

    def show_error(self, sentence: str) -> None:
        """Show what went wrong, unchanged."""
        self._looking, self._suggest_then = False, None
        self.shown.error = sentence
        self._face.complain(sentence)
        self._face.redraw()

    # How that comes about.

    @property
    def _offset(self) -> int:
        return 0 if self.gathered is None else self.gathered.offset

    def _list_keys(self) -> None:
        if self.gathered is not None:
            self.shown.keys = key_rows(self.gathered, self._sent, self.shown.stale)

    def _ask_plan(self) -> None:
        """Ask what is left to do; the answer comes later, one at a time."""
        name = self.propagation.shot_name
        if not name or self._planning:
            return
        self._planning = True

        def told(future: Future[Mapping[str, Any]]) -> None:
            self._planning = False
            if future.exception() is None:
                left = future.result()["forecast"]
                self.shown.forecast = words.forecast(left["frames"], left["seconds"], left["bytes"])
                self._face.redraw()

        self._session.plan(name).add_done_callback(told)

    def _ask_advice(self) -> None:
        """Ask for the next key, if somebody wants to know."""
        then, self._suggest_then = self._suggest_then, None
        if then is None or not self.propagation.shot_name:
            return
        offset, self._looking = self._offset, True

        def told(future: Future[Mapping[str, Any]]) -> None:
            self._looking = False
            error = future.exception()
            if error is not None:
                self.show_error(str(error))
                return
            advice = future.result().get("advice") or ()
            self.shown.advice = "Nothing is in doubt: no key would help."
            if advice:
                best = advice[0]
                frame = int(best["frame"]) - offset
                self.shown.advice = words.advice(best["object"], frame, best["reasons"])
                then(best["object"], frame)
            self._face.say(self.shown.advice)
            self._face.redraw()

        self._session.suggest(self.propagation.shot_name, 1).add_done_callback(told)
