# SPDX-License-Identifier: Apache-2.0
"""A node group's side of the engine: what the artist asks for it, and what is shown of it.

Gathers the shot, hands it to a `Propagation`, and keeps as plain text what that tells. The group is
looked up each time it is needed, because undo makes references stale. Starts and pumps nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import bpy

from . import group as groups
from . import rasterise, shots, shown
from .shots import Gathered
from .state import keep_state, mask_of, state_of
from .stmatte_host import (
    EngineError,
    KeyFile,
    Marks,
    Progress,
    Propagation,
    Session,
    State,
    frames_in,
    spans,
    words,
)
from .telling import redraw, to_console, to_info_log


class Port:
    """A node group's `HostPort`: keeps what is to be shown, and gives frames to the node.

    uid      the group's `session_uid`
    session  the way to the engine
    """

    def __init__(self, uid: int, session: Session) -> None:
        self.uid = uid
        self.shown = shown.of(uid)
        self.propagation = Propagation(session, self)
        self._session = session
        self._gathered: Gathered | None = None
        self._sent: dict[tuple[str, int], KeyFile] = {}
        self._asked: str | None = None  # frames of a press that the engine has not yet opened
        self._left: set[int] = set()  # plate frames that take time; fresh ones take none
        self._planning = False  # the forecast was asked for and is not there
        self._suggest_then: Callable[[str, int], None] | None = None
        self.looking = False
        """Whether the engine was asked how it stands and has not answered."""

    @property
    def group(self) -> bpy.types.NodeTree | None:
        """The node group, or None if it was removed meanwhile."""
        return groups.group_of(self.uid)

    @property
    def here(self) -> bpy.types.NodeTree:
        """The node group. Raises EngineError if it was removed meanwhile."""
        group = self.group
        if group is None:
            raise EngineError("The node was removed", repair="Undo that, or add another one")
        return group

    @property
    def busy(self) -> bool:
        """Whether an answer of the engine is still to come."""
        return self.propagation.running or self.looking or self._planning

    # What the artist asks for.

    def look(self, scene: bpy.types.Scene) -> None:
        """Show what is stale, and compute nothing but keys that changed."""
        gathered = self._gather(scene)
        self.looking = True
        self.propagation.look(gathered.shot)

    def propagate(
        self, scene: bpy.types.Scene, which: str = "ALL", ranges: spans.Range | None = None
    ) -> None:
        """Make mattes, those under the playhead first.

        which   "ALL", "SPAN" (the one under the playhead) or "RANGE"
        ranges  with RANGE first and last scene frame

        Raises EngineError for what a person can mend.
        """
        gathered = self._gather(scene)
        offset, first, last = gathered.plate.offset, gathered.first, gathered.last
        around = min(max(scene.frame_current, first), last)
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

    def suggest(self, scene: bpy.types.Scene, then: Callable[[str, int], None]) -> None:
        """Ask where a next key would help most; `then` is called with object and scene frame."""
        self.look(scene)
        self._suggest_then = then

    def cancel(self) -> None:
        """Stop within a frame; frames that are done stay."""
        self._suggest_then = None
        self.propagation.cancel()

    def _gather(self, scene: bpy.types.Scene) -> Gathered:
        """Bring node and file together, read the shot, and rasterise the keys that changed."""
        group = self.here
        self.shown.begin()
        self.shown.notes.extend(groups.settle_takes())
        groups.sync_objects(group)
        gathered = shots.host_shot(group, scene)
        rasterise.rasterise(mask_of(group), gathered.wanted, gathered.plate.size)
        self.shown.notes.extend(gathered.notes)
        self._gathered = gathered
        _present(group, gathered)
        self._list_keys()
        return gathered

    # What the engine says: the `HostPort`.

    def show_progress(self, progress: Progress) -> None:
        """Show how far it is."""
        told = self.shown
        if progress.state is State.WORKING and progress.frame in self._left:
            self._left.discard(progress.frame)
            told.ticks.append((time.monotonic(), len(told.ticks)))
        told.running = not progress.over
        told.share = progress.done / progress.frames if progress.frames else 0.0
        told.line = words.progress(
            progress.state.value,
            progress.done,
            progress.frames,
            words.speed(told.ticks),
            len(self._left),
        )
        for frame, why in list(progress.skipped.items())[:5]:
            told.notes.append(f"Frame {frame} was left out: {why}")
        to_console(told.line)
        if progress.over:
            if self.group is not None:
                groups.release_held(self.group)
            self._list_keys()
            self._ask_plan()
        redraw()

    def show_marks(self, marks: Marks) -> None:
        """Show the strip, in scene frames, and what is stale."""
        offset, self.looking = self._offset, False
        told = self.shown
        if self._gathered is not None and self.propagation.shot_name:
            self._sent = self._gathered.key_files
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
        self._record_exposure()
        self._ask_advice()
        redraw()

    def frame_ready(self, frame: int, path: str) -> None:  # noqa: ARG002
        """Have the node show a frame that is done, also where others are not there yet."""
        group, gathered = self.group, self._gathered
        if group is None or gathered is None:
            return
        offset = gathered.plate.offset
        _present(group, gathered)  # undo may have taken it back
        groups.frame_arrived(group, frame, gathered.first + offset, gathered.last + offset)

    def show_note(self, sentence: str) -> None:
        """Show something that stops nothing."""
        if sentence not in self.shown.notes:
            self.shown.notes.append(sentence)
            to_console(sentence)
        redraw()

    def show_error(self, sentence: str) -> None:
        """Show what went wrong, unchanged, in the panel and in the info log."""
        self.looking, self._suggest_then = False, None
        self.shown.error = sentence
        to_info_log(sentence)
        redraw()

    # How that comes about.

    @property
    def _offset(self) -> int:
        return 0 if self._gathered is None else self._gathered.plate.offset

    def _list_keys(self) -> None:
        if self._gathered is not None:
            self.shown.keys = shots.key_rows(self._gathered, self._sent, self.shown.stale)

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
                redraw()

        self._session.plan(name).add_done_callback(told)

    def _ask_advice(self) -> None:
        """Ask for the next key, if somebody wants to know."""
        then, self._suggest_then = self._suggest_then, None
        if then is None or not self.propagation.shot_name:
            return
        offset, self.looking = self._offset, True

        def told(future: Future[Mapping[str, Any]]) -> None:
            self.looking = False
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
            to_console(self.shown.advice)
            redraw()

        self._session.suggest(self.propagation.shot_name, 1).add_done_callback(told)

    def _record_exposure(self) -> None:
        """Keep what the engine measured, so that it stays whatever frames the shot gets."""
        group, stops = self.group, self.propagation.exposure
        state = None if group is None else state_of(group)
        if group is None or state is None or self._gathered is None or not stops:
            return
        pattern = self._gathered.plate.pattern
        if "exposure" in state.settings and group.get(shots.EXPOSED, pattern) == pattern:
            return
        keep_state(group, replace(state, settings={**state.settings, "exposure": stops}))
        group[shots.EXPOSED] = pattern


def _present(group: bpy.types.NodeTree, gathered: Gathered) -> None:
    """Have the node show the mattes of the whole shot; nothing happens where it does."""
    take, offset = shots.said(group).take, gathered.plate.offset
    folder = groups.folder_of(group)
    groups.show_mattes(group, folder, take, offset, gathered.first, gathered.last)
