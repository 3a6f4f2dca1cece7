# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.evaluation.keyed import (
    KEYED_FLOORS,
    KeyMethod,
    by_flow,
    copy_nearest,
    linear,
    signed_distance,
)

SIZE = (64, 96)


def disc(radius: float, x: float) -> NDArray[np.float32]:
    rows, columns = np.indices(SIZE, np.float32)
    return (np.hypot(rows - 32, columns - x) <= radius).astype(np.float32)


def plates(*shifts: int) -> list[NDArray[np.uint8]]:
    noise = np.random.default_rng(1).standard_normal((*SIZE, 3)).astype(np.float32)
    still = np.clip(128 + cv2.GaussianBlur(noise, (0, 0), 2) * 300, 0, 255).astype(np.uint8)
    return [np.roll(still, shift, axis=1) for shift in shifts]


def followed(
    method: KeyMethod, keys: dict[int, NDArray[np.float32]], frames: int
) -> dict[int, NDArray[np.float32]]:
    return dict(method(plates(*[0] * frames))(keys))


def test_a_disc_that_grows_is_interpolated_by_its_radius() -> None:
    found = followed(linear, {0: disc(10, 48), 4: disc(20, 48)}, 5)

    areas = [float(found[frame].sum()) for frame in range(5)]
    assert areas == pytest.approx([np.pi * r**2 for r in (10, 12.5, 15, 17.5, 20)], rel=0.04)


def overlap(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(((one >= 0.5) & (other >= 0.5)).sum() / ((one >= 0.5) | (other >= 0.5)).sum())


def test_a_disc_that_moves_is_interpolated_along_its_way() -> None:
    # from 30 to 66 in four steps of 9, further than its diameter of 24 in all
    found = followed(linear, {0: disc(12, 30), 4: disc(12, 66)}, 5)

    for frame, x in enumerate((30, 39, 48, 57, 66)):
        assert overlap(found[frame], disc(12, x)) > 0.98


def test_a_disc_that_moves_and_grows_does_both_at_once() -> None:
    found = followed(linear, {0: disc(8, 30), 4: disc(16, 60)}, 5)[1]

    assert overlap(found, disc(10, 37.5)) > 0.93  # half a pixel of the radius is 0.1 of the area


def test_beyond_the_outer_keys_a_key_is_repeated() -> None:
    found = followed(linear, {1: disc(10, 42), 3: disc(10, 54)}, 5)

    assert (found[0] == disc(10, 42)).all()
    assert (found[4] == disc(10, 54)).all()


def test_a_key_that_says_nothing_is_there_wins_the_half_next_to_it() -> None:
    nothing = np.zeros(SIZE, np.float32)

    found = followed(linear, {0: disc(10, 48), 4: nothing}, 5)

    assert [bool(found[frame].any()) for frame in range(5)] == [True, False, False, False, False]


def test_the_nearest_key_is_repeated() -> None:
    found = followed(copy_nearest, {0: disc(10, 42), 4: disc(10, 54)}, 5)

    assert [bool((found[frame] == disc(10, 42)).all()) for frame in range(5)] == [
        *[True, True, True],
        *[False, False],
    ]


def test_flow_carries_a_key_both_ways() -> None:
    pictures = plates(0, 3, 6, 9, 12)

    found = dict(by_flow(pictures)({2: disc(12, 48)}))

    for frame, x in enumerate((42, 45, 48, 51, 54)):
        inside = found[frame] >= 0.5
        true = disc(12, x) > 0
        assert (inside & true).sum() / (inside | true).sum() > 0.9


@pytest.mark.parametrize("name", sorted(KEYED_FLOORS))
def test_only_frames_between_other_keys_than_before_come_again(name: str) -> None:
    follow = KEYED_FLOORS[name](plates(*[0] * 9))
    keys = {0: disc(10, 48), 4: disc(12, 48)}

    first = dict(follow(keys))
    again = dict(follow(keys | {2: disc(5, 48)}))

    assert sorted(first) == list(range(9))
    assert sorted(again) == [1, 2, 3]
    assert (again[2] == disc(5, 48)).all()
    assert not dict(follow(keys | {2: disc(5, 48)}))


def test_the_distance_to_an_edge_is_half_a_pixel_on_either_side() -> None:
    mask = np.zeros((4, 8), bool)
    mask[:, :3] = True

    assert signed_distance(mask)[0].tolist() == [2.5, 1.5, 0.5, -0.5, -1.5, -2.5, -3.5, -4.5]


def test_without_a_key_there_is_nothing_to_follow() -> None:
    with pytest.raises(StmatteError, match="no key to follow"):
        followed(linear, {}, 3)
