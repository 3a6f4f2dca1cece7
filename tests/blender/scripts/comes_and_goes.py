# SPDX-License-Identifier: Apache-2.0
"""Install, disable, enable, install over it, disable: then Blender leaves by itself."""

from __future__ import annotations

import bpy
import inside


def classes() -> set[str]:
    """Return the names of all that is registered."""
    kinds = (bpy.types.Operator, bpy.types.Panel, bpy.types.Menu, bpy.types.AddonPreferences)
    return {found.__name__ for kind in kinds for found in kind.__subclasses__() if ours(found)}


def ours(found: type) -> bool:
    """Return whether a class is the extension's, and registered."""
    return found.__module__.startswith(inside.MODULE) and found.is_registered


inside.install()
inside.tell("enabled", sorted(classes()))
inside.disable()
inside.tell("disabled", sorted(classes()))
inside.enable()
inside.install()
inside.tell("again", sorted(classes()))
inside.disable()
inside.tell("at the end", sorted(classes()))
