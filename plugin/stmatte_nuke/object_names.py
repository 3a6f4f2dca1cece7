# SPDX-License-Identifier: Apache-2.0
"""Which names of objects Nuke shows as they were typed, and which it would change or merge.

A name becomes a layer, `hero.alpha`, which is global to the script, and a part of file names.
What an artist types is taken as it is or refused, never folded behind their back; what is found
in a Roto is folded (`stmatte_host.names.object_name`), and told. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from stmatte_host import EngineError
from stmatte_host.names import MOST_LETTERS, object_name

_LEGAL = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def check_names(names: Iterable[str], views: Iterable[str] = ()) -> None:
    """Raise EngineError for the first name that is not shown as it is, or stands for two objects.

    names  of all objects, in the order of their rows
    views  of the script: Nuke reads a layer of such a name as the picture of that view
    """
    of_views = {view.lower(): view for view in views}
    seen: dict[str, str] = {}
    for name in names:
        why = _why_not(name, of_views, seen)
        if why:
            nearest = object_name(name, (*of_views, *seen))
            raise EngineError(
                f'Object name "{name}" cannot be used',
                allowed=why,
                repair=f'Rename the object, for instance "{nearest}"',
            )
        seen[name.lower()] = name


def _why_not(name: str, of_views: dict[str, str], seen: dict[str, str]) -> str:
    """Return what speaks against a name, as a clause; "" if nothing does."""
    small = name.lower()
    if not _LEGAL.fullmatch(name) or len(name) > MOST_LETTERS:
        return (
            "a name starts with a letter and goes on with letters, digits and underscores, "
            f"{MOST_LETTERS} at most"
        )
    if small in of_views:
        return (
            f'the script has a view "{of_views[small]}", and Nuke would take the matte for the '
            "alpha of that view"
        )
    if object_name(name).lower() == f"{small}_object":
        return "Nuke, Blender or STMatte itself means something else by it"
    if seen.get(small) == name:
        return "another object has it"
    if small in seen:
        return (
            f'it differs from "{seen[small]}" in capitals only, which many disks do not tell apart'
        )
    return ""
