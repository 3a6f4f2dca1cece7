# SPDX-License-Identifier: Apache-2.0
"""What every knob has: a name, a label, a tooltip, flags, and a value that is known as text.

Values live in the classes below this one. A value of the wrong type is refused with TypeError,
as the C side of Nuke does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _flags
from ._seat import seat
from ._threads import Guarded

if TYPE_CHECKING:
    from ._node import Node


class Knob(Guarded):
    """A knob, on a node or not yet on one."""

    _number: int | None = None  # its type in addUserKnob, where it can be a user's knob

    def __init__(self, name: str, label: str | None = None) -> None:
        if not isinstance(name, str) or not (label is None or isinstance(label, str)):
            raise TypeError("a knob takes a name and a label, both str")
        self._name = name
        self._label = label
        self._tooltip = ""
        self._flags = 0
        self._node: Node | None = None
        self._user = False
        self._default = self._state()

    def _stand(self) -> None:
        if self._node is not None and not self._node._attached:
            raise ValueError("A PythonObject is not attached to a node")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} object of {self._name}>"

    # -- what the classes below give

    def _state(self) -> Any:
        """Return the value as something immutable."""
        return None

    def _restore(self, state: Any) -> None:
        """Take over what `_state` gave."""

    def _text(self) -> str:
        """Return the value as a script has it, outer braces or quotes included."""
        return ""

    def _read(self, text: str, how: str) -> None:
        """Take over a value from a script; `how` says if it stood bare, braced or quoted."""

    # -- changes

    def _change(self, after: Any) -> None:
        """Put a new state in, so that undo knows of it, and say so to an open panel."""
        before = self._state()
        self._restore(after)
        if self._node is None or self._name == "selected":
            return  # selecting is not a change of the script
        # Whether an equal value sets Nuke's modified flag is not known: here it does.
        seat().touched(lambda: self._restore(before), lambda: self._restore(after))
        self._node._knob_changed(self)

    def _is_default(self) -> bool:
        return bool(self._state() == self._default)

    # -- Nuke's own methods

    def Class(self) -> str:
        return type(self).__name__

    def name(self) -> str:
        return self._name

    def setName(self, name: str) -> None:
        if self._node is not None:
            raise ValueError("renaming a knob that is on a node is not replayed here")
        self._name = name

    def label(self) -> str:
        return self._name if self._label is None else self._label

    def setLabel(self, label: str) -> None:
        if not isinstance(label, str):
            raise TypeError("setLabel takes a str")
        self._label = label

    def tooltip(self) -> str:
        return self._tooltip

    def setTooltip(self, tooltip: str) -> None:
        if not isinstance(tooltip, str):
            raise TypeError("setTooltip takes a str")
        self._tooltip = tooltip

    def node(self) -> Node:
        if self._node is None:
            raise ValueError("This knob has not been added to a node")
        return self._node

    def fullyQualifiedName(self, channel: int = -1) -> str:
        return f"{self.node().fullName()}.{self._name}"

    def getFlag(self, flag: int) -> bool:
        return bool(self._flags & flag)

    def setFlag(self, flag: int) -> None:
        self._put_flags(self._flags | flag)

    def clearFlag(self, flag: int) -> None:
        self._put_flags(self._flags & ~flag)

    def _put_flags(self, after: int) -> None:
        before = self._flags
        self._flags = after
        if self._node is not None and before != after:
            seat().modified = True  # flags are written with the script; undo does not know them

    def visible(self) -> bool:
        return not self._flags & _flags.INVISIBLE

    def setVisible(self, visible: bool) -> None:
        (self.clearFlag if visible else self.setFlag)(_flags.INVISIBLE)

    def enabled(self) -> bool:
        return not self._flags & _flags.DISABLED

    def setEnabled(self, enabled: bool) -> None:
        (self.clearFlag if enabled else self.setFlag)(_flags.DISABLED)

    def toScript(self, quote: bool = True, context: Any = None) -> str:
        return self._text()

    def fromScript(self, script: str) -> None:
        from ._tcl_list import words

        if not isinstance(script, str):
            raise TypeError("fromScript takes a str")
        before = self._state()
        found = words(script)
        how = found[0].how if len(found) == 1 else "braced"
        self._read(found[0].text if len(found) == 1 else script, how)
        after = self._state()
        self._restore(before)
        self._change(after)

    def hasExpression(self, index: int = -1) -> bool:
        return False

    def isAnimated(self, channel: int = -1) -> bool:
        return False

    def getKeyList(self) -> list[int]:
        return []

    def getNumKeys(self, channel: int = -1) -> int:
        return len(self.getKeyList())


class Obsolete_Knob(Knob):
    """A knob of a class that is not replayed: all that is known of it is its text."""

    def __init__(self, name: str, label: str | None = None) -> None:
        self._raw = ("", "bare")
        super().__init__(name, label)

    def _state(self) -> Any:
        return self._raw

    def _restore(self, state: Any) -> None:
        self._raw = state

    def _text(self) -> str:
        from ._tcl_list import quoted

        text, how = self._raw
        return "{" + text + "}" if how == "braced" else quoted(text)

    def _read(self, text: str, how: str) -> None:
        self._raw = (text, how)

    def value(self) -> str:
        return str(self._raw[0])
