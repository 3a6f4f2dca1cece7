# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
import torch
from torch import Tensor

from stmatte.errors import StmatteError
from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.networks.checkpoints import fill
from stmatte.networks.protocol import Query
from stmatte.networks.stm import STM
from stmatte.networks.stm_interactive import (
    NOTHING,
    Drawn,
    InteractiveSTM,
    answers,
    drawn,
    fitting,
    from_stm,
    with_drawn,
)

SIZE = (37, 51)
FRAMES = 4
EMPTY = Bank()


@pytest.fixture(scope="module")
def network() -> InteractiveSTM:
    torch.manual_seed(0)
    network = InteractiveSTM()
    network.requires_grad_(False)
    return network


def picture(place: int) -> Tensor:
    return torch.rand(3, *SIZE, generator=torch.Generator().manual_seed(place))


def strokes(*numbers: int, row: int = 9) -> Drawn:
    """Return what two objects hear of lines across the picture, one for each number."""
    labels = torch.full(SIZE, NOTHING)
    for at, number in enumerate(numbers):
        labels[row + 8 * at, 5:40] = number
    return drawn(labels, 2)


def mattes(place: int) -> Tensor:
    """(3, H, W), sums to 1"""
    noise = torch.rand(3, *SIZE, generator=torch.Generator().manual_seed(50 + place))
    return noise / noise.sum(dim=0)


def queries(network: InteractiveSTM) -> list[Query]:
    return [network.encode_query(picture(place)) for place in range(FRAMES)]


def answered(network: InteractiveSTM, bank: Bank, at_once: int = 1) -> Tensor:
    """(T, 3, H, W)"""
    return torch.stack(list(answers(network, queries(network), bank, at_once)))


def test_a_stroke_of_one_object_says_to_the_others_that_they_are_not_there() -> None:
    labels = torch.tensor([[NOTHING, 0, 1, 2]])

    heard = drawn(labels, 2)

    assert heard.positive.tolist() == [[[0, 0, 1, 0]], [[0, 0, 0, 1]]]
    assert heard.negative.tolist() == [[[0, 1, 0, 1]], [[0, 1, 1, 0]]]


def test_with_nothing_drawn_it_remembers_mattes_as_stm_does(network: InteractiveSTM) -> None:
    seen = network.encode_query(picture(0))
    silent = Drawn(torch.zeros(2, *SIZE), torch.zeros(2, *SIZE))

    plain = network.encode_memory(picture(0), seen, mattes(0)).objects
    heard = network.encode_drawn(picture(0), silent, mattes(0)).objects

    assert all(torch.equal(heard[name], plain[name]) for name in plain)


def test_begun_from_stm_it_gives_stm_s_numbers_whatever_is_drawn() -> None:
    torch.manual_seed(2)
    stm, begun = STM(), InteractiveSTM()
    fill(begun, from_stm(stm.state_dict()), "weights of STM")

    with torch.inference_mode():
        query = stm.encode_query(picture(1))
        memory = stm.encode_memory(picture(0), query, mattes(0))
        bank = Bank((MemoryFrame(0, Origin.KEY, {}, memory.objects, (True, True)),))
        mine = with_drawn(begun, EMPTY, 0, picture(0), strokes(1, 2), mattes(0))

        assert torch.equal(begun.segment(query, mine), stm.segment(query, bank))


def test_strokes_of_either_kind_count(network: InteractiveSTM) -> None:
    silent = Drawn(torch.zeros(2, *SIZE), torch.zeros(2, *SIZE))
    spoken = strokes(1)

    kinds = [
        network.encode_drawn(picture(0), on).objects["value"][0]
        for on in (silent, spoken, Drawn(spoken.negative, spoken.positive))
    ]

    assert len({kind.sum().item() for kind in kinds}) == 3


