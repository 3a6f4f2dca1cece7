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

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

import nuke

from stmatte_host import EngineError
from stmatte_host.names import take_name

from . import knobs, places, takes
from .knob_list import FIRST_OUT
from .out_path import OutPath, renamed, with_view

_VERSION = re.compile(r"(?<![a-z0-9])v\d+")


@dataclass(frozen=True)
class Known:
    """What a node was when it was last pressed, kept on it as text.

    node    its full name
    script  path of its script
    out     where its mattes went
    view    the view that they were for
    """

    node: str = ""
    script: str = ""
    out: str = ""
    view: str = ""


def settle(group: nuke.Node) -> tuple[str, ...]:
    """Give a node an identity and a take of its own, if it has none; return what was done.

    Raises EngineError where that is a person's to decide: two nodes of a script that were told to
    write the same files, or a copy that was never pressed in a window.
    """
    known = known_of(group)
    told: list[str] = []
    if not knobs.text(group, "stm_identity"):
        if knobs.text(group, "out") == FIRST_OUT and nuke.GUI:
            _move(group, group.name())
        knobs.put(group, "stm_identity", uuid4().hex)
    elif _is_copy(group, known):
        told += _part(group, known)
    elif nuke.GUI:
        told += _follow(group, known)
    _refuse_sharing(group)
    now = Known(
        group.fullName(), places.script_path(), places.out_of(group).pattern, places.view_of(group)
    )
    knobs.put(group, "stm_known_as", json.dumps(asdict(now), sort_keys=True))
    return tuple(told)


def known_of(group: nuke.Node) -> Known:
    """Return what a node was when it was last pressed; nothing if it never was."""
    try:
        said = json.loads(knobs.text(group, "stm_known_as"))
        return Known(**{name: str(said.get(name, "")) for name in asdict(Known())})
    except (ValueError, AttributeError):
        return Known()


def others(group: nuke.Node) -> Iterator[nuke.Node]:
    """Yield all other STMatte nodes of the script, also those within Groups."""
    mine = group.fullName()
    for each in nuke.allNodes("Group", nuke.root(), True):
        if each.knob("stm_identity") is not None and each.fullName() != mine:
            yield each


def _is_copy(group: nuke.Node, known: Known) -> bool:
    """Return whether somebody else is what this node says it is."""
    mine = knobs.text(group, "stm_identity")
    twins = (each for each in others(group) if knobs.text(each, "stm_identity") == mine)
    if any(known_of(twin).node == twin.fullName() for twin in twins):
        return True
    return nuke.GUI and _is_of_another_script(group, known)


def _is_of_another_script(group: nuke.Node, known: Known) -> bool:
    """Return whether the node was pasted from a script that is still there and has the same files.

    Another version of a script is the same script; a script that moved is not there any more.
    """
    here = places.script_path()
    if not known.script or _unversioned(known.script) == _unversioned(here):
        return False
    if known.out.lower() != places.out_of(group).pattern.lower():
        return False
    try:
        return not Path(known.script).samefile(here)  # one file may have two paths
    except OSError:
        return False


def _part(group: nuke.Node, known: Known) -> list[str]:
    """Give a copy what is its own."""
    name = group.name()
    if not nuke.GUI:
        raise EngineError(
            f'"{name}" is a copy of "{known.node}" and would write over its mattes',
            repair="Open the script in Nuke, press Propagate or Read mattes again there once, "
            "and save it",
        )
    old = places.out_of(group).take
    was_named = take_name(known.node.rpartition(".")[2])
    out = _move(group, name if old == was_named else old)
    knobs.put(group, "stm_identity", uuid4().hex)
    whose = f'"{known.node}"'
    if known.script and known.script != places.script_path():
        whose += f" in {known.script}"
    return [
        (
            f'"{name}" is a copy and would have written over the mattes of {whose}: '
            f"its own go to {out.pattern} now."
        )
    ]


def _move(group: nuke.Node, name: str) -> OutPath:
    """Send a node's mattes where no others are, with those that it shows; return where."""
    said = knobs.text(group, "out")
    view = places.view_of(group)
    fresh = said == FIRST_OUT  # nobody's mattes lie there
    if fresh and len(nuke.views()) > 1:
        said = with_view(said)
    taken = [out.take for out in map(_out_of, others(group)) if out is not None]
    while True:
        take = take_name(name, taken)
        new = renamed(said, take)
        if takes.is_free(places.resolved(new, view)):
            break
        taken.append(take)
    if not fresh:
        for each in nuke.views():
            takes.bring_along(places.resolved(said, each), places.resolved(new, each))
    knobs.put(group, "out", new)
    return places.resolved(new, view)


def _follow(group: nuke.Node, known: Known) -> list[str]:
    """Bring mattes along where the node's files go elsewhere now, and nothing is there."""
    out = places.out_of(group)
    if not known.out or known.out == out.pattern or known.view != places.view_of(group):
        return []
    if not takes.is_free(out) or not takes.bring_along(OutPath(known.out), out):
        return []
    return [f"Mattes go to {out.pattern} now; those of {known.out} were brought along."]


def _refuse_sharing(group: nuke.Node) -> None:
    mine = places.out_of(group)
    for each in others(group):
        out = _out_of(each)
        if out is not None and out.pattern.lower() == mine.pattern.lower():
            theirs = knobs.text(each, "stm_identity")
            if theirs == knobs.text(group, "stm_identity") or (nuke.GUI and not theirs):
                continue  # a copy, or a fresh one: each parts at its own first press
            raise EngineError(
                f'"{group.name()}" and "{each.fullName()}" both write {mine.pattern}',
                allowed="each node has files of its own",
                repair="Write another path into `out` of one of them",
            )


def _out_of(group: nuke.Node) -> OutPath | None:
    try:
        return places.out_of(group)
    except EngineError:
        return None


def _unversioned(path: str) -> str:
    return _VERSION.sub("v#", path.replace("\\", "/").lower())
