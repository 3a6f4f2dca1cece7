# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from engine.acceptance.conftest import DISPLAY, stored_of
from stmatte.acceptance.windows import data_findings, size_findings
from stmatte.images.windows import Box

OVERSCAN = Box(-4, -4, 104, 72)
CROPPED = Box(10, 10, 20, 20)


def test_the_plates_size_and_aspect_pass() -> None:
    assert not list(size_findings(stored_of(), DISPLAY, 1.0, 7))


@pytest.mark.parametrize(
    ("display", "aspect", "words"),
    [
        (Box(0, 0, 48, 32), 1.0, "48x32, the plate is 96x64"),
        (Box(2, 0, 96, 64), 1.0, "the display window is 96x64 at 2,0, the plate's is 96x64 at 0,0"),
        (DISPLAY, 2.0, "pixel aspect 2, the plate's is 1"),
    ],
)
def test_another_size_place_or_aspect_is_refused(display: Box, aspect: float, words: str) -> None:
    stored = stored_of(display=display, pixel_aspect=aspect)

    (found,) = size_findings(stored, DISPLAY, 1.0, 7)

    assert (found.words, found.verdict, found.frame) == (words, "fail", 7)


def test_the_aspect_may_differ_by_rounding() -> None:
    assert not list(size_findings(stored_of(pixel_aspect=2 / 3), DISPLAY, 0.66667, 7))


@pytest.mark.parametrize(
    ("plate", "matte", "verdict"),
    [
        (OVERSCAN, OVERSCAN, None),
        (DISPLAY, DISPLAY, None),
        (OVERSCAN, DISPLAY, "fail"),
        (OVERSCAN, CROPPED, "fail"),
        (DISPLAY, CROPPED, "warn"),
        (DISPLAY, OVERSCAN, "warn"),
        (OVERSCAN, Box(-2, -4, 102, 72), "warn"),
    ],
)
def test_a_matte_without_the_plates_overscan_is_refused(
    plate: Box, matte: Box, verdict: str | None
) -> None:
    found = list(data_findings(stored_of(data=matte), DISPLAY, plate, 7))

    assert [finding.verdict for finding in found] == ([verdict] if verdict else [])
