# SPDX-License-Identifier: Apache-2.0
"""What an object's row of the table says about where its keys are drawn.

Pure words: which input of the node, which shape of a Roto, which channel. Whether there is such an
input, shape or channel is for those to find who look at the script.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from stmatte_host import EngineError

PLATE, ROTO = 0, 1
"""Numbers of the node's inputs; `matte1` is 2, `matte4` is 5."""

MATTES = 4
"""So many inputs for mattes there are."""

ALPHA = "rgba.alpha"

_INPUTS = {"roto": ROTO, **{f"matte{n}": ROTO + n for n in range(1, MATTES + 1)}}
_NAMES = {number: name for name, number in _INPUTS.items()}
_CHANNEL = re.compile(r"[A-Za-z_]\w*\.[A-Za-z_]\w*", re.ASCII)
_SHORT = {name: f"rgba.{name}" for name in ("red", "green", "blue", "alpha")}


@dataclass(frozen=True)
class Source:
    """Where the keys of an object come from.

    input_number  of the node's inputs: 1 is `roto`, 2 to 5 are `matte1` to `matte4`
    shape         names of layers and a shape below the Roto's root, "Layer1/hero"; "" for all that
                  the input shows
    channel       of that input
    """

    input_number: int = ROTO
    shape: str = ""
    channel: str = ALPHA

    @property
    def input_name(self) -> str:
        """The name that is written beside the input."""
        return _NAMES[self.input_number]

    @property
    def text(self) -> str:
        """What `parse` reads back as this."""
        if self.shape:
            return f"shape {self.shape}"
        if self.channel == ALPHA:
            return self.input_name
        if self.input_number == ROTO:
            return f"channel {self.channel}"
        return f"{self.input_name} channel {self.channel}"


def parse(text: str) -> Source:
    """Return what a row's source says.

    text  "" or "roto", "shape Layer1/hero", "channel hero.alpha", "matte1",
          "matte1 channel hero.alpha"

    Raises EngineError where it says something else.
    """
    first, _, rest = text.strip().partition(" ")
    number = _INPUTS.get(first.lower())
    if number is None:
        number, rest = ROTO, text.strip()
    rest = rest.strip()
    if not rest:
        return Source(number)
    kind, _, name = rest.partition(" ")
    name = name.strip()
    if kind.lower() == "shape" and number == ROTO:
        path = "/".join(part.strip() for part in name.split("/") if part.strip())
        if path:
            return Source(number, path)
    if kind.lower() == "channel":
        channel = _SHORT.get(name.lower(), name)
        if _CHANNEL.fullmatch(channel):
            return Source(number, "", channel)
    raise EngineError(
        f'The source "{text.strip()}" of an object cannot be read',
        allowed='it is "roto", "shape Layer1/hero" for one shape or layer of the Roto, '
        '"channel hero.alpha" for a channel of the roto input, "matte1" to "matte4" for another '
        'input, or "matte1 channel hero.alpha"',
        repair="Write one of these, or press Find objects",
    )
