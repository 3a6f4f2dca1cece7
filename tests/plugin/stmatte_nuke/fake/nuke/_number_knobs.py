# SPDX-License-Identifier: Apache-2.0
"""Knobs whose value is numbers: each channel a constant, keys or an expression."""

from __future__ import annotations

from typing import Any, Union

from . import _expressions
from ._animation import AnimationCurve, Channel, now
from ._flags import NO_ANIMATION
from ._knob import Knob
from ._tcl_list import words

Number = Union[int, float]


class Array_Knob(Knob):
    """Numbers; a class below says how many (`_size`) and of which kind."""

    _number: int | None = 78
    _size = 1
    _shared = False  # whether one number stands for all channels

    def __init__(self, name: str, label: str | None = None, size: int | None = None) -> None:
        self._channels = [Channel() for _ in range(size or self._size)]
        super().__init__(name, label)

    # -- state

    def _state(self) -> Any:
        return tuple(channel.frozen() for channel in self._channels)

    def _restore(self, state: Any) -> None:
        self._channels = [Channel.thawed(each) for each in state]

    def _text(self) -> str:
        said = [channel.script() for channel in self._channels]
        if len(said) == 1 or len(set(said)) == 1:
            return "{" + said[0] + "}" if said[0].startswith("{") else said[0]
        return "{" + " ".join(said) + "}"

    def _read(self, text: str, how: str) -> None:
        found = words(text) if how == "braced" else words(text.strip())
        if not found:
            raise RuntimeError(f"{self._name}: no value")
        channels = [Channel.parsed(word.text, word.how == "braced") for word in found]
        if len(channels) == 1:
            channels *= len(self._channels)
        if len(channels) != len(self._channels):
            raise RuntimeError(f"{self._name}: {len(channels)} values for {len(self._channels)}")
        self._channels = [Channel.thawed(each.frozen()) for each in channels]

    def _at(self, frame: float, index: int) -> float:
        channel = self._channels[index]
        if channel.expression:
            return _expressions.value(channel.expression, self._node, frame)
        return channel.at(frame)

    def _checked(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(f"{self.Class()}.setValue takes a number, not {type(value).__name__}")
        return float(value)

    def _out(self, value: float) -> Any:
        return value

    def _edited(self, index: int, edit: Any) -> None:
        """Change some channels; -1 is all of them."""
        before = self._state()
        for number, channel in enumerate(self._channels):
            if index in (-1, number):
                edit(channel)
        after = self._state()
        self._restore(before)
        self._change(after)

    def _set(self, value: Number, index: int, time: float | None) -> None:
        number = self._checked(value)

        def edit(channel: Channel) -> None:
            channel.expression = ""
            if channel.animated or time is not None:
                channel.animated = True
                channel.keys[float(now() if time is None else time)] = number
            else:
                channel.constant = number

        if time is not None and self._flags & NO_ANIMATION:
            raise ValueError(f"{self._name} cannot be animated")
        if not -1 <= index < len(self._channels):
            raise IndexError(f"{self._name} has {len(self._channels)} channels")
        self._edited(index, edit)

    # -- Nuke's own

    def value(self, index: int = -1) -> Any:
        return self._values(index, None, self._out)

    def getValue(self, index: int = -1) -> Any:
        return self._values(index, None, float)

    def valueAt(self, frame: float, index: int = -1) -> Any:
        return self._values(index, frame, self._out)

    def getValueAt(self, frame: float, index: int = -1, view: str | None = None) -> Any:
        return self._values(index, frame, float)

    def _values(self, index: int, frame: float | None, out: Any) -> Any:
        at = now() if frame is None else frame
        if index == -1 and len(self._channels) > 1:
            return [out(self._at(at, number)) for number in range(len(self._channels))]
        return out(self._at(at, max(index, 0)))

    def setValue(self, val: Any, chan: int = -1, time: float | None = None) -> bool:
        if isinstance(val, (list, tuple)):
            if len(val) != len(self._channels) or chan != -1:
                raise TypeError(f"{self._name} takes {len(self._channels)} numbers")
            for number, each in enumerate(val):
                self._set(each, number, time)
        else:
            self._set(val, chan, time)
        return True

    def setSingleValue(self, val: Any) -> bool:
        return self.setValue(val)

    def setValueAt(self, val: Any, time: float, index: int = -1, view: Any = None) -> bool:
        return self.setValue(val, index, float(time))

    def setKeyAt(self, time: float, index: int = -1) -> bool:
        for number in range(len(self._channels)) if index == -1 else [index]:
            self._set(self._at(time, number), number, float(time))
        return True

    def setAnimated(self, channel: int = -1) -> bool:
        def edit(each: Channel) -> None:
            each.animated = True
            each.keys = each.keys or {float(now()): each.constant}

        self._edited(channel, edit)
        return True

    def clearAnimated(self, channel: int = -1) -> bool:
        def edit(each: Channel) -> None:
            each.constant = each.at(now())
            each.animated, each.keys, each.expression = False, {}, ""

        self._edited(channel, edit)
        return True

    def setExpression(self, expression: str, channel: int = -1, view: Any = None) -> bool:
        if not isinstance(expression, str):
            raise TypeError("setExpression takes a str")
        self._edited(channel, lambda each: setattr(each, "expression", expression))
        return True

    def hasExpression(self, index: int = -1) -> bool:
        return any(each.expression for each in self._some(index))

    def isAnimated(self, channel: int = -1) -> bool:
        # An expression counts as animation in Nuke's interface.
        return any(each.animated or each.expression for each in self._some(channel))

    def isKeyAt(self, frame: float, index: int = -1, view: Any = None) -> bool:
        return any(frame in each.keys for each in self._some(index))

    def isKey(self, channel: int = -1) -> bool:
        return self.isKeyAt(now(), channel)

    def removeKeyAt(self, frame: float, index: int = -1, view: Any = None) -> bool:
        self._edited(index, lambda each: each.keys.pop(float(frame), None))
        return True

    def getKeyList(self) -> list[int]:
        return sorted({int(time) for each in self._channels for time in each.keys})

    def animation(self, channel: int = 0) -> AnimationCurve | None:
        animated = self._channels[channel].animated or self._channels[channel].expression
        return AnimationCurve(self, channel) if animated else None

    def animations(self) -> list[AnimationCurve]:
        all_of_them = range(len(self._channels))
        return [AnimationCurve(self, i) for i in all_of_them if self.animation(i) is not None]

    def _some(self, index: int) -> list[Channel]:
        return self._channels if index == -1 else [self._channels[index]]

    def arraySize(self) -> int:
        return len(self._channels)

    def defaultValue(self) -> float:
        return float(self._default[0][0])

    def setDefaultValue(self, values: list[float]) -> None:
        self._default = tuple(Channel(float(value)).frozen() for value in values)

    def setRange(self, low: float, high: float) -> None:
        self._range = (low, high)

    def notDefault(self) -> bool:
        return not self._is_default()


class Double_Knob(Array_Knob):
    _number: int | None = 7


class Int_Knob(Array_Knob):
    _number: int | None = 3

    def _checked(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"Int_Knob.setValue takes an int, not {type(value).__name__}")
        return float(value)

    def _out(self, value: float) -> int:
        return int(value)


class Unsigned_Knob(Int_Knob):
    _number: int | None = None


class Boolean_Knob(Array_Knob):
    _number: int | None = 6

    def __init__(self, name: str, label: str | None = None, value: bool = False) -> None:
        super().__init__(name, label)
        self._channels[0].constant = float(value)

    def _checked(self, value: Any) -> float:
        if not isinstance(value, (bool, int)):
            raise TypeError(f"Boolean_Knob.setValue takes a bool, not {type(value).__name__}")
        return float(bool(value))

    def _out(self, value: float) -> bool:
        return bool(value)

    def _text(self) -> str:
        said = super()._text()
        return {"0": "false", "1": "true"}.get(said, said)


class Disable_Knob(Boolean_Knob):
    _number: int | None = None


class XY_Knob(Array_Knob):
    _number: int | None = 12
    _size = 2

    def x(self) -> float:
        return self._at(now(), 0)

    def y(self) -> float:
        return self._at(now(), 1)


class WH_Knob(XY_Knob):
    _number: int | None = 14


class UV_Knob(Array_Knob):
    _number: int | None = 30
    _size = 2


class BBox_Knob(Array_Knob):
    _number: int | None = 15
    _size = 4


class Color_Knob(Array_Knob):
    _number: int | None = 18
    _size = 3


class AColor_Knob(Color_Knob):
    _number: int | None = 19
    _size = 4


class Scale_Knob(Array_Knob):
    """One number for both ways until it is split, as Nuke shows it."""

    _number: int | None = None
    _size = 2
