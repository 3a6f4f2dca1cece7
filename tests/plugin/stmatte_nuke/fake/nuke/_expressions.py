# SPDX-License-Identifier: Apache-2.0
"""Expressions of number knobs: arithmetic, comparisons, `a ? b : c`, names of knobs, `frame`.

A function or a command that is not known here is refused.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Callable

from . import _references
from ._seat import seat

if TYPE_CHECKING:
    from ._node import Node

_TOKEN = re.compile(
    r"\s*(\d+\.?\d*(?:e-?\d+)?|\.\d+|[A-Za-z_][\w.]*|\*\*|[=!<>]=|&&|\|\||[-+*/%()<>!?:,])"
)
_FUNCTIONS: dict[str, Callable[..., float]] = {
    "abs": abs, "int": lambda a: float(int(a)), "floor": math.floor, "ceil": math.ceil,
    "rint": round, "min": min, "max": max, "sin": math.sin, "cos": math.cos, "sqrt": math.sqrt,
    "pow": pow, "clamp": lambda a, low=0.0, high=1.0: min(max(a, low), high),
    "fmod": math.fmod, "radians": math.radians,
}  # fmt: skip
_LEVELS: tuple[dict[str, Callable[[float, float], float]], ...] = (
    {"||": lambda a, b: float(bool(a or b))},
    {"&&": lambda a, b: float(bool(a and b))},
    {"==": lambda a, b: float(a == b), "!=": lambda a, b: float(a != b)},
    {
        "<": lambda a, b: float(a < b), ">": lambda a, b: float(a > b),
        "<=": lambda a, b: float(a <= b), ">=": lambda a, b: float(a >= b),
    },
    {"+": lambda a, b: a + b, "-": lambda a, b: a - b},
    {"*": lambda a, b: a * b, "/": lambda a, b: a / b, "%": math.fmod},
)  # fmt: skip


def value(text: str, node: Node | None, frame: float) -> float:
    """Return what an expression comes to on a frame, seen from a node."""
    return _Reading(text, node, frame).whole()


def names(text: str) -> list[str]:
    """Return the names of knobs in an expression."""
    found = re.findall(r"[A-Za-z_][\w.]*(?!\s*\()", text)
    return [name for name in found if name not in ("frame", "x", "t") and name not in _FUNCTIONS]


class _Reading:
    def __init__(self, text: str, node: Node | None, frame: float) -> None:
        self.text, self.node, self.frame = text, node, frame
        self.tokens: list[str] = []
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            if found is None:
                raise RuntimeError(f"the expression {text!r} is not read here at {text[at:]!r}")
            self.tokens.append(found[1])
            at = found.end()

    def whole(self) -> float:
        result = self.choice()
        if self.tokens:
            raise RuntimeError(f"the expression {self.text!r} has {self.tokens[0]!r} too much")
        return float(result)

    def taken(self, token: str) -> bool:
        if self.tokens[:1] == [token]:
            self.tokens.pop(0)
            return True
        return False

    def choice(self) -> float:
        condition = self.level(0)
        if not self.taken("?"):
            return condition
        first = self.choice()
        if not self.taken(":"):
            raise RuntimeError(f"the expression {self.text!r} lacks a ':'")
        second = self.choice()
        return first if condition else second

    def level(self, number: int) -> float:
        if number == len(_LEVELS):
            return self.power()
        left = self.level(number + 1)
        while self.tokens and self.tokens[0] in _LEVELS[number]:
            operation = _LEVELS[number][self.tokens.pop(0)]
            left = operation(left, self.level(number + 1))
        return left

    def power(self) -> float:
        if self.taken("-"):
            return -self.power()
        if self.taken("!"):
            return float(not self.power())
        base = self.atom()
        return float(base ** self.power()) if self.taken("**") else base

    def atom(self) -> float:
        if not self.tokens:
            raise RuntimeError(f"the expression {self.text!r} ends too early")
        token = self.tokens.pop(0)
        if token == "(":
            inner = self.choice()
            if not self.taken(")"):
                raise RuntimeError(f"the expression {self.text!r} lacks a ')'")
            return inner
        if re.match(r"[\d.]", token):
            return float(token)
        if self.taken("("):
            return self.call(token)
        if token in ("frame", "x", "t"):
            return self.frame
        if token == "pi":
            return math.pi
        found = _references.find(token, self.node)
        if found is None:
            raise RuntimeError(f'Nothing is named "{token}"')
        return found.number(self.frame)

    def call(self, name: str) -> float:
        given = [self.choice()]
        while self.taken(","):
            given.append(self.choice())
        if not self.taken(")") or name not in _FUNCTIONS:
            raise RuntimeError(f"the expression {self.text!r} calls {name}, unknown here")
        return float(_FUNCTIONS[name](*given))


def root_frame() -> float:
    """Return the script's frame."""
    return float(seat().frame)
