# SPDX-License-Identifier: Apache-2.0
"""Vectors and matrices of Nuke's curves. Positions are float32, as measured."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence


def float32(value: float) -> float:
    """Return the float32 nearest to a number."""
    return float(struct.unpack("f", struct.pack("f", value))[0])


class _Vector:
    _names = "xyzw"
    _size = 3

    def __init__(self, *numbers: float) -> None:
        if len(numbers) not in (0, self._size):
            raise TypeError(f"{type(self).__name__} takes {self._size} numbers")
        for name, number in zip(self._names, numbers or (0.0,) * self._size):
            if isinstance(number, bool) or not isinstance(number, (int, float)):
                raise TypeError(f"{type(self).__name__} takes numbers")
            setattr(self, name, float32(number))

    def _all(self) -> tuple[float, ...]:
        return tuple(getattr(self, name) for name in self._names[: self._size])

    def __getitem__(self, index: int) -> float:
        return self._all()[index]

    def __len__(self) -> int:
        return self._size

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self._all() == other._all()

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return "{ " + ", ".join(f"{number:g}" for number in self._all()) + " }"


class CVec2(_Vector):
    """x and y."""

    _size = 2
    x: float
    y: float


class CVec3(_Vector):
    """x, y, and 1 of a place or 0 of a direction."""

    _size = 3
    x: float
    y: float
    z: float


class CVec4(_Vector):
    """Four numbers."""

    _size = 4
    x: float
    y: float
    z: float
    w: float


class CMatrix4:
    """Sixteen numbers, row by row; what it moves by stands at [3] and [7]."""

    def __init__(self, numbers: Sequence[float] = ()) -> None:
        self._numbers = list(numbers) or [float(i % 5 == 0) for i in range(16)]

    def __getitem__(self, index: int) -> float:
        return self._numbers[index]

    def __len__(self) -> int:
        return 16

    def __iter__(self) -> Iterator[float]:
        return iter(self._numbers)

    def __mul__(self, other: CMatrix4) -> CMatrix4:
        rows = range(4)
        return CMatrix4(
            [sum(self[4 * i + k] * other[4 * k + j] for k in rows) for i in rows for j in rows]
        )

    def _moved(self, x: float, y: float) -> tuple[float, float]:
        return (
            self[0] * x + self[1] * y + self[3],
            self[4] * x + self[5] * y + self[7],
        )


def placed(
    move: Sequence[float], turn: float, size: Sequence[float], skew: float, pivot: Sequence[float]
) -> CMatrix4:
    """Return the matrix of a transform: about the pivot scaled, skewed, turned, then moved.

    turn  degrees

    Whether Nuke skews before it scales is not measured; nobody may depend on it.
    """
    angle = math.radians(turn)
    cos, sin = math.cos(angle), math.sin(angle)
    about = _shift(-pivot[0], -pivot[1])
    sized = CMatrix4([size[0], skew, 0, 0, 0, size[1], 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])
    turned = CMatrix4([cos, -sin, 0, 0, sin, cos, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])
    back = _shift(pivot[0] + move[0], pivot[1] + move[1])
    return back * (turned * (sized * about))


def _shift(x: float, y: float) -> CMatrix4:
    return CMatrix4([1, 0, 0, x, 0, 1, 0, y, 0, 0, 1, 0, 0, 0, 0, 1])
