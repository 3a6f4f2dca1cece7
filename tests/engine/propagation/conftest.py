# SPDX-License-Identifier: Apache-2.0
"""A network whose results can be worked out by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
import torch
from torch import Tensor

from shots import latest_planes
from stmatte.memory.bank import Bank
from stmatte.memory.policies import Policy
from stmatte.networks.protocol import Memory, Query


@dataclass
class Echo:
    """Gives each object the plane of the latest frame that speaks of it.

    read      the steps that each query read, in order
    encoded   the first pixel of every picture that was remembered: its place, see `image_of`
    planes    what was remembered with it
    """

    read: list[list[int]] = field(default_factory=list)
    encoded: list[int] = field(default_factory=list)
    planes: list[Tensor] = field(default_factory=list)
    name: str = "echo"
    aggregates: bool = False
    policy: Policy = field(default_factory=Policy)

    def encode_query(self, image: Tensor) -> Query:
        return Query((image.shape[-2], image.shape[-1]), {"image": image})

    def encode_memory(self, image: Tensor, query: Query, planes: Tensor) -> Memory:
        assert torch.equal(query.maps["image"], image)
        self.encoded.append(int(image[0, 0, 0]))
        self.planes.append(planes)
        return Memory({}, {"plane": planes[1:]})

    def segment(self, query: Query, bank: Bank) -> Tensor:
        self.read.append([frame.step for frame in bank.frames])
        return latest_planes(query, bank)


@pytest.fixture
def echo() -> Echo:
    return Echo()
