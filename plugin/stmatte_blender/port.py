# SPDX-License-Identifier: Apache-2.0
"""A node group's side of the engine: what the artist asks for it, and what is shown of it.

Gathers the shot and hands it to a `Showing`, whose face Blender's is. The group is looked up each
time it is needed, because undo makes references stale. Starts and pumps nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import bpy

from . import group as groups
from . import rasterise, shots, shown, telling
from .shots import Gathered
from .state import keep_state, mask_of, state_of
from .stmatte_host import EngineError, Propagation, Session, gathered, spans
from .stmatte_host.showing import Showing


class Port:
    """A node group's face: gives frames to the node, and says things where Blender says them.

    uid      the group's `session_uid`
    session  the way to the engine
    """

    def __init__(self, uid: int, session: Session) -> None:
        self.uid = uid
        self.shown = shown.of(uid)
        self.showing = Showing(session, self, self.shown)
        """The group's `HostPort`."""

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
    def propagation(self) -> Propagation:
        """The shot's way through the engine."""
        return self.showing.propagation

    @property
    def busy(self) -> bool:
        """Whether an answer of the engine is still to come."""
        return self.showing.busy

    # What the artist asks for.

    def look(self, scene: bpy.types.Scene) -> None:
        """Show what is stale, and compute nothing but keys that changed."""
        self.showing.look(self._gather(scene))

    def propagate(
        self, scene: bpy.types.Scene, which: str = "ALL", ranges: spans.Range | None = None
    ) -> None:
        """Make mattes, those under the playhead first.

        which   "ALL", "SPAN" (the one under the playhead) or "RANGE"
        ranges  with RANGE first and last scene frame

        Raises EngineError for what a person can mend.
        """
        self.showing.propagate(self._gather(scene), scene.frame_current, which, ranges)

    def suggest(self, scene: bpy.types.Scene, then: Callable[[str, int], None]) -> None:
        """Ask where a next key would help most; `then` is called with object and scene frame."""
        self.showing.suggest(self._gather(scene), then)

    def cancel(self) -> None:
        """Stop within a frame; frames that are done stay."""
        self.showing.cancel()

    def _gather(self, scene: bpy.types.Scene) -> Gathered:
        """Bring node and file together, read the shot, and rasterise the keys that changed."""
        group = self.here
        self.shown.begin()
        self.shown.notes.extend(groups.settle_takes())
        groups.sync_objects(group)
        found = shots.host_shot(group, scene)
        rasterise.rasterise(mask_of(group), found.wanted, found.plate.size)
        _present(group, found)
        return found

    # What Blender does besides: the `Face`.

    def redraw(self) -> None:
        """Have the panels drawn again."""
        telling.redraw()

    def say(self, sentence: str) -> None:
        """Say it on the console of a farm."""
        telling.to_console(sentence)

    def complain(self, sentence: str) -> None:
        """Say what went wrong in the info log."""
        telling.to_info_log(sentence)

    def take_frame(self, asked: gathered.Gathered, frame: int, path: str) -> None:  # noqa: ARG002
        """Have the node show a frame that is done, also where others are not there yet."""
        group = self.group
        if group is None:
            return
        _present(group, asked)  # undo may have taken it back
        groups.frame_arrived(group, frame, asked.first + asked.offset, asked.last + asked.offset)

    def keep_exposure(self, asked: gathered.Gathered, stops: float) -> None:
        """Keep what the engine measured, so that it stays whatever frames the shot gets."""
        group = self.group
        state = None if group is None else state_of(group)
        if group is None or state is None:
            return
        plate = asked.shot.plate
        if "exposure" in state.settings and group.get(shots.EXPOSED, plate) == plate:
            return
        keep_state(group, replace(state, settings={**state.settings, "exposure": stops}))
        group[shots.EXPOSED] = plate

    def rest(self) -> None:
        """Frames that were only held are none any more."""
        if self.group is not None:
            groups.release_held(self.group)


def _present(group: bpy.types.NodeTree, asked: gathered.Gathered) -> None:
    """Have the node show the mattes of the whole shot; nothing happens where it does."""
    take, folder = shots.said(group).take, groups.folder_of(group)
    groups.show_mattes(group, folder, take, asked.offset, asked.first, asked.last)
