# SPDX-License-Identifier: Apache-2.0
"""The knobs of an STMatte node: names, kinds, labels, tooltips, and how they lie in the panel.

A knob's name is a promise to every script that was ever saved; a new version adds and never
renames. What an artist needs first lies open, the rest in closed groups. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import tooltips
from .version import VERSION

ROWS = 20
"""Objects that a node can have."""

ROWS_AT_FIRST = 3
"""Rows of the table that are always seen: an artist may fill in some before a button is pressed."""

NO_OBJECT = "none yet"
"""What the `object` knob says while the node has no object."""

FIRST_OUT = "[file dirname [value root.name]]/mattes/STMatte/STMatte.####.exr"
"""Where a fresh node would put its mattes; the first press gives it a take of its own."""

STRING, FILE, INT, ENUMERATION, BOOL, DOUBLE, COLOR = 1, 2, 3, 4, 6, 7, 18
TAB, BUTTON, TEXT, MULTILINE = 20, 22, 26, 28
"""Nuke's own numbers of the kinds of knobs."""

OPEN, CLOSED, END = 1, 2, -1
"""What begins and ends a group of knobs (kind `TAB`)."""

SHOWS = ("plate with mattes", "matte", "premultiplied plate", "overlay")
REACHES = ("1", "2", "3", "4", "5", "all")
EDGES = ("guided", "off", "matting")
FOCUSES = ("off", "auto")
PRECISIONS = ("float32", "bfloat16", "float16")
RANGES = ("plate", "project", "custom")
PLATES_FROM = ("automatic", "what is connected")
MODELS = ("stmatte-s", "label-propagation")


@dataclass(frozen=True)
class KnobLine:
    """One knob of the panel.

    kind     Nuke's number of its kind
    name     by which scripts and expressions find it
    label    what the panel says beside it
    tooltip  what it does, for artists
    default  its value in a fresh node, as text; "" is Nuke's own
    items    what an enumeration offers
    flags    "+STARTLINE", "-STARTLINE", "+HIDDEN" (may be shown), "+INVISIBLE" (never seen)
    fold     OPEN, CLOSED or END for a group, else 0
    limits   lowest and highest of its slider, "" where it has none
    """

    kind: int
    name: str
    label: str = ""
    tooltip: str = ""
    default: str = ""
    items: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    fold: int = 0
    limits: str = ""


def row_names(row: int) -> tuple[str, str, str]:
    """Return the knobs of an object's row, 1 to `ROWS`: on, name, source."""
    return f"object{row}_on", f"object{row}_name", f"object{row}_source"


def _button(name: str, label: str, *, follows: bool = False) -> KnobLine:
    flag = "-STARTLINE" if follows else "+STARTLINE"
    return KnobLine(BUTTON, name, label, tooltips.of(name), flags=(flag,))


def _text(name: str, label: str = "") -> KnobLine:
    """Text that is shown. It is saved: nobody could show that a user knob which is not to be
    written is still there when the script is opened again."""
    return KnobLine(TEXT, name, label, tooltips.of(name), default=" ", flags=("+STARTLINE",))


def _choice(name: str, label: str, items: tuple[str, ...]) -> KnobLine:
    return KnobLine(ENUMERATION, name, label, tooltips.of(name), items[0], items)


def _value(kind: int, name: str, label: str, default: str = "", *flags: str) -> KnobLine:
    return KnobLine(kind, name, label, tooltips.of(name), default, flags=flags)


def _flag(name: str, label: str) -> KnobLine:
    return _value(BOOL, name, label, "false", "+STARTLINE")


def _begin(name: str, label: str, fold: int) -> KnobLine:
    return KnobLine(TAB, name, label, fold=fold)


def _end(name: str) -> KnobLine:
    return KnobLine(TAB, f"end_{name}", fold=END)


def _line(name: str) -> KnobLine:
    return KnobLine(TEXT, name)


def _hidden(name: str, default: str = "") -> KnobLine:
    return KnobLine(STRING, name, default=default, flags=("+INVISIBLE",))


def _row(row: int) -> tuple[KnobLine, ...]:
    """The knobs of one object, in one line."""
    on, name, source = row_names(row)
    unseen = ("+HIDDEN",) if row > ROWS_AT_FIRST else ()
    return (
        KnobLine(BOOL, on, "", tooltips.of("object_on"), "true", flags=("+STARTLINE", *unseen)),
        KnobLine(STRING, name, "name", tooltips.of("object_name"), flags=("-STARTLINE", *unseen)),
        KnobLine(
            STRING, source, "from", tooltips.of("object_source"), flags=("-STARTLINE", *unseen)
        ),
    )


