# SPDX-License-Identifier: Apache-2.0
"""Mattes followed along their plate: what each does from frame to frame.

Holds two frames at a time, so a long sequence takes no more memory than a short one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stmatte.acceptance.steadiness import Moved
from stmatte.evaluation.flicker import Neighbour, flicker
from stmatte.images.motion import Way, ways

Matte = NDArray[np.float32]


@dataclass(frozen=True)
class _Seen:
    """A frame, and the way to the one before it."""

    frame: int
    light: NDArray[np.uint8]
    mattes: Mapping[str, Matte]
    back: Way | None = None
    before: Mapping[str, Matte] | None = None


class Follower:
    """Takes frames in order, and knows what each matte did on them.

    scale  pixels of the plate for one pixel of what is followed
    moved  object name -> frame -> what it did
    """

    def __init__(self, scale: float):
        self._scale = scale
        self._last: _Seen | None = None
        self.moved: dict[str, dict[int, Moved]] = {}

    def follow(self, frame: int, light: NDArray[np.uint8], mattes: Mapping[str, Matte]) -> None:
        """Take the next frame; where it isn't the very next one, nothing is compared.

        light    (h, w), see `images.motion.grey`
        mattes   object name -> (h, w)
        """
        last = self._last
        if last is None or last.frame + 1 != frame:
            self.rest()
            self._last = _Seen(frame, light, mattes)
            return
        there, back = ways(last.light, light)
        self._measure(last, there, mattes)
        self._last = _Seen(frame, light, mattes, back, last.mattes)

    def rest(self) -> None:
        """Say that nothing follows the frame before."""
        if self._last is not None:
            self._measure(self._last, None, {})
        self._last = None

    def _measure(self, seen: _Seen, there: Way | None, after: Mapping[str, Matte]) -> None:
        for name, matte in seen.mattes.items():
            one = other = None
            if seen.back is not None and seen.before is not None and name in seen.before:
                one = Neighbour(seen.before[name], seen.back)
            if there is not None and name in after:
                other = Neighbour(after[name], there)
            found = flicker(matte, one, other)
            self.moved.setdefault(name, {})[seen.frame] = Moved(
                bool((matte >= 0.5).any()),
                None if found.change is None else found.change * self._scale,
                None if found.chatter is None else found.chatter * self._scale,
                found.sure,
            )
