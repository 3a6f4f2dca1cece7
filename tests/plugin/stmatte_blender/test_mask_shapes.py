# SPDX-License-Identifier: Apache-2.0
"""The shape keys of a mask come from the file exactly, and say which of them pose a frame."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from stmatte_blender.blend_dna import DamagedBlendError
from stmatte_blender.mask_shapes import LayerShapes, Shape, mask_shapes, moved

RECORDED = Path(__file__).parent / "recorded"
WRITTEN = [gzip.decompress(path.read_bytes()) for path in sorted(RECORDED.glob("mask-*.blend.gz"))]
# "hero" was keyed on -3, 1, 10 and 20, each time 0.01 further right; "car" on 10 alone.


def frames(layer: LayerShapes) -> list[int]:
    return [shape.frame for shape in layer.shapes]


@pytest.mark.parametrize("data", WRITTEN)
def test_each_layer_has_its_own_keys(data: bytes) -> None:
    layers = mask_shapes(data, "M")

    assert {name: frames(layer) for name, layer in layers.items()} == {
        "hero": [-3, 1, 10, 20],
        "car": [10],
    }


@pytest.mark.parametrize("data", WRITTEN)
def test_a_key_holds_its_points(data: bytes) -> None:
    first, *_, last = mask_shapes(data, "M")["hero"].shapes

    assert (first.points, last.points) == (4, 4)
    assert first.numbers[2:4] == pytest.approx((0.31, 0.3))  # 0.3 and one step of 0.01
    assert last.numbers[2:4] == pytest.approx((0.34, 0.3))  # four steps


@pytest.mark.parametrize("data", WRITTEN)
def test_keys_move_in_time_and_keep_their_shapes(data: bytes) -> None:
    before = mask_shapes(data, "M")["hero"]

    after = mask_shapes(moved(data, "M", 3), "M")["hero"]

    assert frames(after) == [0, 4, 13, 23]
    assert [shape.digest for shape in after.shapes] == [shape.digest for shape in before.shapes]


def test_a_mask_that_is_not_there_is_named() -> None:
    with pytest.raises(DamagedBlendError, match='no mask "N"'):
        mask_shapes(WRITTEN[0], "N")


KEYS = LayerShapes(tuple(Shape(frame, (float(frame),) * 8) for frame in (-3, 1, 10)))


@pytest.mark.parametrize(
    ("frame", "posing"),
    [(1, [1]), (5, [1, 10]), (-2, [-3, 1]), (-50, [-3]), (10, [10]), (11, [10])],
)
def test_a_pose_is_made_by_its_own_key_or_by_those_around_it(frame: int, posing: list[int]) -> None:
    assert [shape.frame for shape in KEYS.posing(frame)] == posing


def test_a_layer_without_keys_is_posed_by_none() -> None:
    assert LayerShapes(()).posing(7) == ()


def test_a_shape_that_moved_by_a_hair_has_another_digest() -> None:
    at = (0.25, 0.5, 0.25, 0.5, 0.25, 0.5, 0.0, 0.0)

    assert Shape(1, at).digest == Shape(2, at).digest
    assert Shape(1, at).digest != Shape(1, (0.25000003, *at[1:])).digest
