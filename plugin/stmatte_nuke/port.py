# SPDX-License-Identifier: Apache-2.0
"""A node's side of the engine: what is shown of it on its knobs, and the frames it is given.

The node is looked up each time, by name and identity: it may be renamed, deleted, undone, or gone
with its script while the engine works, and what comes then goes nowhere. Starts nothing, waits for
nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

import nuke

from stmatte_host import Session
from stmatte_host.gathered import Gathered
from stmatte_host.showing import Showing
from stmatte_host.shown import Shown

from . import delivery, inside, knobs, state, telling
from .bar import Bar
from .panel_text import texts
from .quiet import quietly

BETWEEN = 1.0
"""Seconds between two loads of new mattes: each has Nuke render the viewer anew."""


class Cancellable(Protocol):
    """Something that is under way beside the propagation."""

    def cancel(self) -> None:
        """Have it stop."""


class Port:
    """What is under way for one node.

    identity  the node's, which stays
    name      the node's full name, where it is looked for first
    words     the engine's command
    session   the way to that engine
    about     says how it stands with that engine
    """

    def __init__(
        self,
        identity: str,
        name: str,
        words: tuple[str, ...],
        session: Session,
        about: Callable[[], str],
    ) -> None:
        self.identity = identity
        self.name = name
        self.words = words
        self.session = session
        self.shown = Shown()
        self.showing = Showing(session, self, self.shown)
        self.bakings: list[Cancellable] = []
        """What is made into a Roto at the moment."""
        self._about = about
        self._bar: Bar | None = None
        self._loaded = 0.0  # when the newest mattes were loaded
        self._behind = False  # mattes came since
        self._failed = ""  # what could not be shown was told

    @property
    def node(self) -> nuke.Node | None:
        """The node, or None if it is gone."""
        named = nuke.toNode(self.name)
        if named is not None and self._is_mine(named):
            return named
        groups = nuke.allNodes("Group", nuke.root(), True)
        found = next((each for each in groups if self._is_mine(each)), None)
        if found is not None:
            self.name = str(found.fullName())
        return found

    @property
    def busy(self) -> bool:
        """Whether an answer of the engine is still to come."""
        return self.showing.busy

    def begin(self) -> None:
        """Forget what was shown of the press before."""
        self.shown.begin()

    def show_bar(self) -> None:
        """Show Nuke's progress bar until nothing is being made any more; only in a window."""
        if nuke.GUI and (self._bar is None or not self._bar.there):
            title = f"STMatte: {self.name}"
            self._bar = Bar(title, lambda: delivery.deliver(self.cancel))
            self._bar.say(self.shown.share, self.shown.line)

    def cancel(self) -> None:
        """Stop within a frame; frames that are done stay."""
        self.showing.cancel()
        self._cancel_bakings()

    def close(self) -> None:
        """Cancel, and have the engine forget the shot; nothing is shown any more."""
        self.showing.propagation.close()
        self._cancel_bakings()
        self._end_bar()

    # The `Face` of what is shown.

    def redraw(self) -> None:
        """Write what is shown onto the node's knobs."""
        if self._bar is not None:
            self._bar.say(self.shown.share, self.shown.line)
        self._on_node(self._write)

    def say(self, sentence: str) -> None:
        """Without a window, say it where a farm's log is."""
        telling.to_log(f"{self.name}: {sentence}")

    def complain(self, sentence: str) -> None:
        """Say what went wrong in the script editor; without a window, who waits says it."""
        if nuke.GUI:
            telling.to_editor(f"{self.name}: {sentence}")

    def take_frame(self, gathered: Gathered, frame: int, path: str) -> None:  # noqa: ARG002
        """Load new mattes, but not after every frame; the rest comes at the end."""
        self._behind = True
        if time.monotonic() - self._loaded >= BETWEEN:
            self._load()

    def keep_exposure(self, gathered: Gathered, stops: float) -> None:
        """Keep on the node what the engine measured on this plate."""
        plate = gathered.shot.plate
        self._on_node(lambda node: state.keep_exposure(node, stops, plate), saved=True)

    def rest(self) -> None:
        """Load what came last, and take the bar away."""
        self._end_bar()
        if self._behind:
            self._load()

    # How that comes about.

    def _load(self) -> None:
        self._on_node(inside.refresh)
        self._behind, self._loaded = False, time.monotonic()

    def _write(self, node: nuke.Node) -> None:
        for name, text in texts(self.shown, self._about()).items():
            knobs.show_text(node, name, text)

    def _on_node(self, change: Callable[[nuke.Node], object], saved: bool = False) -> None:
        """Change the node if it is there; what fails is told once, and stops nothing."""
        try:
            node = self.node
            if node is not None:
                with quietly(saved=saved):
                    change(node)
        except Exception as error:
            if self._failed != str(error):
                self._failed = str(error)
                telling.to_editor(f"{self.name}: {error}")

    def _cancel_bakings(self) -> None:
        for each in tuple(self.bakings):
            each.cancel()

    def _end_bar(self) -> None:
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.end()

    def _is_mine(self, node: nuke.Node) -> bool:
        knob = node.knob("stm_identity")
        return knob is not None and str(knob.value()) == self.identity
