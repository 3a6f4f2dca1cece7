# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.memory.policies import Policy
from stmatte.networks.rgmp import RGMP
from stmatte.networks.rgmp_gru import ConvGRU, RGMPWithPast
from stmatte.propagation.passes import KeyedMattes, run_pass, seeing

SIZE = (20, 30)


@pytest.fixture(scope="module")
def network() -> RGMPWithPast:
    torch.manual_seed(0)
    network = RGMPWithPast((1.0,))
    nn.init.normal_(network.Say.weight, std=0.1)  # as if it had learnt to say something
    network.requires_grad_(False)
    return network


def picture(place: int) -> Tensor:
    return torch.rand(3, *SIZE, generator=torch.Generator().manual_seed(place))


def key(objects: int = 1) -> KeyedMattes:
    mattes = torch.zeros(objects, *SIZE)
    for index in range(objects):
        mattes[index, 4:16, 10 * index : 10 * index + 9] = 1
    return KeyedMattes(mattes, (True,) * objects)


class Kept(dict[int, Tensor]):
    """Planes of earlier passes; see `passes.Kept`."""

    def recall(self, place: int) -> Tensor | None:
        return self.get(place)

    def keep(self, place: int, planes: Tensor) -> Tensor:
        self[place] = planes
        return planes


def walked(network: RGMP, kept: Kept | None = None, objects: int = 1) -> list[Tensor]:
    passed = run_pass(
        network, seeing(network, picture), range(5), {0: key(objects)}, objects, kept=kept
    )
    return [planes for _, planes in passed]


def remembered(network: RGMP, step: int) -> MemoryFrame:
    planes = torch.rand(2, *SIZE, generator=torch.Generator().manual_seed(70 + step)).softmax(0)
    query = network.encode_query(picture(step))
    if step:
        memory, origin = network.encode_latest(picture(step), query, planes), Origin.RESULT
    else:
        memory, origin = network.encode_memory(picture(step), query, planes), Origin.KEY
    return MemoryFrame(step, origin, memory.maps, memory.objects, (True,))


@pytest.mark.parametrize("objects", [1, 2])
def test_begun_from_rgmp_it_gives_rgmp_s_numbers(objects: int) -> None:
    torch.manual_seed(1)
    plain, fresh = RGMP((1.0,)), RGMPWithPast((1.0,))
    missing = fresh.load_state_dict(plain.state_dict(), strict=False).missing_keys

    assert {name.split(".")[0] for name in missing} == {"GRU", "Say"}
    for ours, theirs in zip(
        walked(fresh, objects=objects), walked(plain, objects=objects), strict=True
    ):
        assert torch.equal(ours, theirs)


def test_it_remembers_keys_and_its_five_latest_frames(network: RGMPWithPast) -> None:
    assert network.policy == Policy(keys=True, previous=5, every=0)


def test_the_latest_five_frames_have_a_say_and_none_before(network: RGMPWithPast) -> None:
    frames = [remembered(network, step) for step in range(8)]

    def asked(*steps: int) -> Tensor:
        bank = Bank(tuple(frames[step] for step in steps))
        return network.segment(network.encode_query(picture(99)), bank)

    latest = asked(0, 3, 4, 5, 6, 7)
    assert torch.equal(asked(0, 1, 2, 3, 4, 5, 6, 7), latest)
    assert not torch.equal(asked(0, 2, 4, 5, 6, 7), latest)


def test_a_pass_that_is_taken_up_again_goes_on_as_if_never_stopped(network: RGMPWithPast) -> None:
    kept = Kept()
    once = walked(network, kept)
    for place in (3, 4):
        del kept[place]

    again = walked(network, kept)

    assert all(torch.equal(a, b) for a, b in zip(once, again, strict=True))


def test_an_open_gate_takes_the_candidate_and_a_closed_one_keeps_the_state() -> None:
    unit = ConvGRU(1)
    for layer in (unit.gates, unit.candidate):
        nn.init.zeros_(layer.weight)
    nn.init.constant_(unit.candidate.bias, 0.5)  # type: ignore[arg-type]
    x, state = torch.zeros(1, 1, 2, 2), torch.full((1, 1, 2, 2), 0.25)

    with torch.no_grad():
        unit.gates.bias.copy_(torch.tensor([-50.0, 0.0]))  # type: ignore[union-attr]
        kept = unit(x, state)
        unit.gates.bias.copy_(torch.tensor([50.0, 0.0]))  # type: ignore[union-attr]
        taken = unit(x, state)

    assert kept.flatten().tolist() == pytest.approx([0.25] * 4)
    assert taken.flatten().tolist() == pytest.approx([0.46211716] * 4)  # tanh of 0.5
