# SPDX-License-Identifier: Apache-2.0
"""Pages put together from the files in `page/`: style, markup, scripts, and what they show.

A page carries all of it and asks nobody for anything; its own policy forbids it, too.
"""

from __future__ import annotations

import html
import json
from functools import cache
from importlib.resources import files
from typing import Any

PARTS = (
    "bytes",
    "shelf",
    "views",
    "strip",
    "readout",
    "crop",
    "saving",
    "notes",
    "keyboard",
    "player",
)
"""The scripts of a shot's page, in the order in which they build on each other."""


@cache
def source(name: str) -> str:
    """Return the text of a file in `page/`."""
    return (files(__package__) / "page" / name).read_text("utf-8")


def head(title: str) -> str:
    """Return the beginning of a page, up to where its body begins."""
    begin = source("head.html").replace("{{title}}", html.escape(title))
    return begin.replace("{{style}}", source("style.css"))


def script(*names: str) -> str:
    """Return scripts as one, in a scope of their own."""
    text = "\n".join(source(f"{name}.js") for name in names)
    return f'<script>(() => {{\n"use strict";\n{text}\n}})();</script>\n'


def told(name: str, value: Any) -> str:
    """Return something that a script is told, by its name."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    # "</script" in a name must not end it; JSON means the same by this
    text = text.replace("<", "\\u003c")
    return f'<script type="application/json" id="{html.escape(name)}">{text}</script>\n'


def piece(name: str, packed: str) -> str:
    """Return a piece of pixels, by its name."""
    return f'<script type="text/plain" id="{name}">{packed}</script>\n'
