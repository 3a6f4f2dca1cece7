# SPDX-License-Identifier: Apache-2.0
"""Where sentences go beside the panel: the info log of a window, the console of a farm."""

from __future__ import annotations

import sys
from contextlib import suppress

import bpy


def redraw() -> None:
    """Have the editors drawn again that may show a panel of ours."""
    for window in bpy.context.window_manager.windows if not bpy.app.background else ():
        for area in window.screen.areas:
            if area.type in ("NODE_EDITOR", "IMAGE_EDITOR", "CLIP_EDITOR"):
                area.tag_redraw()


def to_console(sentence: str) -> None:
    """Without a window, say it where a farm's log is."""
    if bpy.app.background:
        print(f"STMatte: {sentence}", flush=True)  # noqa: T201


def to_info_log(sentence: str) -> None:
    """Say what went wrong where Blender keeps what it reported."""
    if bpy.app.background:
        print(f"STMatte: {sentence}", file=sys.stderr, flush=True)  # noqa: T201
        return
    window = bpy.context.window or bpy.context.window_manager.windows[0]  # a timer has none
    with suppress(RuntimeError), bpy.context.temp_override(window=window):
        # Blender raises what an operator reports as an error, and keeps it, too.
        bpy.ops.stmatte.say("INVOKE_DEFAULT", sentence=sentence)
