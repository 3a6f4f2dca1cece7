# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math

import pytest
import torch

from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.networks.checkpoints import fill
from stmatte.networks.kmn import KMN
from stmatte.networks.protocol import Query
from stmatte.networks.stm import STM


@pytest.fixture(scope="module")
def pair() -> tuple[STM, KMN]:
    """STM and KMN with the same weights."""
    torch.manual_seed(0)
    stm, kmn = STM(), KMN(math.inf)
    fill(kmn, stm.state_dict(), "the same weights")
    return stm, kmn


def seen(network: STM) -> tuple[Query, Bank]:
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
