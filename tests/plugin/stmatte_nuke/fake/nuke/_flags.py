# SPDX-License-Identifier: Apache-2.0
"""The flags of knobs and the masks of dependencies, by the numbers of Nuke's Knobs.h."""

from __future__ import annotations

DISABLED = 0x80
NO_ANIMATION = 0x100
DO_NOT_WRITE = 0x200
INVISIBLE = 0x400
STARTLINE = 0x1000
ENDLINE = 0x2000

EXPRESSIONS = 1
LINKINPUTS = 2
INPUTS = 4
HIDDEN_INPUTS = 8

NODIR = 1
REPLACE = 8
SMOOTH, LINEAR, CONSTANT = 0, 1, 2

WRITE_ALL = 1
WRITE_NON_DEFAULT_ONLY = 2
WRITE_USER_KNOB_DEFS = 8
TO_SCRIPT = 16
TO_VALUE = 32

WRITTEN = {
    "STARTLINE": STARTLINE,
    "INVISIBLE": INVISIBLE,
    "HIDDEN": INVISIBLE,
    "DISABLED": DISABLED,
    "DO_NOT_WRITE": DO_NOT_WRITE,
}
"""The flags of `addUserKnob` lines."""
