# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math
from pathlib import Path
from typing import cast

import pytest
import torch

from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.networks.checkpoints import fill
from stmatte.networks.kmn import KMN
from stmatte.networks.protocol import Query
from stmatte.networks.registry import NETWORKS, load_network
from stmatte.networks.stm import STM, SpaceTimeMemory


@pytest.fixture(scope="module")
def pair() -> tuple[STM, KMN]:
    """STM and KMN with the same weights."""
    torch.manual_seed(0)
    stm, kmn = STM(), KMN(sigma=math.inf)
    fill(kmn, stm.state_dict(), "the same weights")
    return stm, kmn


def seen(network: SpaceTimeMemory) -> tuple[Query, Bank]:
    """A query of noise, and a bank of one other frame of noise."""
    pictures = torch.rand(2, 3, 96, 96, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        query = network.encode_query(pictures[0])
        memory = network.encode_memory(pictures[1], query, torch.full((2, 96, 96), 0.5))
    return query, Bank((MemoryFrame(0, Origin.KEY, {}, memory.objects, (True,)),))


def test_with_a_kernel_without_an_end_it_is_stm(pair: tuple[STM, KMN]) -> None:
    stm, kmn = pair

    with torch.inference_mode():
        planes = [network.segment(*seen(network)) for network in pair]

    assert kmn.name == "kmn"
    assert kmn.policy == stm.policy
    torch.testing.assert_close(planes[1], planes[0], atol=1e-5, rtol=0)


def test_the_kernel_changes_what_is_read_but_not_while_it_learns(pair: tuple[STM, KMN]) -> None:
    stm, kmn = pair
    query, bank = seen(stm)
    kmn.sigma, before = 1.0, kmn.sigma
    try:
        with torch.inference_mode():
            plain, kernelized = stm.recall(query, bank, 0), kmn.recall(query, bank, 0)
            learning = kmn.train().recall(query, bank, 0)
    finally:
        kmn.sigma = before
        kmn.eval()

    assert not torch.allclose(kernelized, plain)
    assert torch.equal(learning, plain)


@pytest.mark.parametrize("name", ["stm-late-r3-r4", "stm-interactive"])
def test_it_takes_the_layers_of_any_network_of_the_family(name: str) -> None:
    torch.manual_seed(0)
    like = cast(SpaceTimeMemory, NETWORKS[name].make())

    kmn = KMN(like, sigma=math.inf)

    own, theirs = kmn.state_dict(), like.state_dict()
    assert own.keys() == theirs.keys()
    assert all(torch.equal(own[n], theirs[n]) for n in own)
    with torch.inference_mode():
        planes = [network.segment(*seen(network)) for network in (like, kmn)]
    torch.testing.assert_close(planes[1], planes[0], atol=1e-5, rtol=0)


def test_a_file_of_the_family_is_recognised_where_kmn_is_named(tmp_path: Path) -> None:
    torch.manual_seed(0)
    early = NETWORKS["stm-early-r2-r4"].make()
    torch.save(early.state_dict(), tmp_path / "early.pth")

    network = load_network(f"kmn:{tmp_path / 'early.pth'}", "cpu")

    assert network.name == "kmn"
    assert cast(KMN, network).state_dict().keys() == early.state_dict().keys()
