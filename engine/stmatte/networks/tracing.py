# SPDX-License-Identifier: Apache-2.0
"""Where a network read something from: the memory places that counted for one query place.

What a trace says is exact: its weights times what memory holds is what the read returned.
It says nothing of what a decoder made of that afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from stmatte.memory.bank import Bank
from stmatte.networks.padding import crop
from stmatte.networks.protocol import Query


@dataclass(frozen=True, eq=False)
class Trace:
    """What one read of one query place was made of.

    what     what was read, in a word: "matte", "features"
    place    (row, column) of the query's place on the read's grid
    weights  (T, h, w) how much each place of each memory frame counted, in the order of the
             bank; sums to 1. Frames that say nothing of the object have 0
    stride   pixels between places, on the padded picture
    """

    what: str
    place: tuple[int, int]
    weights: Tensor
    stride: int

    @property
    def shares(self) -> tuple[float, ...]:
        """How much each memory frame counted, in the order of the bank; sums to 1."""
        return tuple(self.weights.sum(dim=(1, 2)).tolist())

    def over(self, size: tuple[int, int]) -> Tensor:
        """Return the weights laid over the pixels: (T, H, W), one value for each place's square.

        size  (H, W) of the picture, before padding
        """
        rows = self.weights.repeat_interleave(self.stride, dim=1)
        return crop(rows.repeat_interleave(self.stride, dim=2), size)


@runtime_checkable
class Explains(Protocol):
    """A network that can tell where it read from. Not every network can."""

    def trace(
        self, query: Query, bank: Bank, index: int, pixel: tuple[int, int]
    ) -> tuple[Trace, ...]:
        """Tell what `segment` read for the place in which a pixel lies.

        query, bank  as for `Network.segment`
        index        of an object that at least one memory frame speaks of
        pixel        (row, column) within the picture, before padding
        returns      every read that the network makes, the most telling one first
        """
        ...


def place_of(
    pixel: tuple[int, int], size: tuple[int, int], stride: int, multiple: int
) -> tuple[int, int]:
    """Return (row, column) of the place in which a pixel lies.

    size      (H, W) of the picture, before padding
    stride    pixels between places
    multiple  what the picture was padded to, see `padding.pad`
    """
    row, column = (
        (at + (-side % multiple) // 2) // stride for at, side in zip(pixel, size, strict=True)
    )
    return row, column


def among(bank: Bank, index: int, weights: Tensor) -> Tensor:
    """Put the weights of the frames that speak of an object among those of the whole bank.

    weights  (T', h, w) for `bank.speaking_of(index)`
    returns  (T, h, w), 0 for the frames that say nothing of it
    """
    says = torch.tensor([frame.said[index] for frame in bank.frames], device=weights.device)
    placed = weights.new_zeros(len(bank.frames), *weights.shape[1:])
    placed[says] = weights
    return placed
