# SPDX-License-Identifier: Apache-2.0
"""What parity with the public network leaves to say about ours."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from torch import Tensor

from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.memory.policies import Policy
from stmatte.networks.checkpoints import fill
from stmatte.networks.registry import load_network
from stmatte.networks.stcn import STCN
from stmatte.networks.stcn_blocks import ResBlock

LAYOUTS = Path(__file__).parents[2] / "parity" / "layouts.json"


@pytest.fixture(scope="module")
def network() -> STCN:
    torch.manual_seed(0)
    return STCN()


def test_names_and_shapes_are_those_of_the_public_checkpoint(network: STCN) -> None:
    public = json.loads(LAYOUTS.read_text())["stcn"]

    ours = {n: list(t.shape) for n, t in network.state_dict().items()}

    assert ours == public
    assert sum(t.numel() for t in network.state_dict().values()) == 54_469_310


def test_a_public_checkpoint_is_recognised_by_its_names(network: STCN, tmp_path: Path) -> None:
    torch.save(network.state_dict(), tmp_path / "stcn.pth")

    assert load_network(str(tmp_path / "stcn.pth"), "cpu").name == "stcn"


def test_weights_of_the_static_stage_hear_nothing_of_the_others(network: STCN) -> None:
    state = dict(network.state_dict())
    stem = state["value_encoder.conv1.weight"]
    state["value_encoder.conv1.weight"] = stem[:, :4]
    filled = STCN()

    fill(filled, state, "weights of the static stage")

    weight = filled.value_encoder.conv1.weight
    assert torch.equal(weight[:, :4], stem[:, :4])
    assert weight[:, 4].abs().max() == 0


def test_the_policy_is_the_published_one(network: STCN) -> None:
    assert network.policy == Policy(keys=True, previous=0, every=5)


def bank_of(network: STCN, *said: tuple[bool, ...]) -> tuple[Bank, Tensor]:
    """A bank of noise, and another picture of noise."""
    pictures = torch.rand(len(said) + 1, 3, 48, 48, generator=torch.Generator().manual_seed(2))
    frames = []
    for step, spoken in enumerate(said):
        query = network.encode_query(pictures[step])
        random = torch.Generator().manual_seed(step)
        planes = torch.rand(len(spoken) + 1, 48, 48, generator=random).softmax(dim=0)
        memory = network.encode_memory(pictures[step], query, planes)
        frames.append(MemoryFrame(step, Origin.RESULT, memory.maps, memory.objects, spoken))
    return Bank(tuple(frames)), pictures[-1]


def test_a_frame_is_remembered_by_the_key_that_it_asks_with(network: STCN) -> None:
    picture = torch.rand(3, 33, 47)  # padded to 48 x 48
    with torch.inference_mode():
        query = network.encode_query(picture)
        memory = network.encode_memory(picture, query, torch.full((4, 33, 47), 0.25))

    assert memory.maps["key"] is query.maps["key"]
    assert memory.maps["key"].shape == (64, 3, 3)
    assert memory.objects["value"].shape == (3, 512, 3, 3)


def test_objects_of_which_different_frames_speak_read_each_their_own(network: STCN) -> None:
    with torch.inference_mode():
        bank, picture = bank_of(network, (True, False), (True, True))
        query = network.encode_query(picture)
        planes = network.segment(query, bank)
        first = network.recall(query, bank.frames)[:1]
        second = network.recall(query, bank.frames[1:])[1:]
        claims = network.claims(query, torch.cat([first, second]))

    # Odds are compared against the background's: odds / (1 + odds) of what each claimed.
    odds = claims / (1 - claims)
    rest = (1 - claims).prod(dim=0)
    expected = odds / (odds.sum(dim=0) + rest / (1 - rest))
    torch.testing.assert_close(planes[1:], expected, atol=1e-5, rtol=1e-4)


def test_all_of_memory_is_read_while_it_learns(network: STCN) -> None:
    with torch.inference_mode():
        bank, picture = bank_of(network, (True,), (True,), (True,))  # 27 places
        query = network.encode_query(picture)
        nearest = network.recall(query, bank.frames)
        everything = network.train().recall(query, bank.frames)
        network.eval()
        network.nearest, before = 27, network.nearest
        all_places = network.recall(query, bank.frames)
        network.nearest = before

    assert not torch.equal(nearest, everything)
    torch.testing.assert_close(everything, all_places, atol=1e-4, rtol=1e-4)


def test_what_all_objects_share_is_seen_once_and_is_what_each_would_have_made_of_it() -> None:
    torch.manual_seed(4)
    block = ResBlock(6, 3)
    objects, shared = torch.randn(2, 2, 5, 5), torch.randn(1, 4, 5, 5)
    joined = torch.cat([objects, shared.expand(2, -1, -1, -1)], dim=1)

    with torch.inference_mode():
        torch.testing.assert_close(
            block.joined(objects, block.shared(shared)), block(joined), atol=1e-6, rtol=1e-5
        )
