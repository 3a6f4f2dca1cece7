# SPDX-License-Identifier: Apache-2.0
"""From the name of a sequence to the name of one file: `####`, `%04d`, `%V`, `%v`."""

from __future__ import annotations

import re


def at(text: str, frame: int, view: str) -> str:
    """Return the file of a frame and a view. `%v` is taken as the view's first letter."""
    text = text.replace("%V", view).replace("%v", view[:1])
    text = re.sub(r"%0?(\d*)d", lambda found: str(frame).zfill(int(found[1] or 0)), text)
    return re.sub(r"#+", lambda found: str(frame).zfill(len(found[0])), text)


def technical(text: str) -> str:
    """Return the name with `%04d` for `####`, as the Python of Nuke gives it."""
    return re.sub(r"#+", lambda found: f"%0{len(found[0])}d", text)


def on_disk(text: str) -> str:
    """Return the name without a reader's prefix such as `exr:`."""
    found = re.match(r"([a-z][a-z0-9]+):(/.*|[^/\\].*)\Z", text)
    return found[2] if found and len(found[1]) > 1 else text
