# SPDX-License-Identifier: Apache-2.0
"""A trace is exact: its weights times what memory holds are what the read returned."""

from __future__ import annotations

from typing import Protocol, cast

import pytest
import torch
from torch import Tensor

from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.networks.label_propagation import LabelPropagation
from stmatte.networks.lmrc import LMRC
from stmatte.networks.lmrc_blocks import READS
from stmatte.networks.padding import pad
from stmatte.networks.protocol import Network
from stmatte.networks.registry import NETWORKS
from stmatte.networks.stcn import STCN
from stmatte.networks.stm import SpaceTimeMemory
from stmatte.networks.stmatte_s import StmatteS
from stmatte.networks.stmatte_s_blocks import Seen
from stmatte.networks.tracing import Explains, Trace, among, place_of

SIZE = (37, 51)  # padded to 48 x 64: 5 rows above, 6 below; 6 columns left, 7 right
PIXELS = [(0, 0), (18, 25), (36, 50)]


class Traced(Network, Explains, Protocol):
    """A network that can tell where it read from."""


SILENT = {"rgmp", "rgmp-gru"}  # compare all places at once, and read none


@pytest.fixture(scope="module", params=sorted(NETWORKS.keys() - SILENT))
def network(request: pytest.FixtureRequest) -> Traced:
    torch.manual_seed(3)
    made = NETWORKS[request.param].make()
    made.eval().requires_grad_(False)
    return cast(Traced, made)


def picture(seed: int) -> Tensor:
    return torch.rand(3, *SIZE, generator=torch.Generator().manual_seed(seed))


def bank_of(network: Network, *said: tuple[bool, bool]) -> Bank:
    """Memory frames at steps 0, 1, ... of two objects; the first is a key."""
    frames = []
    for step, spoken in enumerate(said):
        mattes = torch.rand(2, *SIZE, generator=torch.Generator().manual_seed(50 + step)) / 2
        planes = torch.cat([1 - mattes.sum(dim=0, keepdim=True), mattes])
        memory = network.encode_memory(picture(step), network.encode_query(picture(step)), planes)
        origin = Origin.RESULT if step else Origin.KEY
        frames.append(MemoryFrame(step, origin, memory.maps, memory.objects, spoken))
    return Bank(tuple(frames))


def read(network: Traced, bank: Bank, index: int) -> list[tuple[Tensor, Tensor]]:
    """Return, for each read of an object, what memory holds (T, V, h, w) and what came of it."""
    query = network.encode_query(picture(99))
    memory = bank.speaking_of(index)

    def held(name: str) -> Tensor:
        return torch.stack([frame.objects[name][index] for frame in bank.frames])

    if isinstance(network, LMRC):
        reads = network.nearby(query, memory)
        nearby = [(held(f"value{READS[name]}"), read.read[index]) for name, read in reads.items()]
        return [(held("value16"), network.far(query, memory)[index]), *nearby]
    if isinstance(network, STCN):
        return [(held("value"), network.recall(query, memory)[index])]
    if isinstance(network, SpaceTimeMemory):
        return [(held("value"), network.recall(query, bank, index))]
    if isinstance(network, LabelPropagation):
        masks = network._read(query.maps["key8"], memory)[index]
        return [(held("mask8")[:, None], masks[None])]
    assert isinstance(network, StmatteS)
    recalled = network.recall(Seen(**query.maps), memory)
    both = torch.cat([recalled.mask16, recalled.value16], dim=1)
    return [(held("mask8")[:, None], recalled.mask8[index]), (held("value16"), both[index])]


@pytest.mark.parametrize("pixel", PIXELS)
@pytest.mark.parametrize("index", [0, 1])
def test_weights_times_what_memory_holds_are_what_was_read(
    network: Traced, pixel: tuple[int, int], index: int
) -> None:
    bank = bank_of(network, *[(True, True)] * 3)

    traces = network.trace(network.encode_query(picture(99)), bank, index, pixel)

    for trace, (held, recalled) in zip(traces, read(network, bank, index), strict=True):
        again = torch.einsum("thw,tvhw->v", trace.weights, held)
        row, column = trace.place
        assert torch.allclose(again, recalled[:, row, column], atol=1e-5)


def test_the_weights_of_every_read_sum_to_one(network: Traced) -> None:
    bank = bank_of(network, *[(True, True)] * 9)  # the key is none of the seven latest

    for trace in network.trace(network.encode_query(picture(99)), bank, 0, (18, 25)):
        assert trace.weights.min() >= 0
        assert sum(trace.shares) == pytest.approx(1, abs=1e-5)


def test_a_frame_that_says_nothing_of_the_object_counts_nothing(network: Traced) -> None:
    bank = bank_of(network, (True, True), (False, True), (True, True))

    for trace in network.trace(network.encode_query(picture(99)), bank, 0, (18, 25)):
        assert trace.shares[1] == 0
        assert sum(trace.shares) == pytest.approx(1, abs=1e-5)


def test_looking_again_at_the_key_reads_the_key() -> None:
    network = cast(Traced, NETWORKS["label-propagation"].make().eval().requires_grad_(False))
    bank = bank_of(network, (True, True), (True, True))

    (trace,) = network.trace(network.encode_query(picture(0)), bank, 0, (18, 25))

    most = int(trace.weights.flatten().argmax())
    row, column = trace.place
    assert most == row * trace.weights.shape[2] + column  # frame 0, the very same place


@pytest.mark.parametrize(
    ("pixel", "place"),
    [
        ((0, 0), (0, 0)),  # row 5 and column 6 of the padded picture
        ((2, 1), (0, 0)),  # row 7, column 7: still the first place
        ((3, 2), (1, 1)),  # row 8, column 8
        ((36, 50), (5, 7)),  # row 41, column 56
    ],
)
def test_a_pixel_lies_in_a_place_of_the_padded_grid(
    pixel: tuple[int, int], place: tuple[int, int]
) -> None:
    assert place_of(pixel, SIZE, 8, 16) == place


def test_weights_lie_over_the_pixels_of_their_places() -> None:
    weights = torch.rand(2, 6, 8)

    over = Trace("matte", (0, 0), weights, 8).over(SIZE)

    assert over.shape == (2, *SIZE)
    for row, column in [(0, 0), (2, 1), (3, 2), (36, 50)]:
        y, x = place_of((row, column), SIZE, 8, 16)
        assert torch.equal(over[:, row, column], weights[:, y, x])


@pytest.mark.parametrize("size", [(37, 51), (64, 96), (33, 20)])
def test_places_are_counted_on_the_picture_that_was_padded(size: tuple[int, int]) -> None:
    numbered = torch.arange(size[0] * size[1], dtype=torch.float32).reshape(1, *size)
    padded = pad(numbered, 16)[0]

    for pixel in [(0, 0), (size[0] // 2, size[1] // 2), (size[0] - 1, size[1] - 1)]:
        row, column = place_of(pixel, size, 8, 16)
        square = padded[8 * row : 8 * row + 8, 8 * column : 8 * column + 8]
        assert (square == numbered[0, pixel[0], pixel[1]]).any()


def test_silent_frames_get_their_place_among_the_others() -> None:
    said = [(True,), (False,), (True,)]
    frames = [MemoryFrame(t, Origin.RESULT, {}, {}, spoken) for t, spoken in enumerate(said)]

    placed = among(Bank(tuple(frames)), 0, torch.tensor([[[0.25]], [[0.75]]]))

    assert placed.flatten().tolist() == [0.25, 0, 0.75]
