# SPDX-License-Identifier: Apache-2.0
"""RGMP with a ConvGRU: what was compared on the latest frames has a say in the next.

The paper tries a ConvGRU as one of its add-ons (Table 6). Where it sits and how it is run is
our choice: it goes over what the comparison with the key gave on the latest frames, at stride
32, the present one last, and what its state says is added to the present's.
A recurrent state that lived on from frame to frame could not be picked up where a pass was
stopped; so it is run anew over the frames that memory holds, as many as training goes through.
Begun from weights of RGMP it gives RGMP's numbers until it has learnt.

Source: Oh et al., CVPR 2018, Table 6; the unit is Ballas et al., "Delving Deeper into
Convolutional Networks for Learning Video Representations", ICLR 2016.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from stmatte.memory.bank import Bank
from stmatte.memory.policies import Policy
from stmatte.networks.protocol import Memory, Query
from stmatte.networks.rgmp import RGMP, SCALES, Asked, at
from stmatte.networks.rgmp_blocks import WIDTH

PAST = 5
"""Latest frames that it goes over: the steps of the paper's recurrent training."""


class RGMPWithPast(RGMP):
    """RGMP that remembers more of its latest results than their planes.

    scales  as for `RGMP`
    """

    def __init__(self, scales: Sequence[float] = SCALES):
        super().__init__(scales)
        self.GRU = ConvGRU(WIDTH)
        self.Say = nn.Conv2d(WIDTH, WIDTH, 1)
        nn.init.zeros_(self.Say.weight)
        nn.init.zeros_(self.Say.bias)  # type: ignore[arg-type]
        self.eval()

    @property
    def name(self) -> str:
        return "rgmp-gru"

    @property
    def policy(self) -> Policy:
        """Keys and the latest frames."""
        return Policy(keys=True, previous=PAST, every=0)

    def encode_latest(self, image: Tensor, query: Query, planes: Tensor) -> Memory:
        """Remember an own result as a key is: what it looks like is asked for later."""
        return self.encode_memory(image, query, planes)

    def asked_of(self, bank: Bank, index: int) -> Asked:
        """Return what memory says of an object, its latest frames with it."""
        frames = [frame for frame in bank.latest(PAST) if frame.said[index]]
        past = tuple({name: m[index] for name, m in frame.objects.items()} for frame in frames)
        return replace(super().asked_of(bank, index), past=past)

    def asked_of_all(self, bank: Bank, spoken: Sequence[int], mask: Tensor) -> Asked:
        """Return what memory says of all objects together, their latest frames with it."""
        frames = [f for f in bank.latest(PAST) if all(f.said[index] for index in spoken)]
        past = tuple(frame.maps for frame in frames)
        return replace(super().asked_of_all(bank, spoken, mask), past=past)

    def reminded(
        self, m5: Tensor, references: Tensor, asked: Sequence[Asked], scale: float
    ) -> Tensor:
        """Return m5 (B, 256, h, w) with what the latest frames say to it."""
        states = []
        for present, reference, each in zip(m5, references, asked, strict=True):
            state = torch.zeros_like(present[None])
            for held in each.past:
                compared = self.Decoder.compare(held[at(scale)][None], reference[None])
                state = self.GRU(compared, state)
            states.append(self.GRU(present[None], state))
        said: Tensor = self.Say(torch.cat(states))
        return m5 + said


class ConvGRU(nn.Module):
    """A gated recurrent unit of 3 x 3 convolutions.

    x, state  (B, width, h, w)
    returns   the next state, alike, between -1 and 1 if the state was
    """

    def __init__(self, width: int):
        super().__init__()
        self.gates = nn.Conv2d(2 * width, 2 * width, 3, padding=1)
        self.candidate = nn.Conv2d(2 * width, width, 3, padding=1)

    def forward(self, x: Tensor, state: Tensor) -> Tensor:
        update, reset = self.gates(torch.cat([x, state], dim=1)).sigmoid().chunk(2, dim=1)
        candidate = self.candidate(torch.cat([x, reset * state], dim=1)).tanh()
        following: Tensor = state + update * (candidate - state)
        return following
