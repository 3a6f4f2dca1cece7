# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.images import Picture, open_plate
from stmatte.images.cuts import Cut, find_cuts
from stmatte.shot import FrameRange

Pictures = list[NDArray[Any]]


def scene(number: int, frames: int, pan: int = 0) -> Pictures:
    """Return frames (16, 28, 3) of one scene; its content moves `pan` columns a frame."""
    still = np.random.default_rng(number).integers(0, 128, (16, 28, 3), np.uint8)
    return [np.roll(still, pan * frame, axis=1) for frame in range(frames)]


def grey(*levels: int) -> Pictures:
    """Return pictures without structure, which are compared by their level alone."""
    return [np.full((4, 4, 3), level, np.uint8) for level in levels]


def cuts(pictures: Pictures, first: int = 1001, **options: Any) -> list[Cut]:
    return list(find_cuts(open_plate(dict(enumerate(pictures, first))), **options))


def starts(pictures: Pictures, **options: Any) -> list[int]:
    return [cut.frame for cut in cuts(pictures, **options)]


def test_a_cut_lies_on_the_first_frame_of_the_new_scene() -> None:
    (cut,) = cuts(scene(1, 10) + scene(2, 10))

    assert (cut.before, cut.frame) == (1010, 1011)
    assert cut.difference > 0.8


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_cut_near_either_end_of_the_plate_is_found(length: int) -> None:
    assert starts(scene(1, length) + scene(2, 9)) == [1001 + length]
    assert starts(scene(1, 9) + scene(2, length)) == [1010]


def test_one_frame_has_no_cut_and_two_may_have_one() -> None:
    assert starts(scene(1, 1)) == []
    assert starts(scene(1, 2)) == []
    assert starts(scene(1, 1) + scene(2, 1)) == [1002]


@pytest.mark.parametrize("level", [0, 255])
@pytest.mark.parametrize("length", [1, 2])
def test_a_flash_is_no_cut(level: int, length: int) -> None:
    flash = [np.full((16, 28, 3), level, np.uint8)] * length

    assert starts(scene(1, 10) + flash + scene(1, 10)) == []


def test_a_scene_of_three_frames_lies_between_two_cuts() -> None:
    assert starts(scene(1, 10) + scene(2, 3) + scene(1, 10)) == [1011, 1014]


def test_a_cut_beside_a_flash_is_found() -> None:
    white = [np.full((16, 28, 3), 255, np.uint8)]

    assert starts(scene(1, 10) + scene(2, 1) + white + scene(2, 8)) == [1011]


def test_a_change_of_exposure_or_of_white_balance_is_no_cut() -> None:
    light = [picture / np.float32(255) for picture in scene(1, 10)]

    assert starts(light + [picture / 16 for picture in light]) == []
    assert starts(light + [picture * np.float32([1, 0.5, 0.2]) for picture in light]) == []


def test_motion_is_no_cut_and_a_cut_amid_motion_is_found() -> None:
    smooth = [np.repeat(np.repeat(p, 6, 0), 6, 1) for p in scene(1, 1) + scene(2, 1)]
    pans = [[np.roll(still, 4 * frame, axis=1) for frame in range(10)] for still in smooth]

    assert starts(pans[0]) == []
    assert starts(pans[0] + pans[1]) == [1011]


def test_pictures_without_structure_differ_by_their_colour() -> None:
    red, blue = np.zeros((2, 4, 4, 3), np.uint8)
    red[:, :, 0] = blue[:, :, 2] = 255

    (cut,) = cuts([red] * 5 + [blue] * 5)

    assert cut.frame == 1006
    assert cut.difference == pytest.approx(2 / 3, abs=1e-3)  # two of three channels changed fully
    assert starts(grey(0, 0, 0, 0, 0)) == []


