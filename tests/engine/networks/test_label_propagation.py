# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import cast

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.memory.policies import Policy
from stmatte.networks.label_propagation import LabelPropagation, _widened
from stmatte.networks.registry import load_network
from stmatte.propagation.passes import KeyedMattes, run_pass, seeing

SIZE = (96, 128)
SIDE = 32


@pytest.fixture(scope="module")
def network() -> LabelPropagation:
    return cast(LabelPropagation, load_network("label-propagation", "cpu"))


def pattern(seed: int, height: int, width: int) -> Tensor:
    """(3, H, W): coarse colours, as of a cloth."""
    random = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, max(2, height // 8), max(2, width // 8), generator=random)
    return nn.functional.interpolate(coarse, (height, width), mode="bicubic")[0].clamp(0, 1)


def frame(x: int, y: int = 32) -> tuple[Tensor, Tensor]:
    """A patterned square at (x, y) before another pattern, and its matte."""
    picture, matte = pattern(0, *SIZE) * 0.5, torch.zeros(SIZE)
    square = pattern(1, SIDE, SIDE)
    picture[:, y : y + SIDE, x : x + SIDE] = square * 0.5 + torch.tensor([0.5, 0.2, 0]).view(
        3, 1, 1
    )
    matte[y : y + SIDE, x : x + SIDE] = 1
    return picture, matte


def overlap(matte: Tensor, truth: Tensor) -> float:
    """Intersection over union at 0.5."""
    one, other = matte > 0.5, truth > 0.5
    return ((one & other).sum() / (one | other).sum()).item()


def test_its_policy_reads_keys_and_the_seven_latest_frames(network: LabelPropagation) -> None:
    assert network.policy == Policy(keys=True, previous=7, every=0)


def test_a_matte_follows_what_it_was_put_on(network: LabelPropagation) -> None:
    frames = [frame(x) for x in range(8, 80, 8)]
    key = KeyedMattes(frames[0][1][None], (True,))

    passed = run_pass(
        network, seeing(network, lambda p: frames[p][0]), range(len(frames)), {0: key}, 1
    )

    overlaps = [overlap(planes[1], frames[place][1]) for place, planes in passed]
    assert overlaps[0] == 1.0
    assert min(overlaps) > SIDE**2 / (SIDE + 8) ** 2  # no edge is off by more than half a place
    assert overlap(frames[0][1], frames[4][1]) == 0  # standing still would miss it altogether


def test_memory_is_the_matte_averaged_over_places_of_eight_pixels(
    network: LabelPropagation,
) -> None:
    picture, _ = frame(8)
    planes = torch.zeros(3, *SIZE)
    planes[1, :8, :4] = 1  # half of the first place
    planes[2, :2, 8:16] = 0.5  # half coverage on a quarter of the second: 1/8
    planes[0] = 1 - planes[1] - planes[2]
    with torch.inference_mode():
        query = network.encode_query(picture)
        mask8 = network.encode_memory(picture, query, planes).objects["mask8"]

    assert mask8.shape == (2, 12, 16)
    assert mask8[0, 0, :2].tolist() == [0.5, 0]
    assert mask8[1, 0, :2].tolist() == [0, 0.125]


def test_keys_have_unit_length_so_that_likeness_is_a_cosine(network: LabelPropagation) -> None:
    with torch.inference_mode():
        key = network.encode_query(frame(8)[0]).maps["key8"]

    assert key.shape == (64, 12, 16)
    torch.testing.assert_close(key.norm(dim=0), torch.ones(12, 16))


def test_two_objects_in_one_bank_are_read_as_each_would_be_alone(network: LabelPropagation) -> None:
    picture, matte = frame(40)
    other = torch.zeros(SIZE)
    other[:24, :40] = 1
    planes = torch.stack([1 - matte - other, matte, other])
    with torch.inference_mode():
        query = network.encode_query(picture)

        def read(chosen: list[int]) -> Tensor:
            memory = network.encode_memory(picture, query, planes[[0, *chosen]])
            said = (True,) * len(chosen)
            frames = (MemoryFrame(0, Origin.KEY, memory.maps, memory.objects, said),)
            return network._read(query.maps["key8"], frames)

        together, alone = read([1, 2]), [read([n])[0] for n in (1, 2)]
        memory = network.encode_memory(picture, query, planes)
        remembered = MemoryFrame(0, Origin.KEY, memory.maps, memory.objects, (True, True))
        segmented = network.segment(query, Bank((remembered,)))

    torch.testing.assert_close(together, torch.stack(alone), atol=1e-6, rtol=0)
    assert overlap(segmented[1], matte) > 0.75


def test_scaling_up_keeps_the_mean_of_every_place_so_that_masks_do_not_melt() -> None:
    coarse = torch.rand(2, 6, 9, generator=torch.Generator().manual_seed(3)) * 0.4 + 0.3

    means = F.avg_pool2d(_widened(coarse), 8)

    # plain bilinear scaling is off by up to 0.1 here; what is left at least halves each time
    torch.testing.assert_close(means, coarse, atol=0.01, rtol=0)


def test_scaling_up_changes_nothing_of_an_even_mask() -> None:
    assert torch.equal(_widened(torch.ones(1, 4, 4)), torch.ones(1, 32, 32))
