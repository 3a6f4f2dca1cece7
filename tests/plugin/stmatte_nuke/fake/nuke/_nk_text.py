# SPDX-License-Identifier: Apache-2.0
"""The statements of a .nk text: which command, with which words. Knows no class of node.

Of Tcl it reads what Nuke writes: `set X [stack 0]`, `push`, `add_layer`, `version`, `end_group`
and `Class {pairs}`; everything else is refused, because a script that needs it is not ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from ._tcl_list import TclError, Word, brace_end, quote_end, words


@dataclass(frozen=True)
class Statement:
    """A command and its words, as they were written."""

    head: str
    rest: tuple[Word, ...]
    line: int


def statements(text: str) -> list[Statement]:
    """Cut a script into its statements."""
    found: list[Statement] = []
    at = 0
    while at < len(text):
        end = _statement_end(text, at)
        piece = text[at:end].strip()
        if piece.startswith("#"):
            end = text.find("\n", at) if "\n" in text[at:] else len(text)
            end = max(end, at + 1)
        elif piece:
            line = text.count("\n", 0, at) + 1
            head, _, rest = piece.partition(" ") if " " in piece else (piece, "", "")
            found.append(Statement(head, _words(rest, line), line))
        at = end + 1
    return found


def _statement_end(text: str, start: int) -> int:
    """Return where the statement at `start` ends: a new line or `;` outside braces and quotes."""
    at = start
    while at < len(text) and text[at].isspace():
        at += 1
    if text[at : at + 1] == "#":
        end = text.find("\n", at)
        return len(text) if end < 0 else end
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text[at] == "{":
            at = brace_end(text, at) + 1
        elif text[at] == '"':
            at = quote_end(text, at) + 1
        elif text[at] in "\n;":
            return at
        else:
            at += 1
    return at


def _words(text: str, line: int) -> tuple[Word, ...]:
    try:
        return tuple(words(text))
    except TclError as wrong:
        raise TclError(f"line {line}: {wrong}") from wrong


def pairs(body: str, line: int) -> list[tuple[str, Word]]:
    """Cut the body of a node into knob and value."""
    found = words(body)
    if len(found) % 2:
        raise TclError(f"line {line}: the body of the node is no list of pairs")
    return [(found[i].text, found[i + 1]) for i in range(0, len(found), 2)]
