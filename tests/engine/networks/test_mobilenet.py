# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import copy
from importlib.resources import files
from pathlib import Path
from typing import cast

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from stmatte.networks.label_propagation import LabelPropagation
from stmatte.networks.mobilenet import Features, InvertedResidual, MobileNet, pad_same
from stmatte.networks.registry import load_network

BACKBONE = Path(__file__).parents[4] / "shared/data/backbones/mobilenet_v2_1.0_features.safetensors"


@pytest.fixture(scope="module")
def shipped() -> MobileNet:
    return cast(LabelPropagation, load_network("label-propagation", "cpu")).image_encoder


def pictures(height: int = 64, width: int = 96) -> Tensor:
    """Two soft patterns."""
    coarse = torch.rand(2, 3, 6, 9, generator=torch.Generator().manual_seed(0))
    return nn.functional.interpolate(coarse, (height, width), mode="bilinear")


def strided(network: MobileNet) -> MobileNet:
    """The same weights in the published arrangement: stride 2 in block 7."""
    published = copy.deepcopy(network)
    for block in range(7, 11):
        depthwise = cast(nn.Conv2d, published.features[str(block)].depthwise)
        depthwise.stride = (2, 2) if block == 7 else (1, 1)
        depthwise.padding = (0, 0) if block == 7 else (1, 1)
    return published


# --- the grid ---------------------------------------------------------------------------


@pytest.mark.parametrize(("height", "width"), [(64, 96), (16, 16), (48, 112)])
def test_maps_lie_at_their_strides(shipped: MobileNet, height: int, width: int) -> None:
    with torch.inference_mode():
        seen = shipped(pictures(height, width))

    assert {name: tuple(m.shape) for name, m in seen._asdict().items()} == {
        "s4": (2, 24, height // 4, width // 4),
        "s8": (2, 32, height // 8, width // 8),
        "dense": (2, 64, height // 8, width // 8),
        "s16": (2, 96, height // 16, width // 16),
    }


@pytest.mark.parametrize("weights", ["shipped", "random"])
def test_odd_places_of_the_dense_branch_are_the_strided_network(
    shipped: MobileNet, weights: str
) -> None:
    torch.manual_seed(1)
    network = shipped if weights == "shipped" else MobileNet()
    published = strided(network)
    with torch.inference_mode():
        seen: Features = network(pictures())
        s8 = published._blocks(seen.s4, 4, 6)
        s16 = published._blocks(published._blocks(s8, 7, 10), 11, 13)
        dense = published._blocks(s8, 7, 10)

    assert dense.shape == (2, 64, 4, 6)  # stride 16
    assert dense.abs().max() > 0.01
    torch.testing.assert_close(seen.dense[..., 1::2, 1::2], dense, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(seen.s16, s16, atol=1e-4, rtol=1e-4)


def test_the_dense_branch_is_that_of_dilated_convolutions(shipped: MobileNet) -> None:
    dilated = copy.deepcopy(shipped)
    for block in (8, 9, 10):
        depthwise = cast(nn.Conv2d, dilated.features[str(block)].depthwise)
        depthwise.dilation = depthwise.padding = (2, 2)
    with torch.inference_mode():
        seen: Features = shipped(pictures())
        dense = dilated._blocks(seen.s8, 7, 10)

    torch.testing.assert_close(seen.dense, dense, atol=1e-5, rtol=1e-5)


def test_the_dense_branch_has_places_that_the_strided_network_has_not(shipped: MobileNet) -> None:
    with torch.inference_mode():
        dense = shipped(pictures()).dense

    assert (dense[..., 0::2, 0::2] - dense[..., 1::2, 1::2]).abs().max() > 0.1


# --- TensorFlow's padding -----------------------------------------------------------------


def test_same_padding_of_an_even_picture_is_at_the_bottom_and_right() -> None:
    # 1 2 3 4        a kernel of ones and stride 2 sums rows 0-2 and 2-4, row 4 being zeros
    # 5 6 7 8        1+2+3 + 5+6+7 + 9+10+11 = 54     3+4 + 7+8 + 11+12 = 45
    # 9 ...          9+10+11 + 13+14+15 = 72          11+12 + 15+16 = 54
    picture = torch.arange(1.0, 17).view(1, 1, 4, 4)

    summed = nn.functional.conv2d(pad_same(picture), torch.ones(1, 1, 3, 3), stride=2)

    assert summed.flatten().tolist() == [54, 45, 72, 54]


def test_a_block_of_stride_2_pads_what_its_depthwise_convolution_sees() -> None:
    block = InvertedResidual(1, 1, stride=2, expand=False)
    with torch.no_grad():
        block.depthwise.weight.copy_(torch.eye(9)[8].view(1, 1, 3, 3))  # looks bottom right
        block.project.weight.fill_(1)
        for layer in (block.depthwise, block.project):
            assert layer.bias is not None
            layer.bias.zero_()
        out = block(torch.arange(1.0, 17).view(1, 1, 4, 4).clamp(max=6))

    # places (2, 2) (2, 4) (4, 2) (4, 4) of the padded picture: 11, cut at 6, and border
    assert out.flatten().tolist() == [6, 0, 0, 0]


def test_black_is_seen_as_minus_one_and_white_as_one(shipped: MobileNet) -> None:
    seen: list[Tensor] = []
    hook = shipped.features["0"].register_forward_pre_hook(lambda _, given: seen.extend(given))
    with torch.inference_mode():
        shipped(torch.stack([torch.zeros(3, 16, 16), torch.ones(3, 16, 16)]))
    hook.remove()

    assert seen[0][:, :, :16, :16].unique().tolist() == [-1, 1]
    assert seen[0][0].min() == -1


def test_the_border_of_the_picture_is_middle_grey(shipped: MobileNet) -> None:
    # the source pads after its preprocessing, where 0 is middle grey
    first = cast(nn.Conv2d, shipped.features["0"])
    with torch.inference_mode():
        seen = first(pad_same(torch.full((1, 3, 16, 16), 0.5) * 2 - 1))

    assert seen.std(dim=(2, 3)).max() == 0


# --- weights ------------------------------------------------------------------------------


def test_the_weights_that_ship_are_the_source_s_to_the_bit() -> None:
    if not BACKBONE.exists():
        pytest.skip("the folder shared/data/backbones beside the checkout is missing")
    source = load_file(BACKBONE)
    shipped = load_file(str(files("stmatte") / "weights" / "label-propagation.safetensors"))

    blocks = {f"image_encoder.{name}": tensor for name, tensor in source.items()}
    assert {name.split(".")[2] for name in shipped} == {str(block) for block in range(14)}
    for name, tensor in shipped.items():
        assert tensor.dtype == torch.float16
        assert torch.equal(tensor, blocks[name]), name
    left_out = {name.split(".")[1] for name in source} - {str(block) for block in range(14)}
    assert left_out == {"14", "15", "16", "17", "18"}
