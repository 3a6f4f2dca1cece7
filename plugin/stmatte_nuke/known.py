# SPDX-License-Identifier: Apache-2.0
"""What a node remembers of itself, by which a copy, a rename and a new version are told apart.

Kept as one text on the node, which is copied with it: where the text and the node disagree,
something has happened to one of them. Decides nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import nuke

from . import knobs, places

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


def known_of(group: nuke.Node) -> Known:
    """Return what a node was when it was last pressed; nothing if it never was."""
    try:
        said = json.loads(knobs.text(group, "stm_known_as"))
        return Known(**{name: str(said.get(name, "")) for name in asdict(Known())})
    except (ValueError, AttributeError):
        return Known()


def keep_known(group: nuke.Node, known: Known) -> None:
    """Keep what a node is now."""
    knobs.put(group, "stm_known_as", json.dumps(asdict(known), sort_keys=True))


def others(group: nuke.Node) -> Iterator[nuke.Node]:
    """Yield all other STMatte nodes of the script, also those within Groups."""
    mine = group.fullName()
    for each in nuke.allNodes("Group", nuke.root(), True):
        if each.knob("stm_identity") is not None and each.fullName() != mine:
            yield each


def came_from_elsewhere(known: Known) -> bool:
    """Return whether a node was last pressed in another script, which is still there.

    Another version of a script is the same script; a script that moved is not there any more.
    """
    here, there = places.script_path(), Path(known.script)
    if not known.script or unversioned(known.script) == unversioned(here):
        return False
    if not there.is_file():
        return False
    try:
        return not there.samefile(here)  # one file may have two paths
    except OSError:
        return True


def unversioned(path: str) -> str:
    """Return a script's path without the number of its version, to compare it with others."""
    return _VERSION.sub("v#", path.replace("\\", "/").lower())
