# SPDX-License-Identifier: Apache-2.0
"""What parity with the public network leaves to say about ours."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.memory.policies import Policy
from stmatte.networks.stm import STM
from stmatte.networks.stm_blocks import Decoder

LAYOUTS = Path(__file__).parents[2] / "parity" / "layouts.json"


@pytest.fixture(scope="module")
def network() -> STM:
    torch.manual_seed(0)
    return STM()


def test_names_and_shapes_are_those_of_the_public_checkpoint(network: STM) -> None:
    public = json.loads(LAYOUTS.read_text())["stm"]

    ours = {f"module.{n}": list(t.shape) for n, t in network.state_dict().items()}

    assert ours == public
    assert sum(t.numel() for t in network.state_dict().values()) == 38_986_852


def test_the_policy_is_the_published_one(network: STM) -> None:
    assert network.policy == Policy(keys=True, previous=1, every=5)


def test_maps_lie_on_the_padded_grid_at_their_strides(network: STM) -> None:
    with torch.inference_mode():
        query = network.encode_query(torch.rand(3, 33, 47))  # padded to 48 x 48
        memory = network.encode_memory(torch.rand(3, 33, 47), query, torch.full((3, 33, 47), 1 / 3))

    assert query.size == (33, 47)
    shapes = {name: tuple(m.shape) for name, m in query.maps.items()}
    assert shapes == {
        "key": (128, 3, 3),
        "guide16": (256, 3, 3),
        "guide8": (256, 6, 6),
        "guide4": (256, 12, 12),
    }
    assert {n: tuple(m.shape) for n, m in memory.objects.items()} == {
        "key": (2, 128, 3, 3),
        "value": (2, 512, 3, 3),
    }


def test_an_object_reads_only_frames_that_speak_of_it(network: STM) -> None:
    with torch.inference_mode():
        image = torch.rand(3, 32, 32)
        query = network.encode_query(image)
        memories = [
            network.encode_memory(torch.rand(3, 32, 32), query, torch.rand(3, 32, 32).softmax(0))
            for _ in range(2)
        ]
        both, silent = (
            Bank(
                (
                    MemoryFrame(0, Origin.KEY, {}, memories[0].objects, (True, True)),
                    MemoryFrame(1, Origin.RESULT, {}, memories[1].objects, (True, second)),
                )
            )
            for second in (True, False)
        )
        first_alone = Bank(both.frames[:1])

        assert torch.equal(network.recall(query, silent, 1), network.recall(query, first_alone, 1))
        assert torch.equal(network.recall(query, silent, 0), network.recall(query, both, 0))
        assert not torch.equal(network.recall(query, silent, 1), network.recall(query, both, 1))


def test_where_no_frame_speaks_of_any_object_all_is_background(network: STM) -> None:
    with torch.inference_mode():
        image = torch.rand(3, 32, 32)
        query = network.encode_query(image)
        memory = network.encode_memory(image, query, torch.full((2, 32, 32), 0.5))
        bank = Bank((MemoryFrame(0, Origin.RESULT, {}, memory.objects, (False,)),))

        planes = network.segment(query, bank)

    assert torch.equal(planes, torch.tensor([1.0, 0.0]).view(2, 1, 1).expand(2, 32, 32))


def test_what_is_decoded_once_for_all_objects_is_what_each_would_have_made_of_it(
    network: STM,
) -> None:
    decoder = network.Decoder
    recalled, value = torch.rand(2, 512, 3, 4), torch.rand(1, 512, 3, 4)
    r3, r2 = torch.rand(1, 512, 6, 8), torch.rand(1, 256, 12, 16)
    with torch.inference_mode():
        shared = decoder(recalled, decoder.guides(value, r3, r2))
        alone = [_decoded_as_printed(decoder, each[None], value, r3, r2) for each in recalled]

    torch.testing.assert_close(shared, torch.cat(alone), atol=1e-5, rtol=1e-5)


def _decoded_as_printed(
    decoder: Decoder, recalled: Tensor, value: Tensor, r3: Tensor, r2: Tensor
) -> Tensor:
    """Return the logits of one object by the paper's figure: everything is joined, then seen."""
    x = decoder.ResMM(decoder.convFM(torch.cat([recalled, value], dim=1)))
    for features, refine in ((r3, decoder.RF3), (r2, decoder.RF2)):
        guide = refine.ResFS(refine.convFS(features))
        x = refine.ResMM(guide + F.interpolate(x, scale_factor=2, mode="bilinear"))
    return F.interpolate(decoder.pred2(x.relu()), scale_factor=4, mode="bilinear")


def test_a_small_budget_changes_rounding_only(network: STM) -> None:
    with torch.inference_mode():
        image = torch.rand(3, 64, 64)
        query = network.encode_query(image)
        memory = network.encode_memory(image, query, torch.full((2, 64, 64), 0.5))
        bank = Bank((MemoryFrame(0, Origin.KEY, {}, memory.objects, (True,)),))
        whole = network.recall(query, bank, 0)
        network.budget, before = 100, network.budget
        try:
            tiled = network.recall(query, bank, 0)
        finally:
            network.budget = before

    torch.testing.assert_close(tiled, whole, atol=1e-5, rtol=1e-5)
