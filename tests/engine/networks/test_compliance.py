# SPDX-License-Identifier: Apache-2.0
"""The promises of `networks.protocol`, asked of every network in the registry.

Weights are random here: nothing is said about whether mattes are good. A network that
doesn't pass doesn't ship.
"""

from __future__ import annotations

from typing import cast

import pytest
import torch
from torch import Tensor, nn

from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.networks.protocol import Network
from stmatte.networks.registry import NETWORKS
from stmatte.propagation.passes import KeyedMattes, run_pass, seeing

SIZE = (37, 51)  # odd, and no multiple of any stride
ROUNDING = 1e-5


@pytest.fixture(scope="module", params=sorted(NETWORKS))
def network(request: pytest.FixtureRequest) -> Network:
    torch.manual_seed(11)
    made = NETWORKS[request.param].make()
    made.eval().requires_grad_(False)
    return cast(Network, made)


def clip(size: tuple[int, int] = SIZE, frames: int = 3) -> Tensor:
    """(T, 3, H, W) in [0, 1]: noise that drifts to the right."""
    still = torch.rand(3, *size, generator=torch.Generator().manual_seed(5))
    return torch.stack([still.roll(2 * t, dims=2) for t in range(frames)])


def key(*said: bool, size: tuple[int, int] = SIZE) -> KeyedMattes:
    """Objects side by side, each a soft-edged column."""
    width = size[1] // (len(said) + 1)
    mattes = torch.zeros(len(said), *size)
    for n in range(len(said)):
        mattes[n, :, n * width : (n + 1) * width] = 1
        mattes[n, :, n * width] = 0.5
    return KeyedMattes(mattes, said)


def results(network: Network, pictures: Tensor, keyed: KeyedMattes) -> Tensor:
    """(T, N + 1, H, W)"""
    objects = len(keyed.said)
    passed = run_pass(
        network, seeing(network, lambda p: pictures[p]), range(len(pictures)), {0: keyed}, objects
    )
    return torch.stack([planes for _, planes in passed])


def test_its_name_is_the_one_in_the_registry(network: Network) -> None:
    assert network.name in NETWORKS
    assert type(network).__name__ == NETWORKS[network.name].cls


def test_its_policy_remembers_something(network: Network) -> None:
    policy = network.policy
    assert policy.keys or policy.previous > 0


@pytest.mark.parametrize("size", [SIZE, (64, 48), (17, 90)])
def test_planes_keep_the_picture_s_size_and_sum_to_one(
    network: Network, size: tuple[int, int]
) -> None:
    planes = results(network, clip(size), key(True, True, size=size))

    assert planes.shape == (3, 3, *size)
    assert planes.dtype == torch.float32
    assert planes.min() >= 0
    assert planes.max() <= 1
    torch.testing.assert_close(planes.sum(dim=1), torch.ones(3, *size), atol=ROUNDING, rtol=0)


def test_the_same_clip_gives_the_same_bits(network: Network) -> None:
    first, second = (results(network, clip(), key(True, True)) for _ in range(2))

    assert torch.equal(first, second)


def test_objects_in_another_order_give_the_same_planes_in_that_order(network: Network) -> None:
    keyed, order = key(True, True, True), [2, 0, 1]
    shuffled = KeyedMattes(keyed.mattes[order], keyed.said)

    planes = results(network, clip(), keyed)
    of_shuffled = results(network, clip(), shuffled)

    moved = planes[:, [0, *(n + 1 for n in order)]]
    torch.testing.assert_close(of_shuffled, moved, atol=1e-4, rtol=0)


def test_an_object_that_no_key_spoke_of_stays_nothing(network: Network) -> None:
    planes = results(network, clip(), key(True, False))

    assert planes[:, 2].abs().max() == 0
    torch.testing.assert_close(planes.sum(dim=1), torch.ones(3, *SIZE), atol=ROUNDING, rtol=0)


def test_the_network_itself_gives_such_an_object_no_more_than_a_trace(network: Network) -> None:
    picture, keyed = clip()[0], key(True, False)
    planes = torch.cat([1 - keyed.mattes[:1], keyed.mattes[:1], torch.zeros(1, *SIZE)])
    with torch.inference_mode():
        query = network.encode_query(picture)
        memory = network.encode_memory(picture, query, planes)
        frame = MemoryFrame(0, Origin.KEY, memory.maps, memory.objects, keyed.said)
        segmented = network.segment(query, Bank((frame,)))

    assert segmented[2].max() <= 1e-6  # what soft aggregation makes of a claim of 0


def test_an_object_without_a_word_changes_nothing_for_the_others(network: Network) -> None:
    alone = results(network, clip(), KeyedMattes(key(True, False).mattes[:1], (True,)))
    beside = results(network, clip(), key(True, False))

    torch.testing.assert_close(beside[:, :2], alone, atol=1e-4, rtol=0)


def test_a_query_depends_on_the_picture_alone_and_memory_writes_into_nothing(
    network: Network,
) -> None:
    picture, keyed = clip()[0], key(True, True)
    planes = torch.cat([1 - keyed.mattes.sum(dim=0, keepdim=True), keyed.mattes])
    before = (picture.clone(), planes.clone())
    with torch.inference_mode():
        query = network.encode_query(picture)
        maps = {name: m.clone() for name, m in query.maps.items()}
        network.encode_memory(picture, query, planes)
        again = network.encode_query(picture)

    assert torch.equal(picture, before[0])
    assert torch.equal(planes, before[1])
    assert all(torch.equal(query.maps[name], m) for name, m in maps.items())
    assert all(torch.equal(again.maps[name], m) for name, m in maps.items())


def test_memory_has_one_entry_per_object(network: Network) -> None:
    keyed = key(True, True, True)
    planes = torch.cat([1 - keyed.mattes.sum(dim=0, keepdim=True), keyed.mattes])
    with torch.inference_mode():
        query = network.encode_query(clip()[0])
        memory = network.encode_memory(clip()[0], query, planes)

    assert {len(m) for m in memory.objects.values()} == {3}


def test_learning_leaves_its_statistics_alone(network: Network) -> None:
    learning = cast(nn.Module, network)
    before = {name: buffer.clone() for name, buffer in learning.named_buffers()}
    learning.train()
    try:
        results(network, clip(frames=2), key(True, True))
    finally:
        learning.eval()

    assert all(torch.equal(buffer, before[name]) for name, buffer in learning.named_buffers())
