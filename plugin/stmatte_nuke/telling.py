# SPDX-License-Identifier: Apache-2.0
"""Where sentences go beside the panel: a message, the script editor, the console of a farm."""

from __future__ import annotations

import sys

import nuke


def to_log(sentence: str) -> None:
    """Without a window, say it where a farm's log is; in one, the panel says it."""
    if not nuke.GUI:
        print(f"STMatte: {sentence}", flush=True)  # noqa: T201


def to_editor(sentence: str) -> None:
    """Say what went wrong in the script editor; without a window, on standard error."""
    if nuke.GUI:
        nuke.tprint(f"STMatte: {sentence}")
    else:
        print(f"STMatte: {sentence}", file=sys.stderr, flush=True)  # noqa: T201


def to_artist(sentence: str) -> None:
    """Say it to who has just pressed something: in a message that waits to be read."""
    if nuke.GUI:
        nuke.message(sentence)
    else:
        to_editor(sentence)
