# SPDX-License-Identifier: Apache-2.0
"""Who a node is, so that no two nodes write the same files.

A node that is copied, within a script or into another, knows what its original knows: where the
mattes go, too. It gets an identity and a take of its own at its first press, and the mattes that
are there under the new name, so that it goes on showing what it showed. A node that is renamed,
and a script that gets a new version or moves, keeps what it has.

In `nuke -t` nothing is given to a node: what is not saved would be forgotten, and a farm's mattes
would go where nobody reads them.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import nuke

from stmatte_host import EngineError
from stmatte_host.names import take_name

from . import knobs, places, takes
from .knob_list import FIRST_OUT
from .known import Known, came_from_elsewhere, keep_known, known_of, others, unversioned
from .out_path import OutPath, renamed, with_view


def settle(group: nuke.Node) -> tuple[str, ...]:
    """Give a node an identity and files of its own, if it has none; return what was done.

    Raises EngineError where that is a person's to decide: two nodes of a script that were told to
    write the same files, or a copy that was never pressed in a window.
    """
    known = known_of(group)
    told: tuple[str, ...] = ()
    if not knobs.text(group, "stm_identity"):
        if knobs.text(group, "out") == FIRST_OUT and nuke.GUI:
            _move(group, group.name())
        knobs.put(group, "stm_identity", uuid4().hex)
    else:
        original = _original(group)
        whose = _taken_from(group, known, original)
        told = _part(group, known, whose) if whose else _follow(group, known)
        if whose or original is not None:
            knobs.put(group, "stm_identity", uuid4().hex)
    _refuse_sharing(group)
    now = Known(
        group.fullName(), places.script_path(), places.out_of(group).pattern, places.view_of(group)
    )
    keep_known(group, now)
    return told


def _original(group: nuke.Node) -> nuke.Node | None:
    """Return the node of this script that a node is a copy of; None if it is none."""
    mine = knobs.text(group, "stm_identity")
    twins = (each for each in others(group) if knobs.text(each, "stm_identity") == mine)
    return next((twin for twin in twins if known_of(twin).node == twin.fullName()), None)


def _taken_from(group: nuke.Node, known: Known, original: nuke.Node | None) -> str:
    """Return whose files a node would write over, in an artist's words; "" if they are its own.

    A copy would write over its original's. A node that came from another script may also have come
    to where others write already.
    """
    out = places.out_of(group)
    if original is not None and _is_same(_out_of(original), out):
        return f'"{original.fullName()}"'
    if not nuke.GUI or not came_from_elsewhere(known):
        return ""
    if _is_same(OutPath(known.out), out):
        return f'"{known.node}" in {known.script}'
    there = next(_sharing(group, out), None)
    if there is not None:
        return f'"{there.fullName()}"'
    names = [unversioned(path).rpartition("/")[2] for path in (known.script, places.script_path())]
    if names[0] != names[1] and not takes.is_free(out):  # else the whole folder was copied
        return f"what lies in {out.folder.as_posix()}"
    return ""


def _part(group: nuke.Node, known: Known, whose: str) -> tuple[str, ...]:
    """Send the mattes of a copy to a place of their own, with those that it shows."""
    name, view = group.name(), places.view_of(group)
    if not nuke.GUI:
        raise EngineError(
            f'"{name}" is a copy of {whose} and would write over its mattes',
            repair="Open the script in Nuke, press Propagate or Read mattes again there once, "
            "and save it",
        )
    before, old = knobs.text(group, "out"), places.out_of(group)
    was_named = take_name(known.node.rpartition(".")[2])
    after = _move(group, name if old.take == was_named else old.take)
    out = places.resolved(after, view)
    if came_from_elsewhere(known) and not _is_same(OutPath(known.out), old):
        if known.view == view:
            takes.bring_along(OutPath(known.out), out)
    else:
        for each in nuke.views():
            takes.bring_along(places.resolved(before, each), places.resolved(after, each))
    sentence = (
        f'"{name}" is a copy and would have written over the mattes of {whose}: '
        f"its own go to {out.pattern} now."
    )
    return (sentence,)


def _move(group: nuke.Node, name: str) -> str:
    """Send a node's mattes where no others are; return the text of its `out`."""
    said = knobs.text(group, "out")
    if said == FIRST_OUT and len(nuke.views()) > 1:
        said = with_view(said)
    taken = [out.take for out in map(_out_of, others(group)) if out is not None]
    while True:
        take = take_name(name, taken)
        new = renamed(said, take)
        if takes.is_free(places.resolved(new, places.view_of(group))):
            break
        taken.append(take)
    knobs.put(group, "out", new)
    return new


def _follow(group: nuke.Node, known: Known) -> tuple[str, ...]:
    """Bring mattes along where the node's files go elsewhere now, and nothing is there."""
    out = places.out_of(group)
    moved = known.out and known.out != out.pattern and known.view == places.view_of(group)
    if not nuke.GUI or not moved or not takes.is_free(out):
        return ()
    if not takes.bring_along(OutPath(known.out), out):
        return ()
    return (f"Mattes go to {out.pattern} now; those of {known.out} were brought along.",)


def _refuse_sharing(group: nuke.Node) -> None:
    mine = places.out_of(group)
    for each in _sharing(group, mine):
        raise EngineError(
            f'"{group.name()}" and "{each.fullName()}" both write {mine.pattern}',
            allowed="each node has files of its own",
            repair="Write another path into `out` of one of them",
        )


def _sharing(group: nuke.Node, mine: OutPath) -> Iterator[nuke.Node]:
    """Yield nodes that would write the same files, but for those that part at their first press."""
    identity = knobs.text(group, "stm_identity")
    for each in others(group):
        theirs = knobs.text(each, "stm_identity")
        if theirs != identity and (theirs or not nuke.GUI) and _is_same(_out_of(each), mine):
            yield each


def _out_of(group: nuke.Node) -> OutPath | None:
    try:
        return places.out_of(group)
    except EngineError:
        return None


def _is_same(one: OutPath | None, other: OutPath) -> bool:
    return one is not None and one.pattern.lower() == other.pattern.lower()  # on many disks
