# SPDX-License-Identifier: Apache-2.0
"""Install, disable, enable, install over it, disable: then Blender leaves by itself."""

from __future__ import annotations

from collections.abc import Iterator

import bpy
import inside

OWNERS = ("Scene", "WindowManager", "NodeTree", "Mask", "MovieClip", "Image", "Screen")
KINDS = (
    bpy.types.Operator,
    bpy.types.Panel,
    bpy.types.Menu,
    bpy.types.UIList,
    bpy.types.PropertyGroup,
    bpy.types.AddonPreferences,
)


def left() -> list[str]:
    """Return the names of all that Blender has of the extension."""
    return sorted(
        [
            *(c.__name__ for kind in KINDS for c in kind.__subclasses__() if registered(c)),
            *(f"handler {call.__name__}" for call in handlers() if ours(call)),
            *(f"entry {call.__name__}" for call in entries() if ours(call)),
            *(
                f"property {found.identifier}"
                for owner in OWNERS
                for found in getattr(bpy.types, owner).bl_rna.properties
                if "stmatte" in found.identifier.lower()
            ),
        ]
    )


def ours(found: object) -> bool:
    """Return whether it comes from the extension."""
    return getattr(found, "__module__", "").startswith(inside.MODULE)


def registered(found: type) -> bool:
    """Return whether a class is the extension's, and known to Blender."""
    return ours(found) and found.is_registered


def handlers() -> Iterator[object]:
    """Yield what is called on events."""
    for name in dir(bpy.app.handlers):
        calls = getattr(bpy.app.handlers, name)
        if isinstance(calls, list):
            yield from calls


def entries() -> Iterator[object]:
    """Yield what add-ons append to menus."""
    for kind in (bpy.types.Menu, bpy.types.Header, bpy.types.Panel):
        for found in kind.__subclasses__():
            yield from getattr(getattr(found, "draw", None), "_draw_funcs", ())


inside.install()
inside.tell("enabled", left())
inside.disable()
inside.tell("disabled", left())
inside.enable()
before = inside.part("finding")
inside.install()
inside.tell("again", left())
inside.tell("is the new one", inside.part("finding") is not before)
inside.disable()
inside.tell("at the end", left())
