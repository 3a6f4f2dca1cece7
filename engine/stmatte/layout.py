# SPDX-License-Identifier: Apache-2.0
"""How mattes lie in a file: names of the channels, compression, and how fine the numbers are.

Words only, checked when they are said: OpenImageIO takes `zip` for a compression that it
doesn't know, and says nothing. Knows no pictures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from stmatte.errors import StmatteError, raise_all

DEPTHS = ("half", "float")
"""How fine the numbers are: 16 bit keep a matte to within 0.00025, 32 bit all of it."""

COMPRESSIONS = ("zips", "zip", "piz", "none")
"""Compressions that keep every bit."""

OBJECT = "object"
"""The word in a pattern of channel names that stands for the object's name."""

_CHANNELS = re.compile(rf"([A-Za-z][A-Za-z0-9_]*)?{OBJECT}([A-Za-z0-9_]*)\.([A-Za-z]+)")
_DWAA = re.compile(r"dwaa:[1-9][0-9]{0,4}")
_LOST = frozenset(("r", "g", "b", "red", "green", "blue", "y", "by", "ry"))
"""Endings of channels that DWA takes for colours, whose numbers it changes.

`A` is kept by it bit for bit, and so is any other ending (OpenEXR, `ImfDwaCompressor.cpp`,
the channel rules).
"""


@dataclass(frozen=True)
class Layout:
    """How mattes lie in a file.

    channels     the channels' names: a layer with the word `object` in it, which stands for
                 the object's name, a dot, and letters. "object.A" shows in Nuke as alpha,
                 Blender wants "object.V"
    compression  "zips", "zip", "piz", "none"; or "dwaa:LEVEL"
    depth        one of `DEPTHS`

    Raises StmatteError if one of them is not known, of all of them at once.
    """

    channels: str = "object.A"
    compression: str = "zips"
    depth: str = "half"

    def __post_init__(self) -> None:
        raise_all(self._problems())

    def channel(self, name: str) -> str:
        """Return the channel that an object's matte is in."""
        layer, _, ending = self.channels.rpartition(".")
        return f"{layer.replace(OBJECT, name)}.{ending}"

    @property
    def lossy(self) -> bool:
        """Whether the compression changes numbers in channels of these names."""
        ending = self.channels.rpartition(".")[2].casefold()
        return self.compression.startswith("dwaa") and ending in _LOST

    def _problems(self) -> Iterator[StmatteError]:
        if _CHANNELS.fullmatch(self.channels) is None or self.channels.count(OBJECT) != 1:
            yield StmatteError(
                f'Channels "{self.channels}" are not possible',
                value=self.channels,
                allowed=f'the word "{OBJECT}", which stands for the object\'s name and may have '
                "letters, digits and underscores about it, a dot, and letters",
                repair='Write "object.A" for Nuke, "object.V" for Blender',
            )
        if self.compression not in COMPRESSIONS and not _DWAA.fullmatch(self.compression):
            yield StmatteError(
                f'Compression "{self.compression}" is not known',
                value=self.compression,
                allowed=f"{', '.join(COMPRESSIONS)}, which keep every bit, or dwaa:LEVEL with a "
                "level from 1 up",
                repair='Write "dwaa:45"' if self.compression == "dwaa" else "",
            )
        if self.depth not in DEPTHS:
            yield StmatteError(
                f'Depth "{self.depth}" is not known', value=self.depth, allowed="half or float"
            )
