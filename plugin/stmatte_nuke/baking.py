# SPDX-License-Identifier: Apache-2.0
"""*Matte to Roto*: a Roto node whose shapes follow an object's mattes.

The engine finds the splines; here they become a new Roto beside the node, in one undo step. The
artist's Roto is not touched. Everything here runs on Nuke's main thread and returns at once.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Optional

import nuke

from stmatte_host import EngineError, Session, frames_text
from stmatte_host.answers import JobFrame, JobOver
from stmatte_host.jobs import JobEvent
from stmatte_host.outline import Outline, read_outline

from . import knobs, places
from .baked_roto import new_roto
from .roto_outline import roto_shapes

INSET = 0.0
"""Pixels by which Nuke draws a shape wider than its curve at 0.5: none was seen in Nuke 17.1."""

Done = Callable[[Optional[EngineError], str], None]


def bake(
    group: nuke.Group,
    name: str,
    tolerance: float,
    session: Session,
    done: Done,
    step: Callable[[int, int], None] | None = None,
) -> str:
    """Have shapes fitted to an object's mattes and put into a new Roto; return the job's name.

    name       the object's
    tolerance  pixels that shapes may be off
    done       called once: with None and what was made, or with what went wrong, or, if it was
               cancelled or the node is gone, with None and ""
    step       called with so many mattes read of so many

    Raises EngineError for what a person can mend.
    """
    out = places.out_of(group)
    first, last = knobs.number(group, "first"), knobs.number(group, "last")
    frames = sorted(frame for frame in out.files() if first <= frame <= last)
    if not frames:
        raise EngineError(
            f'"{name}" has no mattes yet', repair="Press Propagate first, then Matte to Roto"
        )
    folder = tempfile.TemporaryDirectory(prefix="stmatte_")
    path = Path(folder.name) / "outline.json"

    def told(event: JobEvent) -> None:
        if isinstance(event, JobFrame) and step is not None:
            step(event.done, event.frames)
        if not isinstance(event, JobOver):
            return
        try:
            words = ""
            if event.error is not None:
                raise event.error
            if event.outcome == "done":
                words = _made(group, read_outline(path), tolerance)
        except EngineError as error:
            done(error, "")
        except Exception as error:
            done(EngineError(f"The Roto could not be made ({error})"), "")
            raise  # its traceback belongs in a log
        else:
            done(None, words)
        finally:
            folder.cleanup()

    return session.start_outline(
        out.pattern,
        name,
        str(path),
        told,
        frames=frames_text(frames),
        tolerance=tolerance,
        inset=INSET,
    )


def _made(group: nuke.Group, outline: Outline, tolerance: float) -> str:
    """Make the Roto; return what was made, or "" if the node was deleted meanwhile."""
    try:
        group.name()
    except ValueError:  # what Nuke says of a node that is no more
        return ""
    shapes = roto_shapes(outline)
    said = (
        f"{_some(len(shapes), 'shape')}, "
        f"{_some(sum(len(shape.poses[0]) for shape in shapes), 'point')}, "
        f"{_some(len(outline.keys), 'key')}, within {tolerance:g} px"
    )
    nuke.Undo.begin("STMatte: Matte to Roto")
    try:
        label = f"from {group.name()}"
        roto, dense = new_roto(group, f"{outline.object}_roto", label, shapes, outline.size)
    except BaseException:
        nuke.Undo.cancel()  # nothing half made stays
        raise
    nuke.Undo.end()
    words = f'Roto "{roto.name()}": {said}.'
    if dense:
        words += " It has a key on each frame: this Nuke bends the ways between keys."
    return words


def _some(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
