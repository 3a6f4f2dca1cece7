# SPDX-License-Identifier: Apache-2.0
"""A picture on its way through nodes: planes of floats by channel, the bottom row first."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Callable

from . import _seat

Plane = list  # of floats, row by row from the bottom


@dataclass(frozen=True)
class Picture:
    """What flows between two nodes on one frame; a channel that is missing is black."""

    width: int
    height: int
    aspect: float = 1.0
    planes: dict[str, list[float]] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)

    def plane(self, name: str) -> list[float]:
        """Return a channel's pixels, black where it has none."""
        found = self.planes.get(name)
        return [0.0] * (self.width * self.height) if found is None else found

    def having(self, planes: dict[str, list[float]]) -> Picture:
        """Return the picture with some channels put in."""
        return replace(self, planes={**self.planes, **planes})

    def changed(self, names: list[str], change: Callable[[str, float], float]) -> Picture:
        """Return the picture with the pixels of some channels changed."""
        return self.having({n: [change(n, v) for v in self.plane(n)] for n in names})

    def at(self, name: str, x: int, y: int) -> float:
        """Return a pixel; black outside."""
        if not (0 <= x < self.width and 0 <= y < self.height):
            return 0.0
        return self.plane(name)[y * self.width + x]


RGB = ("rgba.red", "rgba.green", "rgba.blue")
RGBA = (*RGB, "rgba.alpha")


def chosen(text: str, there: list[str]) -> list[str]:
    """Return the channels that a mask such as "rgb", "all", "alpha" or "hero.alpha" means.

    there  the channels of the picture
    """
    found: list[str] = []
    for word in text.split():
        if word == "all":
            found += there
        elif word in ("rgb", "rgba"):
            found += RGB if word == "rgb" else RGBA
        elif word in ("red", "green", "blue", "alpha"):
            found.append(f"rgba.{word}")
        elif word in _seat.seat().layers:
            found += _seat.seat().layers[word]
        elif word != "none":
            found.append(word)
    return list(dict.fromkeys(found))


def full(name: str) -> str:
    """Return a channel's whole name: "alpha" is "rgba.alpha"."""
    return f"rgba.{name}" if name in ("red", "green", "blue", "alpha") else name
