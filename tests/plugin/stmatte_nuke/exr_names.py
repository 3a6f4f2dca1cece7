# SPDX-License-Identifier: Apache-2.0
"""What Nuke calls a channel of an EXR file: the rule that Foundry published with its reader.

Written anew from that rule (the NDK's example exrReader): a name is cut at its first two dots,
leading digits and alien characters go, a part that is a view's name is the view. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_COLOURS = {
    **dict.fromkeys(("R", "r", "Red", "RED", "red"), "red"),
    **dict.fromkeys(("G", "g", "Green", "GREEN", "green"), "green"),
    **dict.fromkeys(("B", "b", "Blue", "BLUE", "blue"), "blue"),
    **dict.fromkeys(("A", "a", "Alpha", "ALPHA", "alpha"), "alpha"),
}


def nuke_name(channel: str, views: Iterable[str] = ("main",)) -> str:
    """Return the channel's name in a script, with its layer: "hero.A" is "hero.alpha"."""
    return in_view(channel, views)[1]


def in_view(channel: str, views: Iterable[str] = ("main",)) -> tuple[str, str]:
    """Return the view that a channel belongs to ("" for any), and its name in a script."""
    parts = [_legal(part) for part in _bytes_as_letters(channel).split(".", 2)]
    view, words = "", []
    for part in parts:
        if part in views:
            view = part
        elif part:
            words.append(part)
    if not words:
        return view, "rgba.unnamed"
    *layers, last = words
    layer = "_".join(each for each in layers if each != "Ci") or "rgba"
    return view, f"{layer}.{_COLOURS.get(last, last)}"


def _legal(part: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]", "_", part.lstrip("0123456789"))


def _bytes_as_letters(text: str) -> str:
    """A file's names are bytes: of a letter beyond ASCII each byte is an alien one."""
    return text.encode("utf-8").decode("latin-1")
