# SPDX-License-Identifier: Apache-2.0
"""Press Install Engine: refused where it must be, then carried out. WHEEL and FOLDER of wheels."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

import bpy
import drawn
import inside

wheel, wheels = sys.argv[1:]
NAMES = ("engine", "store", "device", "source", "torch_place")


def press(**how: str) -> str:
    """Press the button, and return the sentence that it ends with."""
    with suppress(RuntimeError):  # so Blender says that an operator reported an error
        bpy.ops.stmatte.install_engine(**how)
    return inside.part("install").outcome()[0]


def chosen() -> str:
    """Return the engine's command, or why there is none."""
    try:
        found = inside.part("preferences").engine_chosen()
    except Exception as error:
        return str(error)
    return " ".join(found.words) + f" by {found.why}"


def preferences() -> list[str]:
    """Return what the preferences show."""
    said = bpy.context.preferences.addons[inside.MODULE].preferences
    kind = inside.part("preferences").STMATTE_Preferences
    return drawn.draw(kind, **{name: getattr(said, name) for name in NAMES})


def main() -> None:
    """Press it three times."""
    del os.environ["STMATTE_ENGINE"]
    os.environ["PATH"] = "/usr/bin:/bin"
    inside.install()
    said = bpy.context.preferences.addons[inside.MODULE].preferences
    said.store, said.device = 50, "CPU"
    inside.tell("before", chosen())
    bpy.context.preferences.system.use_online_access = False
    inside.tell("offline", press())
    bpy.context.preferences.system.use_online_access = True
    inside.tell("nothing", press())
    inside.tell("drawn before", preferences())
    if wheel != "none":
        said.torch_place, said.source = wheels, wheel
        inside.tell("pressed", press())
        inside.tell("after", chosen())
        inside.tell("drawn after", preferences())
    said.engine = "/nowhere/stmatte"
    inside.tell("named", chosen())
    inside.disable()


main()
