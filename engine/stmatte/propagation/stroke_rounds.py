# SPDX-License-Identifier: Apache-2.0
"""Rounds of strokes with the interactive network: memory grows, and every frame is asked anew.

What was drawn on a frame is remembered together with the planes that the round before made of
it. Knows tensors and places, and neither files nor hosts.
Source: Oh et al., "Space-Time Memory Networks for Video Object Segmentation with User
Guidance", TPAMI 2020, section 3.7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from stmatte.memory.bank import Bank, MemoryFrame
from stmatte.networks.protocol import Query
from stmatte.networks.stm_interactive import InteractiveSTM, answers, drawn, with_drawn


class StrokeRounds:
    """What the network remembers of one sequence from round to round.

    objects  how many there are
    known    memory to begin with: frames that an artist keyed, in their order
    planes   place -> (N + 1, H, W) what is there before the first round, where anything is
    """

    def __init__(
        self,
        network: InteractiveSTM,
        objects: int,
        known: Sequence[MemoryFrame] = (),
        planes: Mapping[int, Tensor] | None = None,
    ) -> None:
        self._network, self._objects = network, objects
        self._bank = Bank(tuple(known))
        self._planes = dict(planes or {})
        self._drawn: dict[int, Tensor] = {}
        self._queries: dict[int, Query] = {}

    def draw(self, place: int, image: Tensor, labels: Tensor) -> None:
        """Remember what was drawn on a frame; nothing happens if nothing is new.

        image   (3, H, W) in [0, 1]
        labels  (H, W) all that was ever drawn on it; see `stm_interactive.drawn`
        """
        if place in self._drawn and torch.equal(self._drawn[place], labels):
            return
        self._drawn[place] = labels
        on, planes = drawn(labels, self._objects), self._planes.get(place)
        with torch.inference_mode():
            self._bank = with_drawn(self._network, self._bank, place, image, on, planes)

    def answers(self, images: Sequence[Tensor]) -> list[Tensor]:
        """Return the planes (N + 1, H, W) of every frame, by all that was drawn.

        images  (3, H, W) each, all of one size; the same ones in every round
        """
        with torch.inference_mode():
            for place, image in enumerate(images):
                if place not in self._queries:
                    self._queries[place] = self._network.encode_query(image)
            queries = [self._queries[place] for place in range(len(images))]
            found = list(answers(self._network, queries, self._bank))
        self._planes = dict(enumerate(found))
        return found
