# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.outlines import Outline, contours, filled, outline
from stmatte.outlines.contours import spread

SIZE = (72, 96)
Matte = NDArray[np.float32]
Frames = Sequence[tuple[int, Matte]]
rows, columns = np.mgrid[: SIZE[0], : SIZE[1]] + 0.5


def ellipse(x: float, y: float, wide: float, high: float, turn: float = 0.0) -> Matte:
    """Return an ellipse with an edge that is about a pixel soft."""
    across = (columns - x) * np.cos(turn) + (rows - y) * np.sin(turn)
    down = (rows - y) * np.cos(turn) - (columns - x) * np.sin(turn)
    away = (np.hypot(across / wide, down / high) - 1) * min(wide, high)
    return np.clip(0.5 - away, 0, 1).astype(np.float32)


def box(left: int, top: int, right: int, bottom: int) -> Matte:
    matte = np.zeros(SIZE, np.float32)
    matte[top:bottom, left:right] = 1
    return matte


def moved(count: int, make: Callable[[int], Matte]) -> Frames:
    return [(1001 + t, make(t)) for t in range(count)]


def farthest(found: Outline, frames: Frames) -> float:
    """Return how far contours and splines are from each other, on any frame and either way."""
    worst = 0.0
    for frame, matte in frames:
        true, drawn = (
            np.concatenate([spread(loop, 600) for loop in loops])  # a fifth of a pixel apart
            for loops in (contours(matte), found.loops(frame))
        )
        apart = np.hypot(*(true[:, None] - drawn[None]).transpose(2, 0, 1))
        worst = max(worst, float(apart.min(axis=1).max()), float(apart.min(axis=0).max()))
    return worst


def test_a_still_disc_needs_four_points_and_the_keys_at_its_ends() -> None:
    frames = moved(8, lambda _: ellipse(48, 36, 20, 20))

    found = outline(frames)

    assert [spline.points for spline in found.splines] == [4]
    assert found.keys == (1001, 1008)
    assert farthest(found, frames) < 0.5


def test_a_square_needs_four_points() -> None:
    found = outline(moved(3, lambda _: box(20, 15, 60, 55)))

    assert [spline.points for spline in found.splines] == [4]


def test_what_moves_evenly_needs_two_keys_only() -> None:
    frames = moved(12, lambda t: ellipse(30 + 3 * t, 36, 18 + t, 14))

    found = outline(frames)

    assert (found.keys, [spline.points for spline in found.splines]) == ((1001, 1012), [4])
    assert farthest(found, frames) <= 1.0


def test_what_turns_back_is_keyed_where_it_turns() -> None:
    frames = moved(11, lambda t: ellipse(30 + 4 * min(t, 10 - t), 36, 16, 12))

    assert outline(frames).keys == (1001, 1006, 1011)


def test_a_hole_is_a_spline_of_its_own_that_goes_the_other_way_round() -> None:
    frames = moved(4, lambda t: ellipse(40 + t, 36, 26, 22) - ellipse(40 + t, 36, 10, 8))

    found = outline(frames)

    assert [spline.hole for spline in found.splines] == [False, True]
    assert all(
        np.array_equal(filled(found.loops(frame), SIZE, 4)[36] >= 0.5, matte[36] >= 0.5)
        for frame, matte in frames
    )


def test_a_piece_that_appears_and_vanishes_waits_outside_the_picture() -> None:
    small = ellipse(80, 15, 7, 7)
    frames = moved(9, lambda t: np.maximum(ellipse(30, 40, 18, 18), small * (3 <= t <= 5)))

    found = outline(frames)

    main, other = found.splines
    assert (main.first, main.last, other.first, other.last) == (1001, 1009, 1004, 1006)
    assert found.keys == (1001, 1003, 1004, 1006, 1007, 1009)
    gone = [1001, 1002, 1003, 1007, 1009]
    assert all((found.pose(other, frame) < 0).all() for frame in gone)
    assert all((found.pose(other, frame) > 0).all() for frame in (1004, 1005, 1006))


def test_an_object_that_is_away_for_some_frames_is_followed_on_both_sides() -> None:
    frames = moved(8, lambda t: ellipse(30, 36, 15, 15) * np.float32(t not in (3, 4)))

    found = outline(frames)

    assert [(s.first, s.last) for s in found.splines] == [(1001, 1003), (1006, 1008)]
    assert found.loops(1004) == ()


def test_an_inset_moves_the_splines_into_the_object_and_out_of_its_holes() -> None:
    frames = moved(2, lambda _: ellipse(48, 36, 28, 28) - ellipse(48, 36, 12, 12))

    found = outline(frames, 0.5, inset=2.0)

    outer, hole = (np.hypot(*(loop - [48, 36]).T) for loop in found.loops(1001))
    assert outer == pytest.approx(26, abs=0.5)
    assert hole == pytest.approx(14, abs=0.5)


def test_the_points_keep_their_order_and_place_while_a_shape_moves() -> None:
    frames = moved(6, lambda t: box(10 + 5 * t, 10 + 2 * t, 40 + 5 * t, 50 + 2 * t))

    found = outline(frames, 1.0)

    steps = found.splines[0].poses[-1, :, 0] - found.splines[0].poses[0, :, 0]
    assert np.allclose(steps, [25, 10], atol=1.5)  # five steps of (5, 2)


@settings(max_examples=12, deadline=None)
@given(
    st.floats(8, 18),
    st.floats(8, 18),
    st.floats(-2, 2),
    st.floats(-0.15, 0.15),
    st.sampled_from([0.5, 1.0, 2.0]),
)
def test_the_tolerance_is_kept_on_every_frame(
    wide: float, high: float, speed: float, turning: float, tolerance: float
) -> None:
    frames = moved(5, lambda t: ellipse(48 + speed * t, 36, wide, high, turning * t))

    assert farthest(outline(frames, tolerance), frames) <= tolerance


def test_mattes_without_the_object_are_refused_in_words() -> None:
    with pytest.raises(StmatteError, match="There is nothing to outline"):
        outline(moved(3, lambda _: np.zeros(SIZE, np.float32)))


def test_no_frames_at_all_are_refused_in_words() -> None:
    with pytest.raises(StmatteError, match="There is nothing to outline"):
        outline([])


@pytest.mark.parametrize("tolerance", [0.0, -1.0, 0.1, 1000.0, float("nan")])
def test_a_tolerance_that_nobody_can_keep_is_refused_in_words(tolerance: float) -> None:
    with pytest.raises(StmatteError, match="pixels cannot be kept"):
        outline(moved(1, lambda _: ellipse(40, 36, 10, 10)), tolerance)


def test_mattes_of_several_sizes_are_refused_with_the_frame() -> None:
    with pytest.raises(StmatteError, match="Matte frame 2 is 20x20, those before it are 96x72"):
        outline([(1, ellipse(40, 36, 10, 10)), (2, np.ones((20, 20), np.float32))])


def test_who_watches_may_end_the_work() -> None:
    def enough() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        outline(moved(2, lambda _: ellipse(40, 36, 10, 10)), watch=enough)
