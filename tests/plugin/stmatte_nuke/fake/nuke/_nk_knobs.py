# SPDX-License-Identifier: Apache-2.0
"""`addUserKnob` lines: from the line to the knob, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import _choice_knobs as choice
from . import _flags
from . import _number_knobs as number
from . import _text_knobs as text
from ._format import Format_Knob
from ._knob import Knob
from ._tcl_list import TclError, quoted, words

TYPES: dict[int, Callable[..., Knob]] = {
    1: text.EvalString_Knob, 2: text.File_Knob, 3: number.Int_Knob, 4: choice.Enumeration_Knob,
    6: number.Boolean_Knob, 7: number.Double_Knob, 8: number.Double_Knob,
    10: choice.ChannelMask_Knob, 11: choice.Channel_Knob, 12: number.XY_Knob, 14: number.WH_Knob,
    15: number.BBox_Knob, 17: Format_Knob, 18: number.Color_Knob, 19: number.AColor_Knob,
    20: text.Tab_Knob, 22: text.PyScript_Knob, 26: text.Text_Knob, 28: text.String_Knob,
    30: number.UV_Knob, 32: text.Script_Knob, 41: choice.Link_Knob,
    43: text.Multiline_Eval_String_Knob, 68: choice.CascadingEnumeration_Knob,
    78: number.Array_Knob, 85: choice.EditableEnumeration_Knob,
}  # fmt: skip


def knob_of(line: str) -> Knob:
    """Return the knob of an addUserKnob line, the text between its braces."""
    found = words(line)
    if len(found) < 2 or not found[0].text.isdigit():
        raise TclError(f"addUserKnob {{{line}}}: a type and a name are needed")
    kind, name = int(found[0].text), found[1].text
    if kind not in TYPES:
        raise TclError(f"addUserKnob {{{line}}}: a knob of type {kind} is not read here")
    knob = TYPES[kind](name)
    rest = found[2:]
    if (rest and rest[0].how != "bare") or (rest and rest[0].text[:1] not in "ltMRTn+-"):
        knob._label = rest.pop(0).text  # how old files give it
    flags = 0
    while rest:
        key = rest.pop(0).text
        if key[:1] in "+-" and key[1:] in _flags.WRITTEN:
            if key[0] == "+":
                flags |= _flags.WRITTEN[key[1:]]
            continue
        if not rest or key not in ("l", "t", "M", "R", "T", "n"):
            raise TclError(f"addUserKnob {{{line}}}: {key!r} is not understood")
        value = rest.pop(0)
        if key == "R":
            knob._range = (float(value.text), float(rest.pop(0).text))  # type: ignore[attr-defined]
        else:
            _put(knob, key, value.text)
    knob._flags = flags
    knob._default = knob._state()
    return knob


def _put(knob: Knob, key: str, value: str) -> None:
    if key == "l":
        knob._label = value
    elif key == "t":
        knob._tooltip = value
    elif key == "M" and isinstance(knob, choice.Enumeration_Knob):
        knob._items = tuple(word.text for word in words(value) if word.text)
    elif key == "n" and isinstance(knob, text.Tab_Knob):
        knob._n = int(value)
    elif key == "n" and isinstance(knob, number.Array_Knob):
        knob._channels = knob._channels * int(value)
    elif key == "T" and isinstance(knob, choice.Link_Knob):
        knob._target = value
    elif key == "T" and isinstance(knob, (text.Script_Knob, text.Text_Knob)):
        knob._restore(value)
    else:
        raise TclError(f"{knob._name}: a {knob.Class()} has no {key!r}")


def line_of(knob: Knob) -> str:
    """Return the addUserKnob line of a knob, without the braces."""
    said = [str(_number_of(knob)), knob._name]
    if knob._label is not None:
        said += ["l", _word(knob._label)]
    if knob._tooltip:
        said += ["t", _word(knob._tooltip)]
    if isinstance(knob, choice.Enumeration_Knob):
        said += ["M", "{" + " ".join(quoted(item) for item in knob._items) + "}"]
    bounds: Any = getattr(knob, "_range", None)
    if bounds:
        said += ["R", f"{bounds[0]:g}", f"{bounds[1]:g}"]
    text_of = _text_of(knob)
    if text_of is not None:
        said += ["T", _word(text_of)]
    if isinstance(knob, text.Tab_Knob) and knob._n:
        said += ["n", str(knob._n)]
    if type(knob) is number.Array_Knob:
        said += ["n", str(len(knob._channels))]
    for name, flag in _flags.WRITTEN.items():
        if knob._flags & flag and name != "HIDDEN":
            said.append("+" + name)
    if not knob._flags & _flags.STARTLINE and isinstance(knob, (number.Boolean_Knob,)):
        said.append("-STARTLINE")
    return " ".join(said)


def _text_of(knob: Knob) -> str | None:
    if isinstance(knob, choice.Link_Knob):
        return knob._target
    if isinstance(knob, text.Script_Knob):
        return knob._value
    if isinstance(knob, text.Text_Knob):
        # A text that is not to be written is as it was when the knob was made.
        hidden = knob._flags & _flags.DO_NOT_WRITE
        return str(knob._default if hidden else knob._shown) or None
    return None


def _number_of(knob: Knob) -> int:
    for kind, made in TYPES.items():
        if made is type(knob) and kind != 8:
            return kind
    raise RuntimeError(f"{knob.Class()} cannot be a user's knob here")


def _word(value: str) -> str:
    return quoted(value) if value else '""'
