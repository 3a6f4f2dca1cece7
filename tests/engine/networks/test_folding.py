# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn

from stmatte.networks.folding import fold
from stmatte.networks.norm import FrozenNorm
from stmatte.networks.registry import NETWORKS
from stmatte.networks.resnet import Bottleneck
from stmatte.networks.stm_blocks import MemoryEncoder

NORMED = ["stm", "stm-late-r2-r4", "stm-early-r2-r4", "stm-interactive", "stcn", "lmrc", "rgmp"]


def shaken(network: nn.Module) -> nn.Module:
    """Give norms statistics and weights of which none is 0 or 1, as training does."""
    torch.manual_seed(3)
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            mean, variance = cast(Tensor, layer.running_mean), cast(Tensor, layer.running_var)
            for numbers, low, high in (
                *((mean, -0.2, 0.2), (variance, 0.5, 1.5)),
                *((layer.weight.data, 0.8, 1.2), (layer.bias.data, -0.1, 0.1)),
            ):
                numbers.uniform_(low, high)
    return network.eval().requires_grad_(False)


def test_a_norm_s_factor_and_offset_are_the_convolution_s_own_afterwards() -> None:
    pair = nn.Sequential(nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1, eps=0)).eval()
    convolution, norm = cast("tuple[Any, Any]", tuple(pair))
    convolution.weight.data.fill_(3)
    convolution.bias.data.fill_(1)
    norm.running_mean.fill_(5)
    norm.running_var.fill_(4)
    norm.weight.data.fill_(6)
    norm.bias.data.fill_(7)

    fold(pair)

    # (3 x + 1 - 5) / 2 * 6 + 7 = 9 x - 5
    assert (convolution.weight.item(), convolution.bias.item()) == (9, -5)
    assert isinstance(pair[1], nn.Identity)


def test_a_bottleneck_gives_the_same_up_to_rounding() -> None:
    block = shaken(Bottleneck(16, 8, 2, project=True))
    x = torch.rand(2, 16, 10, 12)
    plain = block(x)

    fold(block)

    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in block.modules())
    torch.testing.assert_close(block(x), plain, atol=1e-6, rtol=1e-5)


def test_convolutions_whose_sum_is_normed_all_take_its_factor_and_one_its_offset() -> None:
    encoder = shaken(MemoryEncoder())
    pictures, own, others = (
        torch.rand(1, 3, 32, 32),
        torch.rand(1, 1, 32, 32),
        torch.rand(1, 1, 32, 32),
    )
    plain = encoder(pictures, own, others)

    fold(encoder)

    first = cast("tuple[nn.Conv2d, ...]", (encoder.conv1, encoder.conv1_m, encoder.conv1_o))
    assert sum(c.bias is not None for c in first) == 1
    torch.testing.assert_close(encoder(pictures, own, others), plain, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", NORMED)
def test_every_norm_of_the_papers_networks_is_folded(name: str) -> None:
    with torch.device("meta"):
        network = NETWORKS[name].make()

    fold(network)

    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in network.modules())


def test_a_norm_that_still_learns_its_statistics_stays() -> None:
    pair = nn.Sequential(nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2))

    fold(pair)

    assert isinstance(pair[1], nn.BatchNorm2d)


def test_a_norm_of_which_nothing_can_be_said_stays() -> None:
    block = nn.Sequential(nn.ReLU(), FrozenNorm(2))

    fold(block)

    assert isinstance(block[1], FrozenNorm)
