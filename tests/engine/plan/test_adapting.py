# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from stmatte.errors import StmatteError
from stmatte.plan.adapting import adapted_to
from stmatte.plan.said import say
from stmatte.shot import FrameRange

HERO = say({1001: "a", 1040: "b"})
CAR = say({1020: "c"}, [FrameRange(1001, 1005)])


def test_a_network_learns_where_each_object_is_first_shown() -> None:
    assert adapted_to({"hero": HERO, "car": CAR}, ()) == (1001, 1020)


def test_a_later_key_changes_nothing() -> None:
    corrected = say({1001: "a", 1015: "d", 1040: "b"})

    assert adapted_to({"hero": corrected}, ()) == adapted_to({"hero": HERO}, ())


def test_an_absence_shows_nothing() -> None:
    assert adapted_to({"car": CAR}, ()) == (1020,)


def test_named_frames_are_taken_whatever_else_is_keyed() -> None:
    earlier = say({990: "e", 1001: "a", 1040: "b"})

    assert adapted_to({"hero": earlier}, (1040, 1001, 1040)) == (1001, 1040)


def test_a_named_frame_without_a_key_is_refused() -> None:
    with pytest.raises(StmatteError, match=r"adapted to frame 1003, where nothing is keyed.*1001,"):
        adapted_to({"hero": HERO, "car": CAR}, (1003,))


def test_where_nothing_is_shown_there_is_nothing_to_learn_from() -> None:
    with pytest.raises(StmatteError, match="no key shows an object"):
        adapted_to({"hero": say({}, [FrameRange(1, 9)])}, ())
