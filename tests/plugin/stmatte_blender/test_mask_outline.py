# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from stmatte_blender.stmatte_host.outline import Outline, Spline

from stmatte_blender.mask_outline import baked, to_mask

POSE = ((480.0, 60.0, 480.0, 50.0, 480.0, 70.0), (960.0, 540.0, 960.0, 540.0, 960.0, 540.0))


def test_plate_pixels_become_the_coordinates_of_masks() -> None:
    # the square is 1920 across: (480 - 960) / 1920 + 0.5, and (540 - 60) / 1920 + 0.5
    assert to_mask(POSE[:1], (1920, 1080))[0][:2] == pytest.approx((0.25, 0.75))
    # upright: (100 - 540) / 1920 + 0.5, and (960 - 1920) / 1920 + 0.5
    upright = to_mask([[100.0, 1920.0] * 3], (1080, 1920))
    assert upright[0][:2] == pytest.approx((0.5 - 440 / 1920, 0.0))


def test_an_outline_goes_to_scene_frames_and_the_coordinates_of_masks() -> None:
    spline = Spline((POSE, POSE), False, 1001, 1002)
    outline = Outline("hero", (1920, 1080), (1001, 1002), (spline,))

    found = baked(outline, offset=1000)

    assert (found.keys, found.points, found.first, found.last) == ((1, 2), 2, 1, 2)
    assert found.splines[0].poses[1][1][:2] == pytest.approx((0.5, 0.5))
