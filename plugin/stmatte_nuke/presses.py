# SPDX-License-Identifier: Apache-2.0
"""What each button of a node does.

In a window a press returns as soon as Nuke has rendered what only Nuke can render; without one, in
`nuke -t`, it returns when all is done. What a person can mend is said in a message and on the node,
in the words in which it was said; any other failure is a defect of ours, and is said as one: a
press always leaves a node that can be pressed again.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from functools import partial

import nuke

from stmatte_host import EngineError
from stmatte_host.spans import Range

from . import delivery, engine, finding, inside, knobs, state, telling, to_roto, updating
from .gathering import arrange, gathered_on, settled
from .main_thread import is_main, on_main
from .marking_frames import mark
from .port import Port
from .quiet import quietly
from .write_words import RenderCancelledError

BUSY = (
    "STMatte is still having Nuke render keys and plate. "
    "Wait until that is done, or cancel it there."
)

Waits = Callable[[], None]
"""Returns when what was pressed is over. Raises EngineError if it went wrong."""


def press(group: nuke.Node, name: str) -> None:
    """Do what a button does, and say what went wrong; raises nothing but Ctrl-C."""
    if nuke.GUI and not is_main():
        on_main(partial(press, group, name))
    else:
        guarded(group, name, partial(do, group, name))


def guarded(group: nuke.Node, name: str, call: Callable[[], object]) -> None:
    """Make a call, and say what went wrong.

    name  the button that asks for it
    """
    try:
        call()
    except RenderCancelledError as error:
        complain(group, str(error), telling.to_editor)  # who pressed Cancel knows it
    except EngineError as error:
        complain(group, str(error))
    except Exception as error:
        telling.to_editor(traceback.format_exc())
        complain(
            group,
            f'"{name}" failed by a defect of STMatte ({type(error).__name__}: {error}). '
            "Please report what stands in the script editor; the node can be used as before.",
        )


def do(group: nuke.Node, name: str) -> None:
    """Do what a button does. Raises EngineError for what a person can mend."""
    if delivery.held():
        telling.to_artist(BUSY)  # and not on the node, where the press shows that is at work
        return
    if name not in PRESSES:
        raise EngineError(
            f'This STMatte has no button "{name}"',
            allowed=f"it has {', '.join(PRESSES)}",
            repair="Bring plug-in and node to the same version: press Update this node",
        )
    with delivery.holding():
        waits = PRESSES[name](group)
    if waits is not None and not nuke.GUI:
        waits()


def complain(
    group: nuke.Node, sentence: str, tell: Callable[[str], None] = telling.to_artist
) -> None:
    """Say what went wrong on the node, and to who has just pressed."""
    try:
        port = engine.known(group)
        if port is not None:
            port.shown.error = sentence
            port.redraw()
        else:
            with quietly():
                knobs.show_text(group, "status", sentence)
    except Exception:
        telling.to_editor(traceback.format_exc())  # the node is gone, or can't say anything
    tell(sentence)


def propagate(group: nuke.Node, which: str = "ALL", frames: Range | None = None) -> Waits:
    """Make the mattes that are stale, those under the playhead first.

    which   "ALL", "SPAN" (around the playhead) or "RANGE"
    frames  with RANGE, first and last frame
    """
    port, gathered = gathered_on(group)
    port.showing.propagate(gathered, nuke.frame(), which, frames)
    port.show_bar()
    return partial(_over, port)


def cancel(group: nuke.Node) -> None:
    """Stop within a frame; what was done stays."""
    port = engine.known(group)
    if port is not None:
        port.cancel()


def refresh(group: nuke.Node) -> Waits:
    """Load the mattes from the disk, list the keys anew, and show which frames would be made."""
    with quietly():
        inside.refresh(group)  # first: it needs no engine, and no Roto
    port, gathered = gathered_on(group)
    port.showing.look(gathered)
    return partial(_over, port)


def next_key(group: nuke.Node) -> Waits:
    """Go to the frame where a next key would help most."""
    port, gathered = gathered_on(group)
    port.showing.suggest(gathered, lambda _, frame: _go_to(frame))
    return partial(_over, port)


def find_objects(group: nuke.Node) -> None:
    """Fill the rows of objects from what is connected."""
    notes = (*settled(group), *finding.find_objects(group))
    arrange(group, [each.name for each in state.rows(group) if each.on])
    _note(group, "\n".join(notes))


def update_node(group: nuke.Node) -> None:
    """Put a node of this version of STMatte into the place of this one."""
    again = partial(guarded, group, "update_node", partial(updating.update, group))
    delivery.afterwards(again)  # it takes the button away that was pressed


def _marks(kind: str, group: nuke.Node) -> None:
    _note(group, mark(group, kind))


def _over(port: Port) -> None:
    engine.wait_for(port)
    if port.shown.error:
        raise EngineError("", sentence=port.shown.error)


def _note(group: nuke.Node, text: str) -> None:
    """Show on the node what was done."""
    port = engine.known(group)
    if port is not None:
        port.shown.error = ""
        port.shown.notes[:] = text.splitlines()
        port.redraw()
        return
    with quietly():
        knobs.show_text(group, "status", "")
        knobs.show_text(group, "notes", text)


def _go_to(frame: int) -> None:
    nuke.frame(frame)


PRESSES: Mapping[str, Callable[[nuke.Node], Waits | None]] = {
    "propagate": propagate,
    "propagate_span": partial(propagate, which="SPAN"),
    "cancel": cancel,
    "refresh": refresh,
    "find_objects": find_objects,
    "key_here": partial(_marks, "keyed"),
    "drop_key_here": partial(_marks, "ignored"),
    "absent_here": partial(_marks, "absent"),
    "lock_here": partial(_marks, "locked"),
    "clear_marks": partial(_marks, "clear"),
    "next_key": next_key,
    "to_roto": to_roto.bake,
    "update_node": update_node,
}
"""What is behind each button, by the name of its knob."""
