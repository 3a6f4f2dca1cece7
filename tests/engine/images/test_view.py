# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte.images import Picture, measure_exposure, to_display
from stmatte.images.colour import AS_IT_IS, LINEAR, SRGB, convert

OPENCOLORIO = 1e-4  # what its curves are exact to


def pixels(*numbers: float) -> np.ndarray:
    return np.array([[[number] * 3 for number in numbers]], np.float32)


def grey(shown: np.ndarray) -> list[float]:
    assert np.ptp(shown, axis=2).max() < OPENCOLORIO
    return shown[0, :, 0].tolist()


def test_srgb_passes_and_is_clamped() -> None:
    shown = to_display(Picture(pixels(-0.5, 0.25, 1.5), SRGB))

    assert grey(shown) == [0, 0.25, 1]


def test_an_exposure_is_of_no_account_to_what_is_display_referred() -> None:
    for space in (SRGB, AS_IT_IS, "g22_rec709_scene"):
        picture = Picture(pixels(0.25, 0.75), space)

        assert np.array_equal(to_display(picture, 3.0), to_display(picture))


def test_light_up_to_the_knee_goes_through_the_srgb_curve() -> None:
    # 0.18 -> 1.055 * 0.18 ** (1 / 2.4) - 0.055 = 0.4614; 0.002 * 12.92 = 0.02584
    shown = to_display(Picture(pixels(0.18, 0.002), LINEAR))

    assert grey(shown) == pytest.approx([0.46136, 0.02584], abs=OPENCOLORIO)
    assert shown.dtype == np.float32


def test_light_above_white_stays_apart_and_below_black_is_black() -> None:
    below, black, *bright = grey(to_display(Picture(pixels(-3, 0, 0.9, 1, 2, 4, 8, 30), LINEAR)))

    assert (below, black) == (0, 0)
    assert bright == sorted(bright)
    assert bright[-1] < 1
    assert min(np.diff(bright)) > 0.002


def test_the_view_bends_without_a_break() -> None:
    shown = np.array(grey(to_display(Picture(pixels(*np.linspace(0.65, 0.75, 101)), LINEAR))))

    steps = np.diff(shown)
    assert steps.min() > 0
    assert np.abs(np.diff(steps)).max() < OPENCOLORIO


@given(stops=st.floats(-6, 6))
def test_a_plate_that_is_brighter_by_stops_looks_alike_with_as_many_less(stops: float) -> None:
    scene = pixels(0.01, 0.1, 0.5, 3)

    again = to_display(Picture(scene * np.float32(2**stops), LINEAR), -stops)

    assert again == pytest.approx(to_display(Picture(scene, LINEAR)), abs=OPENCOLORIO)


def test_the_same_scene_in_light_and_in_log_looks_alike() -> None:
    scene = pixels(0.001, 0.02, 0.18, 0.9, 6)
    log = convert(scene, "lin_ap1_scene", "ARRI LogC4")

    shown = to_display(Picture(log, "ARRI LogC4"), 0.5)

    assert shown == pytest.approx(to_display(Picture(scene, "lin_ap1_scene"), 0.5), abs=1e-3)


def test_the_middle_of_the_shot_becomes_medium_grey() -> None:
    dark, darker = (Picture(pixels(*[light] * 64), LINEAR) for light in (0.09, 0.0225))

    assert measure_exposure([dark]) == 1  # 0.09 * 2 = 0.18
    assert measure_exposure([dark, dark, darker]) == 1


def test_a_lamp_in_a_tenth_of_the_picture_hardly_changes_the_exposure() -> None:
    random = np.random.default_rng(1)
    scene = np.exp2(random.normal(-3, 1.5, (160, 160, 1))).repeat(3, axis=2).astype(np.float32)
    lit = scene.copy()
    lit[:, :16] *= 16

    change = measure_exposure([Picture(lit, LINEAR)]) - measure_exposure([Picture(scene, LINEAR)])

    assert abs(change) < 0.3


def test_nothing_is_measured_on_black_and_on_what_is_display_referred() -> None:
    assert measure_exposure([Picture(pixels(0, -1, 1e-5), LINEAR)]) == 0
    assert measure_exposure([Picture(pixels(0.01), SRGB)]) == 0
    assert measure_exposure([]) == 0


def test_a_measured_exposure_stays_within_six_stops() -> None:
    assert measure_exposure([Picture(pixels(1e-3), LINEAR)]) == 6
    assert measure_exposure([Picture(pixels(1e4), LINEAR)]) == -6


def test_the_plates_own_numbers_stay_as_they_are() -> None:
    for space in (SRGB, LINEAR):
        picture = Picture(pixels(-3.0, 0.002, 30.0), space)

        to_display(picture, 1.0)

        assert np.array_equal(picture.pixels, pixels(-3.0, 0.002, 30.0))
