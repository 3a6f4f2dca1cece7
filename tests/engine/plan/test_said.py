# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from stmatte.plan.said import NOTHING, Given, say
from stmatte.shot import FrameRange


def test_a_key_is_heard() -> None:
    assert say({7: "a"}) == {7: Given("a")}


def test_of_an_absence_memory_hears_the_ends_only() -> None:
    said = say({}, [FrameRange(3, 6)])

    assert [(f, given.heard) for f, given in said.items()] == [
        (3, True),
        (4, False),
        (5, False),
        (6, True),
    ]
    assert all(given.absent for given in said.values())


def test_absences_that_meet_are_one_absence() -> None:
    said = say({}, [FrameRange(3, 4), FrameRange(5, 6)])

    assert [f for f, given in said.items() if given.heard] == [3, 6]


def test_a_lock_overrules_keys_and_absences() -> None:
    digests = {4: "w", 5: "x", 6: "y", 7: "z"}

    said = say({5: "key"}, [FrameRange(6, 9)], [(FrameRange(4, 7), digests)])

    assert {f: given.digest for f, given in said.items()} == {
        **digests,
        8: NOTHING,
        9: NOTHING,
    }
    assert [f for f, given in said.items() if given.locked] == [4, 5, 6, 7]
    assert [f for f, given in said.items() if given.heard] == [4, 7, 9]


def test_what_was_said_is_in_the_order_of_frames() -> None:
    said = say({9: "b", -2: "a"}, [FrameRange(3, 3)])

    assert list(said) == [-2, 3, 9]
