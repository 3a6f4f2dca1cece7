# SPDX-License-Identifier: Apache-2.0
"""Formats, and the knob that holds one."""

from __future__ import annotations

from typing import Any

from ._knob import Knob
from ._seat import seat
from ._tcl_list import quoted
from ._threads import Guarded


class Format(Guarded):
    """A picture's size and pixel aspect; x, y, r, t are its area inside."""

    def __init__(
        self,
        width: int,
        height: int,
        x: int,
        y: int,
        r: int,
        t: int,
        pixelAspect: float,
        name: str | None = None,
    ) -> None:
        self._area = (int(width), int(height), int(x), int(y), int(r), int(t))
        self._aspect = float(pixelAspect)
        self._name = name

    def __repr__(self) -> str:
        return f"<Format {self._script()}>"

    def _same(self, other: Format) -> bool:
        return (self._area, self._aspect) == (other._area, other._aspect)

    def _script(self) -> str:
        numbers = " ".join(str(number) for number in self._area)
        return f"{numbers} {self._aspect:g}" + (f" {self._name}" if self._name else "")

    def width(self) -> int:
        return self._area[0]

    def height(self) -> int:
        return self._area[1]

    def x(self) -> int:
        return self._area[2]

    def y(self) -> int:
        return self._area[3]

    def r(self) -> int:
        return self._area[4]

    def t(self) -> int:
        return self._area[5]

    def pixelAspect(self) -> float:
        return self._aspect

    def name(self) -> str | None:
        return self._name

    def setName(self, name: str) -> None:
        self._name = name

    def add(self, name: str) -> None:
        self._name = name
        seat().formats.append(self)


def parsed(text: str) -> Format:
    """Return the format of "w h x y r t aspect name"; of "w h" and "w h aspect" too."""
    words = text.split()
    numbers = []
    while words and words[0].replace(".", "", 1).replace("-", "", 1).isdigit():
        numbers.append(float(words.pop(0)))
    name = " ".join(words) or None
    if len(numbers) not in (2, 3, 6, 7):
        raise RuntimeError(f'"{text}" is no format')
    w, h = int(numbers[0]), int(numbers[1])
    if len(numbers) < 6:
        return Format(w, h, 0, 0, w, h, numbers[2] if len(numbers) == 3 else 1, name)
    aspect = numbers[6] if len(numbers) == 7 else 1
    x, y, r, t = (int(number) for number in numbers[2:6])
    return Format(w, h, x, y, r, t, aspect, name)


def known(text: str) -> Format | None:
    """Return the format of that name."""
    return next((each for each in seat().formats if each._name == text), None)


class Format_Knob(Knob):
    """A format; `setValue` takes one or the name of a known one."""

    _number = 17

    def __init__(self, name: str, label: str | None = None) -> None:
        self._format: Format | None = None
        super().__init__(name, label)

    def _state(self) -> Any:
        return self._format

    def _restore(self, state: Any) -> None:
        self._format = state

    def _text(self) -> str:
        return quoted(self._get()._script())

    def _read(self, text: str, how: str) -> None:
        found = known(text)
        if found is None:
            found = parsed(text)
            if found._name and known(found._name) is None:
                seat().formats.append(found)
        self._format = found

    def _get(self) -> Format:
        if self._format is not None:
            return self._format
        if self._node is seat().root or self._node is None:
            return seat().formats[0]
        knob = seat().root._knobs["format"]
        assert isinstance(knob, Format_Knob)
        return knob._get()

    def value(self) -> Format:
        return self._get()

    def actualValue(self) -> Format:
        return self._get()

    def name(self) -> str:
        # The stubs give this class a `name()` of its own; it is the knob's.
        return self._name

    def setValue(self, value: str | Format) -> bool:
        if isinstance(value, str):
            found = known(value)
            if found is None:
                raise ValueError(f'no format is named "{value}"')
            value = found
        if not isinstance(value, Format):
            raise TypeError("Format_Knob.setValue takes a Format or the name of one")
        self._change(value)
        return True
