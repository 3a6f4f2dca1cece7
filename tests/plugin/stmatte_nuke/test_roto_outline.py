# SPDX-License-Identifier: Apache-2.0
"""An outline in the coordinates of a Roto. Plain: runs without pytest, too."""

from __future__ import annotations

from stmatte_host.outline import Outline, Point, Spline
from stmatte_nuke.roto_outline import roto_shapes

SIZE = (100.0, 80.0)


Pose = tuple[Point, ...]


def square(x: float, y: float, side: float) -> Pose:
    """Return a square's pose in plate pixels, from its upper left, without tangents."""
    corners = ((x, y), (x + side, y), (x + side, y + side), (x, y + side))
    return tuple((a, b, a, b, a, b) for a, b in corners)


def outline(*splines: Spline, keys: tuple[int, ...] = (1001, 1005)) -> Outline:
    return Outline("hero", SIZE, keys, splines)


def still(pose: Pose, hole: bool = False) -> Spline:
    return Spline((pose, pose), hole, 1001, 1005)


def names(*splines: Spline, keys: tuple[int, ...] = (1001, 1005)) -> list[str]:
    return [shape.name for shape in roto_shapes(outline(*splines, keys=keys))]


def test_pixels_are_counted_from_below_and_tangents_from_their_point() -> None:
    pose = ((30.0, 20.0, 25.0, 18.0, 36.0, 23.0),) * 3

    (shape,) = roto_shapes(outline(still(pose)))

    # 80 - 20 = 60; before: 25 - 30, and 2 above; after: 36 - 30, and 3 below
    assert shape.poses[0][0] == (30.0, 60.0, -5.0, 2.0, 6.0, -3.0)
    assert shape.keys == (1001, 1005)
    assert (shape.name, shape.hole, shape.appears, shape.vanishes) == ("hero", False, None, None)


def test_what_comes_later_and_goes_earlier_has_no_keys_before_and_after() -> None:
    away = ((-64.0,) * 6,) * 4
    here = square(10, 10, 20)
    keys = (1001, 1003, 1004, 1008, 1009, 1012)
    spline = Spline((away, away, here, here, away, away), False, 1004, 1008)

    (shape,) = roto_shapes(outline(spline, keys=keys))

    assert shape.keys == (1004, 1008)
    assert (shape.appears, shape.vanishes) == (1004, 1008)
    assert shape.poses[0][0][:2] == (10.0, 70.0)


def test_what_begins_with_the_shot_does_not_appear() -> None:
    away = ((-64.0,) * 6,) * 4
    here = square(10, 10, 20)
    spline = Spline((here, here, away), False, 1001, 1003)

    (shape,) = roto_shapes(outline(spline, keys=(1001, 1003, 1004)))

    assert (shape.appears, shape.vanishes) == (None, 1003)


def test_a_hole_lies_above_what_it_is_cut_out_of() -> None:
    outer, hole = still(square(10, 10, 60)), still(square(30, 30, 20), hole=True)

    assert names(outer, hole) == ["hero_hole", "hero"]
    assert names(hole, outer) == ["hero_hole", "hero"]


def test_what_stands_in_a_hole_lies_above_the_hole() -> None:
    outer, hole = still(square(5, 5, 70)), still(square(20, 20, 40), hole=True)
    island, hole_in_it = still(square(25, 25, 30)), still(square(35, 35, 5), hole=True)

    shapes = roto_shapes(outline(outer, hole, island, hole_in_it))

    sides = [shape.poses[0][1][0] - shape.poses[0][0][0] for shape in shapes]
    assert sides == [5, 30, 40, 70]


def test_only_keys_on_which_both_are_there_say_what_is_inside_of_what() -> None:
    away = ((-64.0,) * 6,) * 4
    keys = (1001, 1002, 1003, 1004)
    outer = Spline((square(5, 5, 70), square(5, 5, 70), away, away), False, 1001, 1002)
    hole = Spline((away, away, square(30, 30, 20), away), True, 1003, 1003)

    assert names(outer, hole, keys=keys) == ["hero", "hero_hole"]  # as they came: neither matters


def test_a_round_hole_in_a_round_shape_is_inside_although_its_corners_are_few() -> None:
    # Two points with long tangents make a ring-like bulge: at the sides it is 3/4 of the tangent.
    lens = ((50.0, 10.0, 90.0, 10.0, 10.0, 10.0), (50.0, 70.0, 10.0, 70.0, 90.0, 70.0))
    hole = still(square(24, 38, 4), hole=True)

    # The left side of the lens is at 50 - 0.75 * 40 = 20 in the middle, so 24 is within.
    assert names(still(lens), hole) == ["hero_hole", "hero"]


def test_shapes_of_one_object_are_numbered_from_below() -> None:
    outer, hole = still(square(5, 5, 70)), still(square(20, 20, 40), hole=True)
    island = still(square(25, 25, 30))

    assert names(island, outer, hole) == ["hero_2", "hero_hole", "hero"]
