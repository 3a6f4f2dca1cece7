# SPDX-License-Identifier: Apache-2.0
"""The button *Matte to Roto*: asks for it, and shows how far it is and what came of it.

Knows which node and which object are meant; how splines are found is the engine's, how they are put
into a Roto is `baking`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import nuke

from stmatte_host import EngineError

from . import baking, delivery, engine, knobs
from .bar import Bar
from .gathering import port_of
from .marking_frames import chosen
from .port import Port


def bake(group: nuke.Node) -> Callable[[], None]:
    """Have the chosen object's mattes made into a Roto; what is returned waits for it.

    Raises EngineError for what a person can mend.
    """
    name = chosen(group)
    port = port_of(group)
    under_way = UnderWay(port)
    under_way.job = baking.bake(
        cast(nuke.Group, group),
        name,
        knobs.real(group, "tolerance"),
        port.session,
        under_way.over,
        under_way.step,
    )
    under_way.show()
    return under_way.wait


class UnderWay:
    """A baking that is under way: shown on its node, and by a bar in a window."""

    def __init__(self, port: Port) -> None:
        self.job = ""
        self._port = port
        self._ended = False
        self._error: EngineError | None = None
        self._bar: Bar | None = None

    def show(self) -> None:
        """Begin to show it."""
        if nuke.GUI and not self._ended:
            title = f"STMatte: {self._port.name} to Roto"
            self._bar = Bar(title, lambda: delivery.deliver(self.cancel))
        self._port.bakings.append(self)
        self.step(0, 0)

    def step(self, done: int, frames: int) -> None:
        """Show how far it is."""
        many = f": {done} of {frames} frames" if frames else ""
        self._say(done / frames if frames else 0.0, f"Matte to Roto, reading mattes{many}")

    def over(self, error: EngineError | None, words: str) -> None:
        """Show what came of it; with neither, it was cancelled."""
        self._ended, self._error = True, error
        if self in self._port.bakings:
            self._port.bakings.remove(self)
        if self._bar is not None:
            self._bar.end()
        if error is not None:
            self._port.shown.error = str(error)
            self._port.complain(str(error))
        elif words:
            self._port.shown.notes.append(words)
            self._port.say(words)
        self._say(0.0, "" if words or error else "Matte to Roto: cancelled")

    def cancel(self) -> None:
        """Have it stop; no Roto comes of it."""
        self._port.session.cancel_job(self.job)

    def wait(self) -> None:
        """Return when it is over. Raises EngineError if it went wrong."""
        engine.wait_until(lambda: self._ended, self.cancel)
        if self._error is not None:
            raise self._error

    def _say(self, share: float, line: str) -> None:
        if self._bar is not None:
            self._bar.say(share, line)
        self._port.shown.line = line
        self._port.redraw()
