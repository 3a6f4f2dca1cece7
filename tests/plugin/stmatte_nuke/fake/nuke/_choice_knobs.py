# SPDX-License-Identifier: Apache-2.0
"""Knobs whose value is one of a list, a channel, or a link to another knob."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ._animation import Channel, now
from ._knob import Knob
from ._number_knobs import Unsigned_Knob
from ._seat import seat
from ._tcl_list import quoted


class Enumeration_Knob(Unsigned_Knob):
    """One of a list: `value()` is the item, `getValue()` its number.

    Whether `setValues` keeps the number, so that another item may come to be chosen, or the item,
    is not known: it is this way or otherwise.
    """

    _number: int | None = 4

    def __init__(self, name: str, label: str | None = None, items: Sequence[str] = ()) -> None:
        self._items = tuple(items)
        super().__init__(name, label)

    def _state(self) -> Any:
        return (super()._state(), self._items)

    def _restore(self, state: Any) -> None:
        numbers, self._items = state
        super()._restore(numbers)

    def _is_default(self) -> bool:
        return bool(self._state()[0] == self._default[0])

    def _text(self) -> str:
        if self._channels[0].expression or self._channels[0].animated:
            return super()._text()
        return quoted(self.value())

    def _read(self, text: str, how: str) -> None:
        if how == "braced" and text.lstrip().startswith("{"):
            super()._read(text, how)
        elif text in self._items:
            self._channels[0] = Channel(float(self._items.index(text)))
        elif text.lstrip("-").isdigit():
            self._channels[0] = Channel(float(text))
        elif self._holds_anything():
            self._items = (*self._items, text)
            self._channels[0] = Channel(float(len(self._items) - 1))
        else:
            raise RuntimeError(f'{self._name}: "{text}" is none of {", ".join(self._items)}')

    def _holds_anything(self) -> bool:
        """Whether the list of items isn't known here in full."""
        return False

    def _index(self, value: Any) -> float:
        if isinstance(value, str):
            if value not in self._items:
                # What Nuke does with an unknown item is not known; here it is refused.
                raise TypeError(f'{self._name}: "{value}" is none of {", ".join(self._items)}')
            return float(self._items.index(value))
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{self.Class()}.setValue takes a str or an int")
        if not 0 <= value < len(self._items):
            raise ValueError(f"{self._name} has {len(self._items)} items, not item {value}")
        return float(value)

    def setValue(self, val: Any, chan: int = -1, time: float | None = None) -> bool:
        return super().setValue(int(self._index(val)), chan, time)

    def value(self, index: int = -1) -> str:
        chosen = int(self._at(now(), 0))
        return self._items[chosen] if 0 <= chosen < len(self._items) else ""

    def values(self) -> list[str]:
        return list(self._items)

    def setValues(self, items: Sequence[str]) -> None:
        if isinstance(items, str) or not all(isinstance(item, str) for item in items):
            raise TypeError("setValues takes a list of str")
        kept = self.value()
        if seat().otherwise and self._items:
            numbers = Channel(float(items.index(kept) if kept in items else 0)).frozen()
            self._change(((numbers,), tuple(items)))
        else:
            self._change((super()._state(), tuple(items)))

    def numValues(self) -> int:
        return len(self._items)

    def enumName(self, n: int) -> str:
        return self._items[n]


class EditableEnumeration_Knob(Enumeration_Knob):
    """A list to which a person may add: 85."""

    _number: int | None = 85

    def _holds_anything(self) -> bool:
        return True


class CascadingEnumeration_Knob(Enumeration_Knob):
    """Such as the list of colour spaces, which depends on the machine's configuration."""

    _number: int | None = 68

    def _holds_anything(self) -> bool:
        return True


class Pulldown_Knob(Enumeration_Knob):
    """A menu of commands."""

    _number: int | None = None


class Channel_Knob(Knob):
    """A channel, or a layer of them; it takes no expression."""

    _number: int | None = 11

    def __init__(self, name: str, label: str | None = None, value: str = "none") -> None:
        self._value = value
        super().__init__(name, label)

    def _state(self) -> Any:
        return self._value

    def _restore(self, state: Any) -> None:
        self._value = state

    def _text(self) -> str:
        return quoted(self._value)

    def _read(self, text: str, how: str) -> None:
        text = text.strip()
        self._value = f"rgba.{text}" if text in ("red", "green", "blue", "alpha") else text

    # Scanned: of rgba.alpha it says "alpha", and writes "rgba.alpha".
    def value(self) -> str:
        return self._value[5:] if self._value.startswith("rgba.") else self._value

    def getValue(self) -> str:
        return self.value()

    def setValue(self, name: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"{self.Class()}.setValue takes a str")
        name = f"rgba.{name}" if name in ("red", "green", "blue", "alpha") else name
        layers = {"rgba": (), "rgb": (), "alpha": (), "all": (), "none": (), **seat().layers}
        if name.split(".")[0] not in layers or ("." in name and not _exists(name)):
            raise TypeError(f'{self._name}: there is no channel "{name}" in the script')
        self._change(name)


def _exists(name: str) -> bool:
    return any(name in channels for channels in seat().layers.values())


class ChannelMask_Knob(Channel_Knob):
    """A set of channels: a layer, `all`, `none`, or named ones."""

    _number: int | None = 10

    def value(self) -> str:
        return self._value

    def setValue(self, name: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"{self.Class()}.setValue takes a str")
        self._change(name)


class Link_Knob(Knob):
    """A knob that is another one: 41."""

    _number: int | None = 41

    def __init__(self, name: str, label: str | None = None) -> None:
        self._target = ""
        super().__init__(name, label)

    def setLink(self, s: str) -> None:
        self._target = s

    def makeLink(self, s: str, t: str) -> None:
        self._target = f"{s}.{t}"

    def getLink(self) -> str:
        return self._target

    def getLinkedKnob(self) -> Knob | None:
        from . import _references

        found = _references.find(self._target, self._node)
        return found.knob if found else None


class MultiView_Knob(Knob):
    """The views that a Write makes: their names, separated by spaces."""

    def __init__(self, name: str, label: str | None = None) -> None:
        self._names = ""
        super().__init__(name, label)

    def _state(self) -> Any:
        return self._names

    def _restore(self, state: Any) -> None:
        self._names = state

    def _text(self) -> str:
        return "{" + self._names + "}"

    def _read(self, text: str, how: str) -> None:
        self._names = text

    def value(self) -> str:
        return self._names

    def setValue(self, value: str) -> None:
        if not isinstance(value, str):
            raise TypeError("MultiView_Knob.setValue takes a str")
        unknown = [name for name in value.split() if name not in seat().views]
        if unknown:
            raise ValueError(f"no view is named {unknown[0]}")
        self._change(value)