def test_a_trace_of_grain_on_black_is_no_new_scene() -> None:
    grain = [picture // 43 for picture in scene(1, 5)]  # levels 0, 1 and 2

    assert starts([np.zeros_like(picture) for picture in grain] + grain) == []


def test_the_difference_is_less_the_motion_around() -> None:
    # each step is 20 levels but for the one from 40 to 200: 160 - 1.5 * 20 = 130
    (cut,) = cuts(grey(0, 20, 40, 200, 220, 240))

    assert cut.frame == 1004
    assert cut.difference == pytest.approx(130 / 255, abs=1e-3)


def test_the_threshold_is_the_least_difference() -> None:
    half = grey(0, 0, 0, 0, 128, 128, 128, 128)  # 128 / 255 = 0.502

    assert starts(half, threshold=0.5) == [1005]
    assert starts(half, threshold=0.51) == []


@pytest.mark.parametrize("threshold", [0, -1, 1.01, float("nan")])
def test_a_threshold_that_is_not_possible_is_refused_before_anything_is_read(
    threshold: float,
) -> None:
    with pytest.raises(StmatteError, match=r"Threshold .* is not possible: a number above 0"):
        find_cuts(open_plate(dict(enumerate(scene(1, 2)))), threshold=threshold)


def across_a_gap(before: Pictures, after: Pictures) -> list[int]:
    plate = dict(enumerate(before, 1001)) | dict(enumerate(after, 1101))
    return [cut.frame for cut in find_cuts(open_plate(plate))]


def test_across_a_gap_the_threshold_lies_halfway_to_one() -> None:
    # (1 + 0.25) / 2 = 0.625; 128 / 255 = 0.502, 180 / 255 = 0.706
    assert starts(grey(0, 0, 0, 128, 128, 128)) == [1004]
    assert across_a_gap(grey(0, 0, 0), grey(128, 128, 128)) == []
    assert across_a_gap(grey(0, 0, 0), grey(180, 180, 180)) == [1101]


def test_a_gap_within_a_scene_is_no_cut_and_another_scene_after_it_is() -> None:
    assert across_a_gap(scene(1, 5), scene(1, 5)) == []
    assert across_a_gap(scene(1, 5), scene(2, 5)) == [1101]


def test_scene_linear_pictures_are_compared_as_a_display_shows_them() -> None:
    # 0.2140 of light is shown at half: 0.502 as above, though only a fifth of white
    light = [np.full((4, 4, 3), level, np.float32) for level in (0, 0, 0, 0.214, 0.214, 0.214)]

    (cut,) = cuts(light)

    assert cut.difference == pytest.approx(0.5, abs=1e-3)


def test_only_the_chosen_frames_are_looked_at() -> None:
    three = scene(1, 6) + scene(2, 6) + scene(3, 6)  # from 1001, 1007 and 1013

    assert starts(three) == [1007, 1013]
    assert starts(three, frames=FrameRange(1001, 1012)) == [1007]
    assert starts(three, frames=FrameRange(1007, 2000)) == [1013]
    assert starts(three, frames=FrameRange(1008, 1012)) == []


def test_frames_that_the_plate_lacks_altogether_are_refused() -> None:
    with pytest.raises(StmatteError, match=r"Frames 5-9 are not in the plate: .* 1001-1002"):
        cuts(scene(1, 2), frames=FrameRange(5, 9))


def test_it_tells_after_each_frame_how_many_are_seen() -> None:
    told: list[tuple[int, int]] = []

    cuts(scene(1, 4), tell=lambda done, frames: told.append((done, frames)))

    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


@dataclass
class Endless:
    """A plate of a million frames that says which of them were read."""

    label: str = "endless"
    frames: tuple[int, ...] = tuple(range(1_000_000))
    size: tuple[int, int] = (16, 28)
    pixel_aspect: float = 1.0
    asked: list[int] = field(default_factory=list)

    def read(self, frame: int) -> Picture:
        self.asked.append(frame)
        pixels = scene(1 if frame < 10 else 2, 1)[0] / np.float32(255)
        return Picture(pixels, "srgb")


def test_a_cut_is_known_before_the_rest_of_the_plate_is_read() -> None:
    plate = Endless()

    assert next(find_cuts(plate)).frame == 10
    # two more frames show that it is no flash, two more borders that the plate is calm
    assert plate.asked == list(range(15))


@given(st.lists(st.integers(3, 7), min_size=1, max_size=5))
def test_all_cuts_between_scenes_of_three_frames_and_more_are_found(lengths: list[int]) -> None:
    pictures = [picture for n, length in enumerate(lengths) for picture in scene(n, length)]

    assert starts(pictures, first=0) == [sum(lengths[:n]) for n in range(1, len(lengths))]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), min_size=1, max_size=6))
def test_a_plate_played_backwards_has_the_same_cuts(parts: list[tuple[int, int]]) -> None:
    pictures = [picture for number, length in parts for picture in scene(number, length, pan=1)]

    forwards = starts(pictures, first=0)
    backwards = starts(pictures[::-1], first=0)

    # the border before frame f is, from behind, the border before frame n - f
    assert forwards == sorted(len(pictures) - frame for frame in backwards)
