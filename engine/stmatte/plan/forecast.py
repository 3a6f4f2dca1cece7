# SPDX-License-Identifier: Apache-2.0
"""What computing takes of memory, added up; and the most that fits into so much of it.

Pure arithmetic: how many bytes a frame or a step takes is told by others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

SIGHTS_IN_HAND = 2
"""A step looks at one frame, and remembers the one before it from what was seen of it."""


@dataclass(frozen=True)
class Needs:
    """Bytes that computing takes at most, by what they are for.

    weights   the network
    bank      all memory frames of one pass
    gaps      what lies useless between these, where they share a heap with all that comes and goes
    work      what a step takes for a moment
    pictures  plate frames and mattes in hand; 0 where the network works in a memory of its own
    sight     what was seen of one frame
    again     how many sights would be held at once, each until its frame is looked at again
    """

    weights: int
    bank: int
    gaps: int
    work: int
    pictures: int
    sight: int
    again: int

    @property
    def least(self) -> int:
        """Bytes without which it cannot be done."""
        in_hand = SIGHTS_IN_HAND * self.sight
        return self.weights + self.bank + self.gaps + self.work + self.pictures + in_hand

    @property
    def lowered(self) -> int:
        """Bytes of these that a lower working height or fewer memory frames make less."""
        return self.least - self.weights - self.pictures

    def total(self, room: int) -> int:
        """Return the bytes that are taken if sights have so many bytes of room."""
        return self.least + min(self.again * self.sight, room)

    def room(self, budget: int) -> int:
        """Return the bytes of a budget that are left for sights."""
        return max(0, budget - self.least)


def most_held(looks: Sequence[int]) -> int:
    """Return how many frames are held at once at most, each from the first look to the last.

    looks  frames in the order in which they are looked at; one that is there once is never held
    """
    left = Counter(looks)
    held: set[int] = set()
    most = 0
    for frame in looks:
        left[frame] -= 1
        (held.add if left[frame] else held.discard)(frame)
        most = max(most, len(held))
    return most


def largest(choices: Sequence[int], fits: Callable[[int], bool]) -> int | None:
    """Return the largest choice that fits; None if none does.

    choices  ascending; what fits for one fits for all below it. `fits` is asked a few times
    """
    low, high = 0, len(choices)  # all below `low` fit, none from `high` on does
    while low < high:
        middle = (low + high) // 2
        if fits(choices[middle]):
            low = middle + 1
        else:
            high = middle
    return choices[low - 1] if low else None
