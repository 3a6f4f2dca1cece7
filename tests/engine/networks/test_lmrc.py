# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.memory.policies import Policy
from stmatte.networks.lmrc import LMRC, Parts, scale_loss
from stmatte.networks.lmrc_blocks import READS, VALUE, Comparator
from stmatte.networks.protocol import Query
from stmatte.networks.stcn import STCN

SIZE = (48, 32)


@pytest.fixture(scope="module")
def network() -> LMRC:
    torch.manual_seed(0)
    return LMRC()


@pytest.fixture
def parts(network: LMRC) -> Iterator[LMRC]:
    """The network, to be given other parts."""
    yield network
    network.parts = Parts()


def pictures(count: int) -> Tensor:
    return torch.rand(count, 3, *SIZE, generator=torch.Generator().manual_seed(7))


def bank_of(network: LMRC, *origins: Origin, objects: int = 2) -> tuple[MemoryFrame, ...]:
    """Memory frames of noise, at steps 0, 1, ..., which speak of all objects."""
    frames = []
    for step, (origin, picture) in enumerate(zip(origins, pictures(len(origins)), strict=True)):
        random = torch.Generator().manual_seed(step)
        planes = torch.rand(objects + 1, *SIZE, generator=random).softmax(dim=0)
        memory = network.encode_memory(picture, network.encode_query(picture), planes)
        frames.append(MemoryFrame(step, origin, memory.maps, memory.objects, (True,) * objects))
    return tuple(frames)


def asked(network: LMRC) -> Query:
    return network.encode_query(pictures(9)[-1])


def test_the_policy_is_the_published_one(network: LMRC) -> None:
    assert network.policy == Policy(keys=True, previous=1, every=5)


@torch.inference_mode()
def test_what_is_read_has_the_size_of_its_grid(network: LMRC) -> None:
    recalled = network.recall(asked(network), bank_of(network, Origin.KEY, Origin.RESULT))

    assert {name: tuple(read.shape) for name, read in recalled.items()} == {
        "far": (2, 256, 3, 2),
        "near16": (2, 256, 3, 2),
        "near8": (2, 128, 6, 4),
        "near4": (2, 64, 12, 8),
        "moved8": (2, 128, 6, 4),
        "moved4": (2, 64, 12, 8),
    }


@torch.inference_mode()
def test_global_memory_is_what_lasts_and_local_memory_is_the_frame_before(network: LMRC) -> None:
    key, fifth, latest = bank_of(network, Origin.KEY, Origin.RESULT, Origin.RESULT)
    query = asked(network)

    def far(*memory: MemoryFrame) -> Tensor:
        return network.far(query, memory)

    def near(*memory: MemoryFrame) -> Tensor:
        return network.nearby(query, memory)["near4"].read

    assert torch.equal(far(key, fifth, latest), far(key, fifth, fifth))  # the latest is no part
    assert not torch.equal(far(key, fifth, latest), far(key, latest))
    assert torch.equal(near(key, fifth, latest), near(latest))
    # At the first query the key is both; so is any later key, but no other latest frame.
    assert torch.equal(far(key), far(key, fifth))
    assert torch.equal(near(key), near(fifth, key))
    assert not torch.equal(far(fifth, key), far(fifth, latest))


@torch.inference_mode()
def test_objects_share_what_is_compared_and_read_each_their_own(network: LMRC) -> None:
    memory = bank_of(network, Origin.KEY, Origin.RESULT)
    second = tuple(
        MemoryFrame(f.step, f.origin, f.maps, {n: m[1:] for n, m in f.objects.items()}, (True,))
        for f in memory
    )

    both, alone = (network.recall(asked(network), frames) for frames in (memory, second))

    for name in both:
        torch.testing.assert_close(both[name][1:], alone[name])


