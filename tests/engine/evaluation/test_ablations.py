# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
import torch

from stmatte.errors import StmatteError
from stmatte.evaluation.ablations import ABLATIONS, kernel_widths, lmrc_parts, memory_rules
from stmatte.networks.kmn import KMN
from stmatte.networks.lmrc import LMRC
from stmatte.networks.rgmp import RGMP
from stmatte.networks.stm import STM


def test_memory_rules_are_those_of_the_paper() -> None:
    network = STM()

    rules = {each.name: each.policy for each in memory_rules(network)}

    kept = {
        name: (policy.keys, policy.previous, policy.every)
        for name, policy in rules.items()
        if policy
    }
    assert kept == {
        "first": (True, 0, 0),
        "previous": (False, 1, 0),
        "first and previous": (True, 1, 0),
        "first, previous, every 5": (True, 1, 5),
    }


def test_kernels_share_the_weights_of_the_plain_read() -> None:
    network = STM()

    plain, *kernels = kernel_widths(network)

    assert plain.network is network
    assert all(isinstance(each.network, KMN) for each in kernels)
    for each in kernels:
        shared = each.network.state_dict()  # type: ignore[attr-defined]
        assert all(shared[name] is not None for name in network.state_dict())


def test_parts_of_lmrc_are_left_out_in_the_papers_order() -> None:
    network = LMRC()

    cases = list(lmrc_parts(network))

    assert [each.name[0] for each in cases] == list("ABCDEF")
    assert cases[0].network.parts.near == ()  # type: ignore[attr-defined]
    assert cases[5].network.parts == network.parts  # type: ignore[attr-defined]
    for name, value in network.state_dict().items():
        assert torch.equal(cases[0].network.state_dict()[name], value)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("table", "allowed"), [("lmrc", "lmrc"), ("rgmp", "rgmp")])
def test_another_network_is_refused(table: str, allowed: str) -> None:
    with pytest.raises(StmatteError, match=f"not one of stm: {allowed}"):
        list(ABLATIONS[table](STM()))
    with pytest.raises(StmatteError, match="STM's family"):
        list(kernel_widths(RGMP()))
