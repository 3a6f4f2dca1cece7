# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.networks.saying import by_what_is_said


def frame(step: int, *said: bool) -> MemoryFrame:
    """A frame whose features tell step and object: 10 * step + object."""
    held = torch.tensor([10.0 * step + n for n in range(len(said))])
    return MemoryFrame(step, Origin.KEY, {"key": torch.tensor(step)}, {"value": held}, said)


def test_objects_that_the_same_frames_speak_of_are_read_together() -> None:
    bank = Bank((frame(0, True, False, True), frame(1, True, True, True)))

    groups = by_what_is_said(bank)

    assert [objects for objects, _ in groups] == [[0, 2], [1]]
    assert [[f.step for f in frames] for _, frames in groups] == [[0, 1], [1]]
    assert [f.objects["value"].tolist() for f in groups[0][1]] == [[0.0, 2.0], [10.0, 12.0]]
    assert groups[1][1][0].objects["value"].tolist() == [11.0]
    assert all(f.said == (True,) * len(objects) for objects, frames in groups for f in frames)


def test_a_bank_that_speaks_of_everything_is_handed_on_as_it_is() -> None:
    frames = (frame(0, True, True), frame(1, True, True))

    ((objects, heard),) = by_what_is_said(Bank(frames))

    assert objects == [0, 1]
    assert heard == frames


def test_an_object_that_nobody_speaks_of_is_left_out() -> None:
    assert [objects for objects, _ in by_what_is_said(Bank((frame(0, False, True),)))] == [[1]]
    assert by_what_is_said(Bank((frame(0, False, False),))) == []


@given(
    st.integers(1, 4).flatmap(
        lambda n: st.lists(st.tuples(*(st.booleans() for _ in range(n))), min_size=1, max_size=5)
    )
)
def test_every_object_is_read_from_exactly_the_frames_that_speak_of_it(
    said: list[tuple[bool, ...]],
) -> None:
    bank = Bank(tuple(frame(step, *words) for step, words in enumerate(said)))

    heard = {
        (f.step, n): f.objects["value"][place].item()
        for objects, frames in by_what_is_said(bank)
        for f in frames
        for place, n in enumerate(objects)
    }

    wanted = {(t, n) for t, words in enumerate(said) for n, word in enumerate(words) if word}
    assert heard == {(t, n): 10.0 * t + n for t, n in wanted}
