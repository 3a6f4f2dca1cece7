# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from stmatte.memory.bank import MemoryFrame, Origin
from stmatte.networks.stmatte_b import StmatteB
from stmatte.networks.stmatte_s import NEAR, StmatteS
from stmatte.networks.stmatte_s_blocks import Recalled, Seen
from stmatte.training.recalling import Written, recall_all

PLACES8, PLACES16 = (6, 10), (3, 5)
COUNTS = (2, 1)  # objects of each clip
OWNER = torch.tensor([0, 0, 1])


@pytest.fixture(scope="module", params=[StmatteS, StmatteB])
def network(request: pytest.FixtureRequest) -> StmatteS:
    torch.manual_seed(0)
    made: StmatteS = request.param()
    return made


def drawn(network: StmatteS, frames: int) -> tuple[list[Written], Tensor, Tensor]:
    """Return what two clips remember of some frames, and the keys of the next one."""
    random = torch.Generator().manual_seed(frames)

    def unit(channels: int, places: tuple[int, int]) -> Tensor:
        return F.normalize(torch.randn(2, channels, *places, generator=random), dim=1)

    keys8, keys16 = network.key8.out_channels, network.key16.out_channels
    past = [
        Written(
            unit(keys8, PLACES8),
            unit(keys16, PLACES16),
            torch.rand(3, *PLACES8, generator=random),
            torch.randn(3, 1 + network.widths.value, *PLACES16, generator=random),
        )
        for _ in range(frames)
    ]
    return past, unit(keys8, PLACES8), unit(keys16, PLACES16)


def one_by_one(
    network: StmatteS, past: list[Written], key8: Tensor, key16: Tensor
) -> list[Recalled]:
    """Return what each clip recalls alone, everywhere, as learning does."""
    recalled = []
    for clip, objects in enumerate((slice(0, 2), slice(2, 3))):
        memory = tuple(
            MemoryFrame(
                t,
                Origin.RESULT if t else Origin.KEY,
                {"key8": frame.key8[clip], "key16": frame.key16[clip]},
                {"mask8": frame.mask8[objects], "value16": frame.value16[objects]},
                (True,) * COUNTS[clip],
            )
            for t, frame in enumerate(past)
        )
        nothing = key8[:1, :0]
        seen = Seen(nothing, nothing, nothing, key8[clip : clip + 1], key16[clip : clip + 1])
        recalled.append(network.recall_everywhere(seen, memory)._replace(near16=None))
    return recalled


def joined(recalled: list[Recalled]) -> list[Tensor]:
    """Return what was read, the maps of all clips in one batch."""
    parts = [[map_ for map_ in one if map_ is not None] for one in recalled]
    return [torch.cat(both) for both in zip(*parts, strict=True)]


@pytest.mark.parametrize("frames", [1, 3, NEAR + 2])
def test_a_batch_recalls_what_each_clip_does_alone(network: StmatteS, frames: int) -> None:
    past, key8, key16 = drawn(network, frames)
    with torch.no_grad():
        together = recall_all(network, key8, key16, OWNER, past)
        alone = joined(one_by_one(network, past, key8, key16))

    assert together.near16 is None
    for name, maps, expected in zip(Recalled._fields, joined([together]), alone, strict=False):
        torch.testing.assert_close(maps, expected, atol=1e-5, rtol=1e-5, msg=name)


def test_gradients_are_those_of_each_clip_alone(network: StmatteS) -> None:
    def gradients(batched: bool) -> list[Tensor]:
        past, key8, key16 = drawn(network, 3)
        asked = [key8, key16, past[0].key8, past[1].key16, past[1].value16, past[2].mask8]
        for tensor in asked:
            tensor.requires_grad_()
        if batched:
            maps = joined([recall_all(network, key8, key16, OWNER, past)])
        else:
            maps = joined(one_by_one(network, past, key8, key16))
        weighed = [(m * torch.linspace(0, 1, m.numel()).view_as(m)).sum() for m in maps]
        learnt = [network.temperature8, network.temperature16]
        return list(torch.autograd.grad(sum(weighed[1:], weighed[0]), [*asked, *learnt]))

    for ours, expected in zip(gradients(batched=True), gradients(batched=False), strict=True):
        torch.testing.assert_close(ours, expected, atol=1e-3, rtol=1e-3)
        assert expected.abs().max() > 0
