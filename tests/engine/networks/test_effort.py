# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import torch
from torch import nn

from stmatte.networks.effort import multiply_adds


def test_a_convolution_has_one_for_each_number_that_it_multiplies() -> None:
    layer = nn.Conv2d(3, 8, 5, stride=2, padding=2, device="meta")

    # 8 channels of 4 x 4 places, each of 3 channels of 5 x 5
    work = multiply_adds(lambda: layer(torch.empty(1, 3, 8, 8, device="meta")))
    assert work == 8 * 16 * 75


def test_groups_see_their_own_channels_only() -> None:
    layer = nn.Conv2d(8, 8, 3, padding=1, groups=8)

    assert multiply_adds(lambda: layer(torch.zeros(1, 8, 4, 4))) == 8 * 16 * 9


def test_batch_norm_has_two_and_relu_one_for_each_number() -> None:
    layer = nn.Sequential(nn.BatchNorm2d(4), nn.ReLU()).eval()

    assert multiply_adds(lambda: layer(torch.zeros(1, 4, 5, 5))) == 100 * 3


def test_a_matrix_product_has_one_for_each_number_that_it_multiplies() -> None:
    left, right = torch.zeros(3, 4), torch.zeros(4, 5)

    assert multiply_adds(lambda: left @ right) == 3 * 4 * 5


def test_pooling_sums_and_scaling_have_none() -> None:
    x = torch.zeros(1, 1, 8, 8)

    assert multiply_adds(lambda: nn.functional.max_pool2d(x, 2) + 1) == 0
