# SPDX-License-Identifier: Apache-2.0
"""A network that reads some maps of the latest memory frame only holds them of no other."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from shots import Copying
from stmatte.memory.bank import Bank
from stmatte.networks.lmrc import LMRC
from stmatte.networks.protocol import Forgets, Memory, Query
from stmatte.networks.work import kept_by
from stmatte.propagation.passes import KeyedMattes, run_pass, seeing


@dataclass
class Forgetting(Copying):
    """Notes the names of what each memory frame of each query held."""

    fleeting: frozenset[str] = frozenset({"fine", "finer"})
    held: list[list[str]] = field(default_factory=list)

    def encode_memory(self, image: Tensor, query: Query, planes: Tensor) -> Memory:
        coarse = super().encode_memory(image, query, planes)
        return Memory({"fine": image}, {**coarse.objects, "finer": planes[1:]})

    def segment(self, query: Query, bank: Bank) -> Tensor:
        self.held.append([" ".join([*f.maps, *f.objects]) for f in bank.frames])
        return super().segment(query, bank)


def test_only_the_latest_frame_holds_what_is_read_of_the_latest_alone() -> None:
    network, key = Forgetting(), KeyedMattes(torch.ones(1, 4, 4), (True,))

    keyed = {0: key, 9: key}  # the key at 9 is heard and not passed
    passed = run_pass(
        network, seeing(network, lambda _: torch.ones(3, 4, 4)), range(4), keyed, 1, heard=[9]
    )

    assert [float(planes[1].mean()) for _, planes in passed] == [1, 1, 1, 1]
    assert network.held == [
        ["plane", "fine plane finer"],  # the heard key, and frame 0
        ["plane", "plane", "fine plane finer"],  # and frame 1
        ["plane", "plane", "fine plane finer"],  # frame 2 in its place
    ]


def test_lmrc_forgets_its_finer_grids_and_gives_the_same_planes() -> None:
    class Remembering(LMRC):
        fleeting = frozenset[str]()

    torch.manual_seed(0)
    forgetting, remembering = LMRC(), Remembering()
    remembering.load_state_dict(forgetting.state_dict())
    pictures = torch.rand(4, 3, 32, 48)
    key = torch.rand(2, 32, 48) / 2

    def planes(network: LMRC) -> list[Tensor]:
        keyed = {0: KeyedMattes(key, (True, True))}
        see = seeing(network, lambda place: pictures[place])
        return [result for _, result in run_pass(network, see, range(4), keyed, 2)]

    assert isinstance(forgetting, Forgets)
    for one, other in zip(planes(forgetting), planes(remembering), strict=True):
        assert torch.equal(one, other)


def test_the_forecast_counts_the_finer_grids_once() -> None:
    kept = kept_by(LMRC(), torch.device("cpu"))

    # Bytes a pixel: 64 * 4 / 256 of key and 256 * 4 / 256 of value at stride 16; at 8 and 4
    # keys have 64 * 4 / 64 + 64 * 4 / 16 and values 128 * 4 / 64 + 64 * 4 / 16.
    assert (kept.shared, kept.object) == (1, 4)
    assert kept.latest == (4 + 16) + (8 + 16)
