# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import torch
from torch import nn

from stmatte.networks.resnet import Bottleneck, bottlenecks


def test_a_stage_halves_once_and_projects_its_first_shortcut_only() -> None:
    stage = bottlenecks(256, 128, count=4, stride=2).eval()

    assert stage(torch.zeros(1, 256, 8, 12)).shape == (1, 512, 4, 6)
    assert [block.downsample is not None for block in stage] == [True, False, False, False]


def test_the_stride_sits_on_the_middle_convolution() -> None:
    block = Bottleneck(64, 64, 2, project=True)

    assert (block.conv1.stride, block.conv2.stride, block.conv3.stride) == ((1, 1), (2, 2), (1, 1))


def test_a_stage_without_stride_projects_too_where_channels_change() -> None:
    assert bottlenecks(64, 64, count=3, stride=1)[0].downsample is not None


def test_a_stage_has_the_parameters_that_the_paper_counts() -> None:
    # res4 of ResNet-50: 7 098 368 with batch norm's weight and bias
    stage = bottlenecks(512, 256, count=6, stride=2)

    assert sum(p.numel() for p in stage.parameters()) == 7_098_368


def test_the_relu_stands_behind_the_sum() -> None:
    block = Bottleneck(8, 2, 1, project=False).eval()
    nn.init.zeros_(block.conv3.weight)  # the branch gives nothing: the shortcut remains

    x = torch.tensor([-1.0, 2.0]).view(1, 1, 1, 2).expand(1, 8, 1, 2)

    assert block(x)[0, 0, 0].tolist() == [0.0, 2.0]
