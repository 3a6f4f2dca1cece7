# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from stmatte.memory.bank import Bank, MemoryFrame, Origin


def remembered(step: int, *said: bool, origin: Origin = Origin.RESULT) -> MemoryFrame:
    return MemoryFrame(step, origin, {}, {}, said)


def test_a_frame_that_says_nothing_of_an_object_is_not_read_for_it() -> None:
    first, second = remembered(0, True, False), remembered(4, True, True)
    bank = Bank((first, second))

    assert bank.speaking_of(0) == (first, second)
    assert bank.speaking_of(1) == (second,)


def test_the_latest_frames_are_counted_from_the_end_and_none_is_none() -> None:
    frames = tuple(remembered(step, True) for step in range(3))

    assert Bank(frames).latest(2) == frames[1:]
    assert Bank(frames).latest(9) == frames
    assert Bank(frames).latest(0) == ()


def test_only_what_an_artist_keyed_is_a_key() -> None:
    key = remembered(0, True, origin=Origin.KEY)

    assert Bank((key, remembered(1, True))).keys() == (key,)
