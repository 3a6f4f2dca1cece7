# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import torch

from shots import Copying
from stmatte.propagation.sights import Sights, size_of

PICTURE = torch.zeros(3, 16, 16)
ONE = 3 * 16 * 16 * 4  # bytes: the network keeps the picture alone


def held(sights: Sights, *names: str) -> list[bool]:
    return [sights.held(name) is not None for name in names]


def seen(*names: str, room: int) -> Sights:
    sights = Sights(Copying(), room * ONE)
    for name in names:
        sights.see(name, PICTURE)
    return sights


def test_the_least_recently_used_is_given_up_where_there_is_no_room() -> None:
    sights = seen("a", "b", room=2)
    sights.held("a")

    sights.see("c", PICTURE)

    assert held(sights, "a", "b", "c") == [True, False, True]
    assert sights.bytes_held == 2 * ONE


def test_less_room_gives_up_at_once_and_more_room_is_never_more_than_at_first() -> None:
    sights = seen("a", "b", "c", room=3)

    sights.make_room(ONE)
    assert held(sights, "a", "b", "c") == [False, False, True]

    sights.make_room(100 * ONE)
    for name in "defg":
        sights.see(name, PICTURE)
    assert sights.bytes_held == 3 * ONE


def test_what_is_not_to_be_held_is_seen_and_not_held() -> None:
    sights = seen(room=3)

    sight = sights.see("a", PICTURE, hold=False)

    assert size_of(sight) == ONE
    assert held(sights, "a") == [False]


def test_what_is_let_go_leaves_its_room() -> None:
    sights = seen("a", "b", room=3)

    sights.let_go("a")
    sights.let_go("a")

    assert held(sights, "a", "b") == [False, True]
    assert sights.bytes_held == ONE


def test_a_picture_that_is_seen_twice_is_held_once() -> None:
    assert seen("a", "a", room=3).bytes_held == ONE


def test_sights_of_a_copy_take_the_place_and_the_room_of_all_others() -> None:
    sights = seen("a", "b", room=2)

    copy = sights.of_copy("taught", Copying())
    for name in "cde":
        copy.see(name, PICTURE)

    assert held(sights, "a", "b") == [False, False]
    assert held(copy, "c", "d", "e") == [False, True, True]
    assert sights.bytes_held == 2 * ONE
    assert sights.of_copy("taught", Copying()) is copy, "a correction sees nothing twice"
    assert held(sights.of_copy("taught otherwise", Copying()), "d", "e") == [False, False]

    assert sights.of_itself().bytes_held == 0
