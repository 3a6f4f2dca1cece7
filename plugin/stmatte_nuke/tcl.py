# SPDX-License-Identifier: Apache-2.0
"""How a node is written in a Nuke script, which is Tcl: words, lists, knobs, statements.

Knows the text alone: no class of node, no knob of ours, no Nuke.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_BARE = re.compile(r"[A-Za-z0-9_.+\-/][A-Za-z0-9_.+\-/:%=,@#*~]*")
_ESCAPED = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "[": "\\[", "{": "\\{", "}": "\\}", "$": "\\$", "\n": "\\n"}
)


def word(text: str) -> str:
    """Return a value as one word of a script: bare where that is safe, else in quotes.

    Braces are escaped too: a lone one would end the node around it.
    """
    if _BARE.fullmatch(text):
        return text
    return f'"{text.translate(_ESCAPED)}"'


def listed(texts: Iterable[str]) -> str:
    """Return values as one braced list, as the items of an enumeration are written."""
    return "{" + " ".join(word(text) for text in texts) + "}"


def expression(text: str) -> str:
    """Return the value of a knob that follows an expression: `{{parent.first}}`."""
    return "{{" + text + "}}"


def value(text: str) -> str:
    """Return a knob's value as it stands in a script: an expression as it is, else a word."""
    return text if text.startswith("{{") and text.endswith("}}") else word(text)


def node_text(kind: str, knobs: Iterable[tuple[str, str]], indent: str = "") -> str:
    """Return the statement that makes one node.

    kind    the class, "Read"
    knobs   name and value of each, in the order of writing; a value as a person would type it,
            or an `expression`
    indent  put before each line
    """
    lines = [f"{indent}{kind} {{"]
    lines += [f"{indent} {name} {value(text)}" for name, text in knobs]
    return "\n".join([*lines, f"{indent}}}", ""])
