# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import paths  # noqa: F401

from stmatte_nuke.key_times import Family, nearest, settle


def test_families_are_joined() -> None:
    points = Family("the shape", (1.0, 50.0, 100.0), drawn=True)
    transform = Family("the transform", (1.0, 20.0))

    assert settle([points, transform]).frames == (1, 20, 50, 100)


def test_a_single_time_says_nothing_where_something_else_is_keyed() -> None:
    # Nuke 17.1 reports one key, at 1, for a transform that nobody touched.
    untouched = Family("the transform", (1.0,))
    points = Family("the shape", (1010.0, 1050.0), drawn=True)

    assert settle([untouched, points]).frames == (1010, 1050)


def test_a_shape_that_was_drawn_once_is_keyed_where_it_was_drawn() -> None:
    found = settle([Family('the shape "hero"', (1010.0,), drawn=True), Family("it", (1.0,))])

    assert found.frames == (1010,)
    assert found.notes == (
        'The shape "hero" is keyed once, on 1010: that frame is taken for its only key.',
    )


def test_nothing_is_keyed_by_a_transform_that_nobody_touched_alone() -> None:
    assert settle([Family("the transform", (1.0,))]).frames == ()


def test_one_frame_counts_where_something_lives_on_it_alone() -> None:
    stroke = Family("the lifetime", (1030.0,), alone=True)

    assert settle([stroke, Family("the shape", (1.0, 2.0))]).frames == (1, 2, 1030)


def test_times_between_frames_count_for_the_nearer_one_and_are_said() -> None:
    found = settle([Family("the shape", (1.0, 10.4, 20.5))])

    assert found.frames == (1, 10, 21)
    assert found.rounded == (10.4, 20.5)
    assert found.notes == (
        "Keys between two frames count for the nearer one: 10.4 (as 10), 20.5 (as 21).",
    )


def test_a_time_that_float32_made_crooked_is_a_whole_frame() -> None:
    assert settle([Family("the shape", (1.0, 1001.00006))]).rounded == ()


def test_halfway_below_zero_the_later_frame_is_the_nearer_one() -> None:
    assert [nearest(time) for time in (-1.5, -0.5, 0.5)] == [-1, 0, 1]


def test_a_track_that_was_baked_in_is_not_heard_beside_real_keys() -> None:
    track = Family('the transform of "hero"', tuple(float(f) for f in range(1001, 1013)))
    points = Family("the shape", (1001.0, 1040.0), drawn=True)

    found = settle([track, points])

    assert found.frames == (1001, 1040)
    assert 'The transform of "hero" is keyed on every frame of 1001-1012' in found.notes[0]


def test_eleven_frames_in_a_row_may_be_an_artists_own() -> None:
    busy = Family("the shape", tuple(float(f) for f in range(1001, 1012)))

    assert len(settle([busy, Family("other", (1.0, 2.0))]).frames) == 13


def test_a_track_is_heard_where_nothing_else_is_keyed_and_that_is_said() -> None:
    track = Family('the shape "hero"', tuple(float(f) for f in range(1, 31)))

    found = settle([track, track])

    assert found.frames == tuple(range(1, 31))
    assert len(found.notes) == 1
    assert "nothing else is keyed: each of them counts as a key" in found.notes[0]


def test_a_track_beats_the_frame_on_which_a_shape_was_drawn_once() -> None:
    track = Family("the transform", tuple(float(f) for f in range(1, 31)))

    assert settle([track, Family("the shape", (5.0,), drawn=True)]).frames == tuple(range(1, 31))


def test_notes_come_once_each() -> None:
    assert settle([], ["a", "b", "a"]).notes == ("a", "b")


def test_a_family_that_is_not_keyed_hinders_no_other() -> None:
    families = [Family("the shape", (7.0,), drawn=True), Family("the lifetime", (), alone=True)]

    assert settle(families).frames == (7,)
