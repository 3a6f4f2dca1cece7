# SPDX-License-Identifier: Apache-2.0
"""The bank: memory frames with where they come from. Data, not behaviour.

The bank knows tensors and steps of a pass. It knows no plate frame numbers, no object
names and no network: what the maps mean is the business of the network that made them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from torch import Tensor


class Origin(Enum):
    """Who made the mattes of a memory frame."""

    KEY = "key"
    RESULT = "own result"


@dataclass(frozen=True, eq=False)  # tensors have no yes-or-no equality; a frame is itself
class MemoryFrame:
    """One frame that the network remembers.

    step     when the pass saw it; 0 is where the pass began, and keys that it heard of
             without passing them are below 0
    origin   KEY if an artist keyed any object here, else RESULT
    maps     features shared by all objects, as the network that wrote them names them
    objects  features per object; every tensor has the N objects in dim 0
    said     for each of the N objects, whether this frame says anything about it.
             "Nothing said" is not "background": such a frame is left out for that object.
    """

    step: int
    origin: Origin
    maps: Mapping[str, Tensor]
    objects: Mapping[str, Tensor]
    said: tuple[bool, ...]


@dataclass(frozen=True, eq=False)
class Bank:
    """What a query may read: memory frames in the order in which the pass saw them."""

    frames: tuple[MemoryFrame, ...] = ()

    def speaking_of(self, index: int) -> tuple[MemoryFrame, ...]:
        """Return the frames that say something about object `index`."""
        return tuple(frame for frame in self.frames if frame.said[index])

    def keys(self) -> tuple[MemoryFrame, ...]:
        """Return the frames that an artist keyed."""
        return tuple(frame for frame in self.frames if frame.origin is Origin.KEY)

    def latest(self, count: int) -> tuple[MemoryFrame, ...]:
        """Return the last `count` frames that the pass saw; keys from elsewhere are not late."""
        seen = tuple(frame for frame in self.frames if frame.step >= 0)
        return seen[-count:] if count > 0 else ()
