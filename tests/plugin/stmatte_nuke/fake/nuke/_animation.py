# SPDX-License-Identifier: Apache-2.0
"""One channel of a knob over time: a constant, keys, or an expression.

Between keys it runs straight, unless a key is marked K (constant); Nuke's own smooth curves are
not replayed, and nobody here may depend on them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ._seat import seat
from ._threads import Guarded

if TYPE_CHECKING:
    from ._number_knobs import Array_Knob


@dataclass
class Channel:
    """The state of one channel."""

    constant: float = 0.0
    expression: str = ""
    animated: bool = False
    keys: dict[float, float] = field(default_factory=dict)
    steps: set[float] = field(default_factory=set)

    def frozen(self) -> Any:
        """Return it as a value that can be kept and compared."""
        steps = tuple(sorted(self.steps))
        return (
            self.constant,
            self.expression,
            self.animated,
            tuple(sorted(self.keys.items())),
            steps,
        )

    @staticmethod
    def thawed(state: Any) -> Channel:
        """Return what `frozen` kept."""
        constant, expression, animated, keys, steps = state
        return Channel(constant, expression, animated, dict(keys), set(steps))

    def at(self, frame: float) -> float:
        """Return the value without regard to an expression."""
        if not self.keys:
            return self.constant
        times = sorted(self.keys)
        if frame <= times[0]:
            return self.keys[times[0]]
        if frame >= times[-1]:
            return self.keys[times[-1]]
        before = max(time for time in times if time <= frame)
        after = min(time for time in times if time > frame)
        if before in self.steps:
            return self.keys[before]
        share = (frame - before) / (after - before)
        return self.keys[before] + share * (self.keys[after] - self.keys[before])

    def script(self) -> str:
        """Return it as a script writes it inside a knob's braces."""
        if self.expression:
            return (
                "{" + (f'"{self.expression}"' if " " in self.expression else self.expression) + "}"
            )
        if self.animated:
            keys = (
                f"{'K ' if time in self.steps else ''}x{time:g} {value:.9g}"
                for time, value in sorted(self.keys.items())
            )
            return "{curve " + " ".join(keys) + "}"
        return f"{self.constant:.9g}"

    @staticmethod
    def parsed(text: str, braced: bool) -> Channel:
        """Return what a word of a value says."""
        if not braced:
            return Channel(_number(text))
        if not re.match(r"curve(\s|\Z)", text.strip()):
            return Channel(expression=text.strip().strip('"'))
        channel = Channel(animated=True)
        time: float | None = None
        step = False
        for word in text.split()[1:]:
            if re.match(r"x-?[\d.]", word):
                time = float(word[1:])
            elif re.match(r"-?(\d|\.\d)", word):
                time = 1.0 if time is None else time
                channel.keys[time] = float(word)
                if step:
                    channel.steps.add(time)
                time += 1
            elif word in ("K", "L", "C", "R", "i") or re.match(r"[stuvkl]", word):
                step = word == "K" if word in "KLCR" else step
            else:
                raise RuntimeError(f"a curve holds {word!r}, which is not read here")
        return channel


def _number(text: str) -> float:
    if text in ("true", "false"):
        return float(text == "true")
    return float(text)


class AnimationKey(Guarded):
    """A key of a knob: `x` is the frame, `y` the value."""

    def __init__(self, x: float, y: float) -> None:
        self.x = float(x)
        self.y = float(y)


class AnimationCurve(Guarded):
    """The keys of one channel of a knob. This class does have `keys()`."""

    def __init__(self, knob: Array_Knob, index: int) -> None:
        self._of = knob
        self._index = index

    def _stand(self) -> None:
        self._of._stand()

    def _channel(self) -> Channel:
        return self._of._channels[self._index]

    def keys(self) -> list[AnimationKey]:
        return [AnimationKey(x, y) for x, y in sorted(self._channel().keys.items())]

    def size(self) -> int:
        return len(self._channel().keys)

    def knob(self) -> Array_Knob:
        return self._of

    def knobIndex(self) -> int:
        return self._index

    def view(self) -> str:
        return "main"

    def evaluate(self, t: float) -> float:
        return self._of._at(t, self._index)

    def constant(self) -> bool:
        return len(set(self._channel().keys.values())) <= 1 and not self._channel().expression

    def expression(self) -> str:
        return self._channel().expression

    def noExpression(self) -> bool:
        return not self._channel().expression

    def setKey(self, t: float, y: float) -> AnimationKey:
        self._of.setValueAt(y, t, self._index)
        return AnimationKey(t, y)


def now() -> int:
    """Return the frame under the playhead."""
    return seat().frame
