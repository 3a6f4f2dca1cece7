# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte.images import to_plate, to_working, working_size

SIZES = st.tuples(st.integers(2, 40), st.integers(2, 40))


@pytest.mark.parametrize(
    ("size", "height", "expected"),
    [
        ((1080, 1920), 480, (480, 853)),  # 853.33
        ((1152, 2048), 480, (480, 853)),
        ((858, 2048), 480, (480, 1146)),  # 1145.73
        ((480, 854), 480, (480, 854)),
        ((360, 640), 480, (360, 640)),
        ((1000, 1), 100, (100, 1)),
    ],
)
def test_the_working_size_keeps_the_aspect_and_never_enlarges(
    size: tuple[int, int], height: int, expected: tuple[int, int]
) -> None:
    assert working_size(size, height) == expected


def test_shrinking_averages_areas() -> None:
    pixels = np.array([[0, 1, 2, 3], [4, 5, 6, 7]], np.float32)

    assert to_working(pixels, (1, 2)).tolist() == [[2.5, 4.5]]  # (0+1+4+5)/4, (2+3+6+7)/4


def test_enlarging_keeps_pixel_centres() -> None:
    matte = np.array([[0.0, 1.0]], np.float32)

    # Centres of four pixels lie at 0.25, 0.75, 1.25, 1.75; those of the two at 0.5 and 1.5.
    assert to_plate(matte, (1, 4)).tolist() == [[0, 0.25, 0.75, 1]]


def test_the_same_size_is_the_same_picture() -> None:
    matte = np.random.default_rng(1).random((5, 7), np.float32)

    assert np.array_equal(to_plate(to_working(matte, (5, 7)), (5, 7)), matte)


def test_a_matte_comes_back_in_zero_to_one() -> None:
    assert to_plate(np.array([[-0.1, 1.1]]), (2, 4)).min() == 0
    assert to_plate(np.array([[-0.1, 1.1]]), (2, 4)).max() == 1


@given(size=SIZES, target=SIZES, seed=st.integers(0, 99))
def test_a_flipped_picture_gives_the_flipped_result(
    size: tuple[int, int], target: tuple[int, int], seed: int
) -> None:
    pixels = np.random.default_rng(seed).random((*size, 3), np.float32)
    matte = pixels[:, :, 0]

    # cv2 sums in another order when flipped: equal to the last bits of a float32.
    for axis in (0, 1):
        flipped = to_working(np.flip(pixels, axis), target)
        assert np.flip(flipped, axis) == pytest.approx(to_working(pixels, target), abs=1e-5)
        flipped = to_plate(np.flip(matte, axis), target)
        assert np.flip(flipped, axis) == pytest.approx(to_plate(matte, target), abs=1e-5)


@pytest.mark.parametrize("factor", [2, 4])
def test_a_flip_is_exact_where_the_sums_are(factor: int) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (16, 24)).astype(np.float32) / 256
    down, up = (16 // factor, 24 // factor), (16 * factor, 24 * factor)

    assert np.array_equal(to_working(pixels[:, ::-1], down)[:, ::-1], to_working(pixels, down))
    assert np.array_equal(to_plate(pixels[::-1], up)[::-1], to_plate(pixels, up))


@given(edge=st.floats(100, 300), height=st.sampled_from([240, 360, 480]))
def test_an_edge_comes_back_within_a_tenth_of_a_working_pixel(edge: float, height: int) -> None:
    # Coverage of a half-plane that ends at `edge`, 400 pixels wide, of a plate 1080 high.
    coverage = np.clip(edge - np.arange(400), 0, 1).astype(np.float32)
    width = round(400 * height / 1080)
    plate = np.repeat(coverage[None], 1080, axis=0)

    back = to_plate(to_working(plate, (height, width)), (1080, 400))[540]

    last = int(np.flatnonzero(back >= 0.5)[-1])  # 0.5 is crossed between the centres of these two
    crossing = last + 0.5 + (back[last] - 0.5) / (back[last] - back[last + 1])
    assert abs(crossing - edge) < 0.1 * 400 / width + 1e-3


def test_edges_are_not_shifted_on_average() -> None:
    edges = np.linspace(100, 300, 401)
    shift = []
    for edge in edges:
        coverage = np.clip(edge - np.arange(400), 0, 1).astype(np.float32)[None].repeat(18, axis=0)
        back = to_plate(to_working(coverage, (8, 178)), (18, 400))
        shift.append(float(back[9].sum()) - edge)  # the area is where the edge lies

    assert abs(np.mean(shift)) < 0.02  # half a working pixel would be 1.1
