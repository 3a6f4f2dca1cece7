# SPDX-License-Identifier: Apache-2.0
"""Knobs whose value is text: plain, evaluated, files, scripts behind buttons, labels, tabs."""

from __future__ import annotations

import re
from typing import Any

from . import _file_names, _string_tcl
from ._knob import Knob
from ._seat import seat
from ._tcl_list import quoted


class String_Knob(Knob):
    """Text as it is."""

    _number = 28  # multi-line; see the table of types

    def __init__(self, name: str, label: str | None = None, value: str = "") -> None:
        self._value = ""
        super().__init__(name, label)
        if value:
            self._value = self._checked(value)

    def _checked(self, value: Any) -> str:
        if not isinstance(value, str):
            raise TypeError(f"{self.Class()}.setValue takes a str, not {type(value).__name__}")
        return value

    def _state(self) -> Any:
        return self._value

    def _restore(self, state: Any) -> None:
        self._value = state

    def _text(self) -> str:
        return quoted(self._value)

    def _read(self, text: str, how: str) -> None:
        self._value = text

    def value(self, oc: Any = None) -> str:
        return self._value

    def getValue(self, oc: Any = None) -> str:
        return self._value

    def getText(self, oc: Any = None) -> str:
        return self._value

    def setValue(self, val: str, view: Any = None) -> None:
        self._change(self._checked(val))

    def setText(self, val: str, view: Any = None) -> None:
        self.setValue(val)


class EvalString_Knob(String_Knob):
    """Text in which `[...]` is Tcl: `value()` is what was typed, `evaluate()` what it means."""

    _number = 1

    def evaluate(self) -> str:
        return _file_names.at(_string_tcl.evaluated(self._value, self._node), *_now())


class Multiline_Eval_String_Knob(EvalString_Knob):
    """Several lines of it."""

    _number = 43


class File_Knob(EvalString_Knob):
    """A file or a sequence."""

    _number = 2

    def _checked(self, value: Any) -> str:
        # Nuke takes forward slashes only; a backslash is Tcl's escape.
        if "\\" in super()._checked(value).replace("\\[", "").replace("\\]", ""):
            raise TypeError("a file in Nuke has forward slashes only")
        return str(value)

    # The documentation of getEvaluatedValue says that #### stays; it was seen to give the
    # current file. Where the text holds a pattern, both cannot be trusted.
    def getEvaluatedValue(self, oc: Any = None) -> str:
        return self.evaluate()

    def fromUserText(self, text: str) -> None:
        found = re.match(r"(.*?)\s+(-?\d+)(?:-(-?\d+))?\Z", self._checked(text), re.DOTALL)
        self._change(self._checked(found[1] if found else text))
        if found and self._node is not None:
            for knob, frame in (("first", found[2]), ("last", found[3] or found[2])):
                if self._node.knob(knob) is not None:
                    self._node[knob].setValue(int(frame))  # type: ignore[attr-defined]


class Script_Knob(String_Knob):
    """A button that runs Tcl. Its text is the program."""

    _number = 32

    def command(self) -> str:
        return self._value

    def setCommand(self, cmd: str) -> None:
        self.setValue(cmd)

    def execute(self) -> None:
        raise RuntimeError("buttons that run Tcl are not replayed here")


class PyScript_Knob(Script_Knob):
    """A button that runs Python."""

    _number = 22

    def __init__(self, name: str, label: str | None = None, command: str = "") -> None:
        super().__init__(name, label, command)

    def execute(self) -> None:
        """Run the program with this node and this knob as nuke's own."""
        if self._node is None:
            raise ValueError("This knob has not been added to a node")
        if self._node.Class() == "Read" and self._name == "reload":
            version: Any = self._node["version"]
            version.setValue(version.value() + 1)
            return
        self._node._run(self, self._value)


class PythonKnob(String_Knob):
    """Python that Nuke calls by itself, such as `beforeRender`."""


class Text_Knob(Knob):
    """Text that is shown; a divider where there is none."""

    _number = 26

    def __init__(self, name: str, label: str | None = None, text: str = "") -> None:
        self._shown = text
        super().__init__(name, label)
        self._default = ""

    def _state(self) -> Any:
        return self._shown

    def _restore(self, state: Any) -> None:
        self._shown = state

    def _text(self) -> str:
        return quoted(self._shown)

    def _read(self, text: str, how: str) -> None:
        self._shown = text

    def value(self) -> str:
        return self._shown

    def getValue(self) -> str:
        return self._shown

    def setValue(self, value: str) -> bool:
        if not isinstance(value, str):
            raise TypeError(f"Text_Knob.setValue takes a str, not {type(value).__name__}")
        self._change(value)
        return True


class Tab_Knob(Knob):
    """A tab, or the beginning or end of a group of knobs: `flag` is the number after `n`."""

    _number = 20

    def __init__(self, name: str, label: str | None = None, flag: int = 0) -> None:
        super().__init__(name, label)
        self._n = flag

    def value(self) -> int:
        return 0

    def setValue(self, value: Any) -> bool:
        raise TypeError("whether a Tab_Knob takes a value is not known")


def _now() -> tuple[int, str]:
    return seat().frame, seat().view