@torch.inference_mode()
def test_a_nearby_read_counts_more_the_more_alike_it_is_than_all_of_memory() -> None:
    comparator = Comparator()
    windows = torch.zeros(25, 1, 3)
    far = torch.tensor([-2.0, 0.0, 2.0]).expand(5, 1, 3)

    reliability = comparator("near16", windows, far)

    # Five equal differences of weight 1/5: sigmoid(3/2 * tanh(1)), sigmoid(0), and 1 minus the
    # first; 3/2 * 0.7616 = 1.1424, whose sigmoid is 0.7581
    assert reliability.flatten().tolist() == pytest.approx([0.7581, 0.5, 0.2419], abs=1e-4)


@torch.inference_mode()
def test_without_the_comparator_reads_are_as_they_are(parts: LMRC) -> None:
    memory, query = bank_of(parts, Origin.KEY, Origin.RESULT), asked(parts)
    weighed = parts.recall(query, memory)
    parts.parts = Parts(compares=False)

    plain = parts.recall(query, memory)

    reads = parts.nearby(query, memory)
    assert all(torch.equal(plain[name], reads[name].read) for name in READS)
    assert all((weighed[name].abs() <= plain[name].abs()).all() for name in READS)
    assert torch.equal(weighed["far"], plain["far"])


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        (Parts(near=()), {"far"}),
        (Parts(near=(16,)), {"far", "near16"}),
        (Parts(moved=False), {"far", "near16", "near8", "near4"}),
        (Parts(), {"far", *READS}),
    ],
)
@torch.inference_mode()
def test_parts_that_are_left_out_read_nothing(parts: LMRC, chosen: Parts, names: set[str]) -> None:
    memory, query = bank_of(parts, Origin.KEY, Origin.RESULT), asked(parts)
    parts.parts = chosen

    recalled = parts.recall(query, memory)
    planes = parts.segment(query, Bank(memory))

    assert recalled.keys() == names
    assert planes.shape == (3, *SIZE)
    nothing = {n: torch.zeros(2, VALUE[s], SIZE[0] // s, SIZE[1] // s) for n, s in READS.items()}
    filled = parts.decoder(query.maps, {**nothing, **recalled})
    assert torch.equal(parts.decoder(query.maps, recalled), filled)


@torch.inference_mode()
def test_it_begins_to_learn_with_what_it_shares_with_stcn() -> None:
    torch.manual_seed(1)
    stcn = STCN()
    begun = LMRC()

    taken = begun.begin_with(stcn.state_dict())

    assert torch.equal(begun.key_proj.key_proj.weight, stcn.key_proj.key_proj.weight)
    assert torch.equal(
        begun.value_encoder.layer3[1].conv2.bias, stcn.value_encoder.layer3[1].conv2.bias
    )
    assert {name.split(".")[0] for name in taken} == {
        *("key_encoder", "key_proj", "key_comp", "value_encoder", "decoder")
    }
    picture = pictures(1)[0]
    torch.testing.assert_close(
        begun.encode_query(picture).maps["key16"], stcn.encode_query(picture).maps["key"]
    )


def test_the_scale_loss_compares_lengths_over_the_places_that_a_coarse_one_covers() -> None:
    # Lengths: 4 at stride 16; 1, 1, 1, 5 at stride 8, mean 2; all 3 at stride 4.
    # (4 - 2)² + (4 - 3)² = 5
    maps = {
        "key16": torch.full((1, 1, 1), 2.0),
        "key8": torch.tensor([1.0, 1.0, 1.0, 5.0]).sqrt().view(1, 2, 2),
        "key4": torch.full((1, 4, 4), 3.0).sqrt(),
    }

    assert scale_loss(Query((16, 16), maps)).item() == pytest.approx(5)


def test_every_parameter_learns_from_a_step() -> None:
    torch.manual_seed(2)
    learning = LMRC().train()
    memory = bank_of(learning, Origin.KEY, Origin.RESULT)
    statistics = {n: b.clone() for n, b in learning.named_buffers()}

    query = asked(learning)
    planes = learning.segment(query, Bank(memory))
    (planes[1].square().sum() + 1e-4 * scale_loss(query)).backward()

    still = [n for n, p in learning.named_parameters() if p.grad is None or not p.grad.any()]
    assert still == []
    assert all(torch.equal(b, statistics[n]) for n, b in learning.named_buffers())