_FIRST_SCREEN = (
    KnobLine(TAB, "stmatte", "STMatte"),
    _button("propagate", "Propagate"),
    _button("propagate_span", "Propagate this span", follows=True),
    _button("cancel", "Cancel", follows=True),
    _text("status"),
    _text("forecast"),
    _text("strip"),
    _text("notes"),
    _line("line_output"),
    _choice("object", "object", (NO_OBJECT,)),
    _choice("show", "show", SHOWS),
    _value(COLOR, "tint", "tint", "1 0.1 0.1"),
)

_OBJECTS = (
    _begin("objects", "Objects", OPEN),
    _button("find_objects", "Find objects"),
    *(knob for row in range(1, ROWS + 1) for knob in _row(row)),
    _end("objects"),
)

_KEYS = (
    _begin("keys", "Keys of the object", OPEN),
    _text("key_list"),
    _value(STRING, "mark_frames", "frames"),
    _button("key_here", "Key here"),
    _button("drop_key_here", "Drop key here", follows=True),
    _button("absent_here", "Absent here", follows=True),
    _button("lock_here", "Lock", follows=True),
    _button("clear_marks", "Clear", follows=True),
    _button("next_key", "Go to suggested frame"),
    _text("advice"),
    _end("keys"),
)

_SHOT = (
    _begin("mattes", "How mattes are made", CLOSED),
    _choice("model", "model", MODELS),
    _value(INT, "working_height", "working height", "0"),
    _choice("reach", "reach", REACHES),
    _choice("edges", "edges", EDGES),
    _choice("focus", "focus", FOCUSES),
    _flag("steady", "steady edges"),
    _value(INT, "adapt", "adapt", "0"),
    _choice("precision", "precision", PRECISIONS),
    _end("mattes"),
    _begin("shot", "Plate and range", CLOSED),
    _choice("range", "range", RANGES),
    _value(INT, "first", "first", "1"),
    _value(INT, "last", "last", "100", "-STARTLINE"),
    _choice("plate_from", "plate from", PLATES_FROM),
    _value(STRING, "colorspace", "colour space"),
    _value(STRING, "view", "view"),
    _end("shot"),
    _begin("files", "Files", CLOSED),
    _value(FILE, "out", "mattes", FIRST_OUT),
    _flag("uncertainty", "uncertainty"),
    _flag("cryptomatte", "Cryptomatte"),
    _button("refresh", "Read mattes again"),
    _end("files"),
    _begin("roto", "Matte to Roto", CLOSED),
    KnobLine(DOUBLE, "tolerance", "tolerance", tooltips.of("tolerance"), "1", limits="0.25 10"),
    _button("to_roto", "Matte to Roto"),
    _end("roto"),
    _begin("said", "What you said of frames", CLOSED),
    _value(MULTILINE, "marks", "marks"),
    _end("said"),
    _begin("engine_group", "Engine", CLOSED),
    _value(STRING, "engine", "command"),
    _text("engine_state"),
    _button("update_node", "Update this node"),
    _end("engine_group"),
)

_UNSEEN = (
    _hidden("stm_version", VERSION),
    _hidden("stm_identity"),
    _hidden("stm_known_as"),
    _hidden("stm_exposure"),
    _hidden("stm_plate"),
)

KNOBS: tuple[KnobLine, ...] = (*_FIRST_SCREEN, *_OBJECTS, *_KEYS, *_SHOT, *_UNSEEN)
"""All of them, as they lie in the panel from top to bottom."""

NAMED: dict[str, KnobLine] = {knob.name: knob for knob in KNOBS}

BUTTONS = tuple(knob.name for knob in KNOBS if knob.kind == BUTTON)
TEXTS = tuple(knob.name for knob in KNOBS if knob.kind == TEXT and knob.default)
"""Knobs that only show something; " " is no text at all (Nuke draws an empty one as a line)."""

KEPT = tuple(
    knob.name
    for knob in KNOBS
    if knob.kind not in (TAB, BUTTON, TEXT) and knob.name != "stm_version"
)
"""Knobs that hold what an artist chose or what the node remembers: all of a node's state."""
