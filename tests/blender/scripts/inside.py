# SPDX-License-Identifier: Apache-2.0
"""Runs a script in a Blender, and what such scripts share: `import inside`.

inside.py SCRIPT WORD...   STMATTE_ZIP is the extension, STMATTE_TOLD takes what is told, and
STMATTE_LEAVES=1 lets Blender leave by itself. The process ends at once otherwise: Blender 4.2
and 4.5 do not leave cleanly as a module where a script left something registered.
"""

from __future__ import annotations

import importlib
import json
import os
import runpy
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy

MODULE = "bl_ext.user_default.stmatte"


def tell(name: str, value: Any) -> None:
    """Tell the test something; it must be JSON, and the newest of a name counts."""
    with Path(os.environ["STMATTE_TOLD"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps([name, value]) + "\n")


def install() -> None:
    """Install the zip and enable it, as an artist does."""
    done = bpy.ops.extensions.package_install_files(
        filepath=os.environ["STMATTE_ZIP"], repo="user_default", enable_on_install=True
    )
    assert done == {"FINISHED"}, done
    assert MODULE in bpy.context.preferences.addons, "it was installed and is not enabled"


def enable() -> None:
    """Enable what an earlier run installed: a module's Blender reads no saved preferences."""
    assert bpy.ops.preferences.addon_enable(module=MODULE) == {"FINISHED"}


def disable() -> None:
    """Disable it, as an artist does."""
    assert bpy.ops.preferences.addon_disable(module=MODULE) == {"FINISHED"}


def part(name: str) -> ModuleType:
    """Return a module of the extension, which must be enabled: `part("state")`."""
    return importlib.import_module(f"{MODULE}.{name}")


def until(done: Callable[[], bool], pump: Callable[[], Any] = lambda: None, seconds: float = 60):
    """Call `pump` until something has come; a module's Blender has no timers."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it took too long"
        pump()
        time.sleep(0.01)


def main() -> None:
    """Run the script, and leave with its exit code."""
    sys.modules["inside"] = sys.modules["__main__"]
    sys.argv = sys.argv[1:]
    sys.path.insert(0, str(Path(sys.argv[0]).parent))
    code = 0
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    except SystemExit as asked:
        code = asked.code if isinstance(asked.code, int) else int(asked.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    if code or os.environ.get("STMATTE_LEAVES") != "1":
        os._exit(code)


if __name__ == "__main__":
    main()
