# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from checks import refused

from stmatte_host.shown import KeyRow
from stmatte_nuke.heard import heard
from stmatte_nuke.marks_text import marks_in

SHOT = (1001, 1100)


def test_keys_that_were_found_and_keys_that_were_said_are_heard_alike() -> None:
    keys = heard("hero", (1001, 1050), marks_in("hero: key 1030\ncar: key 1040"), SHOT, 1)

    assert keys.frames == (1001, 1030, 1050)
    assert keys.unheard == ()
    assert keys.notes == ()


def test_keys_that_were_dropped_or_lie_where_the_object_is_absent_or_locked_are_not_heard() -> None:
    marks = marks_in("hero: no key 1010\nhero: absent 1020-1030\nhero: locked 1040-1050")

    keys = heard("hero", (1001, 1010, 1025, 1045), marks, SHOT, 1)

    assert keys.frames == (1001,)
    assert keys.unheard == (
        KeyRow("hero", 1010, "ignored"),
        KeyRow("hero", 1025, "absent"),
        KeyRow("hero", 1045, "locked"),
    )


def test_keys_outside_the_shot_are_told_and_not_heard() -> None:
    keys = heard("hero", (990, 991, 1001, 1200), (), SHOT, 1)

    assert keys.frames == (1001,)
    assert keys.notes == (
        'Keys of "hero" at 990-991, 1200 lie outside the frames 1001-1100 and are not heard.',
    )


def test_where_nothing_is_keyed_the_current_frame_is_the_only_key_and_that_is_told() -> None:
    keys = heard("hero", (), (), SHOT, 1034)

    assert keys.frames == (1034,)
    assert "as it is on the current frame, 1034, it counts as its only key" in keys.notes[0]


def test_the_current_frame_is_no_key_where_it_lies_outside_the_shot() -> None:
    with refused(
        '"hero" is keyed nowhere: a key lies in the frames 1001-1100. Key its shape, or go'
    ):
        heard("hero", (), (), SHOT, 1)


def test_an_object_whose_keys_were_all_dropped_does_not_get_one_from_the_current_frame() -> None:
    with refused('No key of "hero" is heard'):
        heard("hero", (1010,), marks_in("hero: no key 1010"), SHOT, 1034)
    with refused('No key of "hero" is heard'):
        heard("hero", (990,), (), SHOT, 1034)


def test_a_locked_matte_stands_for_a_key() -> None:
    assert heard("hero", (), marks_in("hero: locked 1050-1060"), SHOT, 1034).frames == ()
    with refused('No key of "hero" is heard'):
        heard("hero", (), marks_in("hero: locked 1-5"), SHOT, 1034)
