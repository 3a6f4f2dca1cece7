# SPDX-License-Identifier: Apache-2.0
"""The Tcl that stands in text knobs: `[value root.name]`, `[file dirname ...]`, and no more.

`[python ...]` and whatever else is unknown here is refused: a script must not depend on it.
"""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING

from ._seat import seat
from ._tcl_list import TclError, words

if TYPE_CHECKING:
    from ._node import Node


def evaluated(text: str, node: Node | None) -> str:
    """Return text with its commands run, seen from a node."""
    said, at = [], 0
    while at < len(text):
        if text[at] == "\\" and at + 1 < len(text):
            said.append(text[at + 1])
            at += 2
        elif text[at] == "[":
            end = _closing(text, at)
            said.append(_command(text[at + 1 : end], node))
            at = end + 1
        else:
            said.append(text[at])
            at += 1
    return "".join(said)


def _closing(text: str, start: int) -> int:
    depth = 0
    for at in range(start, len(text)):
        depth += {"[": 1, "]": -1}.get(text[at], 0)
        if depth == 0:
            return at
    raise TclError("missing close-bracket")


def _arguments(text: str) -> list[str]:
    """Cut a command at spaces, where no bracket is open."""
    found, depth, word = [], 0, ""
    for letter in text + " ":
        depth += {"[": 1, "]": -1}.get(letter, 0)
        if letter.isspace() and depth == 0:
            found += [word] if word else []
            word = ""
        else:
            word += letter
    return found


def _command(text: str, node: Node | None) -> str:
    head, *rest = _arguments(text)
    given = [evaluated(_bare(word), node) for word in rest]
    if head == "value" and len(given) == 1:
        return _value(given[0], node)
    if head == "file" and len(given) == 2:
        # Of a script that was never saved it is said to be empty; Tcl itself says ".".
        stem, ending = posixpath.splitext(given[1])
        parts = {
            "dirname": posixpath.dirname(given[1]) or ("." if seat().otherwise else ""),
            "tail": posixpath.basename(given[1]),
            "rootname": stem,
            "extension": ending,
        }
        return parts[given[0]]
    if head == "getenv" and len(given) == 1:
        return os.environ.get(given[0], "")
    if head == "join":
        return " ".join(given)
    raise TclError(f'invalid command name "{head}" (known here: value, file, getenv)')


def _bare(word: str) -> str:
    if word[:1] in '{"':
        return words(word)[0].text
    return word


def _value(path: str, node: Node | None) -> str:
    from ._references import find

    found = find(path, node)
    if found is None:
        raise TclError(f'Nothing is named "{path}"')
    evaluate = getattr(found.knob, "evaluate", None)
    if evaluate is not None:
        return evaluated(str(found.knob._state()), found.knob._node)
    return found.text()