def test_the_first_round_has_no_mattes(network: InteractiveSTM) -> None:
    empty = torch.zeros(3, *SIZE)

    without = network.encode_drawn(picture(0), strokes(1, 2)).objects
    with_none = network.encode_drawn(picture(0), strokes(1, 2), empty).objects

    assert torch.equal(without["value"], with_none["value"])


def test_rounds_add_up_and_leave_what_was_remembered_alone(network: InteractiveSTM) -> None:
    first = with_drawn(network, EMPTY, 2, picture(2), strokes(1, 2))
    second = with_drawn(network, first, 0, picture(0), strokes(1), mattes(0))

    assert [frame.step for frame in second.frames] == [0, 2]
    assert second.frames[1] is first.frames[0]
    assert not torch.equal(answered(network, first), answered(network, second))


def test_a_frame_that_is_drawn_on_again_is_remembered_anew(network: InteractiveSTM) -> None:
    first = with_drawn(network, EMPTY, 2, picture(2), strokes(1, 2))
    again = with_drawn(network, first, 2, picture(2), strokes(1, 2, 0), mattes(2))
    at_once = with_drawn(network, EMPTY, 2, picture(2), strokes(1, 2, 0), mattes(2))

    assert len(again.frames) == 1
    assert torch.equal(answered(network, again), answered(network, at_once))


def test_which_frame_was_drawn_on_first_does_not_matter(network: InteractiveSTM) -> None:
    ways = []
    for order in ((0, 2, 3), (3, 0, 2), (2, 3, 0)):
        bank = EMPTY
        for place in order:
            bank = with_drawn(network, bank, place, picture(place), strokes(1, 2, row=place + 3))
        ways.append(answered(network, bank))

    assert torch.equal(ways[0], ways[1])
    assert torch.equal(ways[0], ways[2])


def test_every_frame_is_answered_the_same_alone_and_in_a_batch(network: InteractiveSTM) -> None:
    bank = with_drawn(network, EMPTY, 1, picture(1), strokes(1, 2))

    alone, threes, all_at_once = (answered(network, bank, at_once) for at_once in (1, 3, FRAMES))

    assert alone.shape == (FRAMES, 3, *SIZE)
    torch.testing.assert_close(alone.sum(dim=1), torch.ones(FRAMES, *SIZE), atol=1e-5, rtol=0)
    torch.testing.assert_close(threes, alone, atol=1e-5, rtol=0)
    torch.testing.assert_close(all_at_once, alone, atol=1e-5, rtol=0)


def test_an_object_that_nobody_drew_stays_nothing(network: InteractiveSTM) -> None:
    bank = with_drawn(network, EMPTY, 1, picture(1), strokes(1))

    assert bank.frames[0].said == (True, False)
    assert answered(network, bank)[:, 2].abs().max() == 0


def test_a_later_frame_speaks_of_an_object_by_its_matte_too(network: InteractiveSTM) -> None:
    bank = with_drawn(network, EMPTY, 1, picture(1), strokes(0), mattes(1))

    assert bank.frames[0].said == (True, True)


def test_objects_of_another_number_than_memory_s_are_refused(network: InteractiveSTM) -> None:
    bank = with_drawn(network, EMPTY, 1, picture(1), strokes(1))
    three = drawn(torch.full(SIZE, 3), 3)

    with pytest.raises(StmatteError, match="drawn on frame 2 is of 3 objects: memory has 2"):
        with_drawn(network, bank, 2, picture(2), three)


def test_without_a_stroke_there_is_no_answer(network: InteractiveSTM) -> None:
    with pytest.raises(StmatteError, match="Nothing was drawn on any frame"):
        next(answers(network, queries(network), EMPTY))


def test_a_batch_has_as_many_frames_as_fit() -> None:
    # 374 bytes a pixel: 480 x 864 of them are 155 MB, of which 6 fit into 2^30
    assert fitting((480, 854), 1) == 6
    assert fitting((480, 854), 3) == 2
    assert fitting((2160, 4096), 2) == 1
