# SPDX-License-Identifier: Apache-2.0
"""What comes before the engine is asked: the node put in order, its shot read and rendered.

This is the one thing that holds Nuke up, for only Nuke can render its own nodes: keys that changed,
and the plate where it is not a plain file. Nuke shows its own progress of it, which cancels it.
"""

from __future__ import annotations

from collections.abc import Sequence

import nuke

from . import engine, finding, identity, inside, knobs, plates, rendering, shots, state
from .port import Port
from .quiet import quietly
from .shots import Gathered
from .wiring import crypto_levels_for


def settled(group: nuke.Node) -> tuple[str, ...]:
    """Give a node what is its own alone, and return what was done, as sentences.

    No step of undo: taken back, a copy would write over its original's mattes again.
    """
    with quietly(saved=True):
        return identity.settle(group)


def port_of(group: nuke.Node) -> Port:
    """Return a node's port, for a press that begins."""
    notes = settled(group)
    port = engine.port_of(group)
    port.begin()
    port.shown.notes.extend(notes)
    return port


def gathered_on(group: nuke.Node) -> tuple[Port, Gathered]:
    """Return a node's port, and its shot as it is now, with all its pictures on the disk.

    What the node gets by the way (its files, its range, its inside) is no step of undo: who takes
    a shape's change back does not mean those. Raises EngineError for what a person can mend.
    """
    port = port_of(group)
    with quietly(saved=True):
        port.shown.notes.extend(finding.find_if_none(group))
    gathered = shots.gather(group, nuke.frame())
    _render(group, gathered)
    with quietly(saved=True):
        state.keep_range(group, gathered.first, gathered.last)
        arrange(group, gathered.shot.objects)
    return port, gathered


def _render(group: nuke.Node, gathered: Gathered) -> None:
    """Have Nuke render what of the keys and the plate is not on the disk."""
    if not gathered.wanted and not gathered.plate.to_write:
        return
    with rendering.as_it_was():
        if gathered.plate.to_write:
            plates.write_plate(group, gathered.plate)
        for _, source, frame, path in gathered.wanted:
            rendering.render_key(group, source, frame, gathered.plate, path)


def arrange(group: nuke.Node, objects: Sequence[str]) -> None:
    """Have the node carry objects, with what its knobs say goes along."""
    levels = crypto_levels_for(len(objects)) if knobs.flag(group, "cryptomatte") else 0
    uncertainty = knobs.flag(group, "uncertainty")
    inside.arrange(group, objects, uncertainty=uncertainty, crypto_levels=levels)
