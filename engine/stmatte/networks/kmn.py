# SPDX-License-Identifier: Apache-2.0
"""KMN: the space-time memory network with the kernelized read.

Layers and weights are those of a network of STM's family, so that any weights of it serve.
The kernel is used when a shot is propagated and never while learning, where the read is the
plain one: a choice of one best place has no gradient.

Source: Seong et al., "Kernelized Memory Network for Video Object Segmentation", ECCV 2020;
there is no public code. What the paper leaves open is in engine/decisions/0017.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from stmatte.memory.bank import Bank
from stmatte.memory.dot import AFFINITY_BUDGET
from stmatte.memory.kernelized import SIGMA, read_kernelized, weights_of_kernelized
from stmatte.networks.protocol import Query
from stmatte.networks.stm import STM, STRIDE, SpaceTimeMemory
from stmatte.networks.tracing import Trace, among, place_of


class KMN(SpaceTimeMemory):
    """A network of STM's family that reads each memory place near where it fits best.

    like    whose layers it takes over, and so whose weights it takes; None: STM's
    sigma   width of the kernel in places of stride 16
    budget  bytes of affinity that a read may hold at once
    """

    def __init__(
        self,
        like: SpaceTimeMemory | None = None,
        sigma: float = SIGMA,
        budget: int = AFFINITY_BUDGET,
    ):
        super().__init__(budget)
        like = like or STM()
        self.sigma, self.kept = sigma, like.kept
        for name, layers in like.named_children():
            self.add_module(name, layers)
        self._like = (like,)  # in a tuple, or its layers would be counted twice
        self.eval()

    @property
    def name(self) -> str:
        return "kmn"

    def see(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """See pictures as a query; see `SpaceTimeMemory.see`."""
        return self._like[0].see(pictures)

    def remember(
        self, picture: Tensor, own: Tensor, others: Tensor, seen: Mapping[str, Tensor]
    ) -> Tensor:
        """See one picture with its mattes; see `SpaceTimeMemory.remember`."""
        return self._like[0].remember(picture, own, others, seen)

    def recall(self, query: Query, bank: Bank, index: int) -> Tensor:
        """Return (512, h, w): what object `index` recalls."""
        if self.training:
            return super().recall(query, bank, index)
        frames = bank.speaking_of(index)
        keys = torch.stack([frame.objects["key"][index] for frame in frames])
        values = torch.stack([frame.objects["value"][index] for frame in frames])
        key = query.maps["key"]
        return read_kernelized(key, keys, values[None], self.sigma, budget=self.budget)[0]

    def trace(
        self, query: Query, bank: Bank, index: int, pixel: tuple[int, int]
    ) -> tuple[Trace, ...]:
        """Tell where `recall` read the value of a place from. See `tracing.Explains`."""
        place = place_of(pixel, query.size, STRIDE, STRIDE)
        keys = torch.stack([frame.objects["key"][index] for frame in bank.speaking_of(index)])
        weights = weights_of_kernelized(
            query.maps["key"], keys, self.sigma, place, budget=self.budget
        )
        return (Trace("value", place, among(bank, index, weights), STRIDE),)
