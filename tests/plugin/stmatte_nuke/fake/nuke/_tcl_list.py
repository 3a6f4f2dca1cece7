# SPDX-License-Identifier: Apache-2.0
"""Tcl's lists: how text is cut into words, and how words are joined to text.

Knows nothing of Nuke. A word remembers whether it stood in braces, because in a knob's value a
word in braces is an expression or a curve, and a bare one is a number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_PLAIN = re.compile(r"[^\s{}\[\]\"\\$;#]+\Z")


class TclError(RuntimeError):
    """Text that is no Tcl."""


@dataclass(frozen=True)
class Word:
    """A word of a list; how it was written is "bare", "braced" or "quoted"."""

    text: str
    how: str


def unescaped(text: str) -> str:
    """Return text with its backslash escapes resolved."""
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text, flags=re.DOTALL)


def brace_end(text: str, start: int) -> int:
    """Return the place of the brace that closes the one at `start`."""
    depth, at = 0, start
    while at < len(text):
        if text[at] == "\\":
            at += 2
            continue
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return at
        at += 1
    raise TclError("missing close-brace")


def quote_end(text: str, start: int) -> int:
    """Return the place of the quote that closes the one at `start`."""
    at = start + 1
    while at < len(text):
        if text[at] == "\\":
            at += 2
            continue
        if text[at] == '"':
            return at
        at += 1
    raise TclError('missing "')


def words(text: str) -> list[Word]:
    """Cut a list into its words."""
    found: list[Word] = []
    at = 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at >= len(text):
            return found
        if text[at] == "{":
            end = brace_end(text, at)
            found.append(Word(text[at + 1 : end], "braced"))
            at = end + 1
        elif text[at] == '"':
            end = quote_end(text, at)
            found.append(Word(unescaped(text[at + 1 : end]), "quoted"))
            at = end + 1
        else:
            end = at
            while end < len(text) and not text[end].isspace():
                end += 2 if text[end] == "\\" else 1
            found.append(Word(unescaped(text[at:end]), "bare"))
            at = end
            continue
        if at < len(text) and not text[at].isspace():
            raise TclError("extra characters after close-brace or close-quote")


def quoted(text: str) -> str:
    """Return a word as Nuke writes it: bare where it may be, else in quotes with escapes."""
    if _PLAIN.match(text):
        return text
    inside = re.sub(r"([\\\"\[\]{}$])", r"\\\1", text)
    return '"' + inside.replace("\n", "\\n") + '"'
