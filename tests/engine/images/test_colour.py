# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stmatte.errors import StmatteError
from stmatte.images import open_plate
from stmatte.images.colour import (
    AS_IT_IS,
    LINEAR,
    SRGB,
    ColourSpace,
    convert,
    find_space,
    is_scene_referred,
    space_of,
)
from stmatte.images.raster import ColourTags

AP1 = (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767)


@pytest.mark.parametrize(
    ("name", "space"),
    [
        ("sRGB", SRGB),
        ("Utility - sRGB - Texture", SRGB),
        ("acescg", "lin_ap1_scene"),
        ("ACES - ACEScg", "lin_ap1_scene"),
        ("scene_linear", "lin_ap1_scene"),
        ("Linear Rec.709 (sRGB)", LINEAR),
        ("ARRI LogC4", "ocio:arrilogc4_awg4_scene"),
        ("Raw", AS_IT_IS),
    ],
)
def test_names_aliases_and_roles_lead_to_one_name(name: str, space: str) -> None:
    assert find_space(name) == space
    assert find_space(space) == space


def test_a_space_that_the_config_has_not_is_told_with_the_nearest() -> None:
    with pytest.raises(StmatteError) as refused:
        find_space("ARRI LogC5")

    assert 'Colour space "ARRI LogC5" is not in the OCIO config' in str(refused.value)
    assert '"ARRI LogC4"' in refused.value.allowed


def test_what_a_file_says_counts_before_its_name_and_its_type() -> None:
    tagged = ColourTags("openexr", True, colorspace="lin_rec709_scene", chromaticities=AP1)

    assert space_of(tagged, "plate_acescg.####.exr").name == LINEAR
    assert space_of(ColourTags("openexr", True, chromaticities=AP1), "p.exr").name == (
        "lin_ap1_scene"
    )
    named = space_of(ColourTags("openexr", True), "sh010_ARRI LogC4.####.exr")
    assert named == ColourSpace("ocio:arrilogc4_awg4_scene", "as its name says")


@pytest.mark.parametrize(
    ("tags", "space"),
    [
        (ColourTags("openexr", True), "lin_ap1_scene"),
        (ColourTags("tiff", True), "lin_ap1_scene"),
        (ColourTags("tiff", False), SRGB),
        (ColourTags("dpx", False), "ocio:acescct_ap1_scene"),
        (ColourTags("dpx", False, transfer="Logarithmic"), "ocio:acescct_ap1_scene"),
    ],
)
def test_where_nobody_says_anything_the_type_decides_and_that_is_a_guess(
    tags: ColourTags, space: str
) -> None:
    found = space_of(tags, "plate.####.xyz")

    assert (found.name, found.guessed) == (space, True)


def test_a_video_dpx_is_no_log() -> None:
    assert space_of(ColourTags("dpx", False, transfer="ITU-R 709-4"), "p.dpx").name == SRGB


def test_light_and_log_have_no_white_and_displays_have_one() -> None:
    assert [is_scene_referred(s) for s in (LINEAR, "lin_ap1_scene", "ARRI LogC4", "ADX10")] == (
        [True] * 4
    )
    assert [is_scene_referred(s) for s in (SRGB, AS_IT_IS, "g24_rec709", "Camera Rec.709")] == (
        [False] * 4
    )


def test_there_and_back_is_the_same_picture() -> None:
    picture = np.random.default_rng(3).uniform(-0.5, 20, (9, 7, 3)).astype(np.float32)

    back = convert(convert(picture, "lin_ap1_scene", LINEAR), LINEAR, "lin_ap1_scene")

    assert back == pytest.approx(picture, abs=1e-4)


def test_the_colour_space_that_a_person_names_is_the_plates(
    tmp_path: Path, write_picture: Any
) -> None:
    write_picture(tmp_path / "p.1.exr", np.full((2, 2, 3), 0.5))

    plate = open_plate(str(tmp_path), colorspace="ARRI LogC4")

    assert plate.colorspace.name == plate.read(1).space == "ocio:arrilogc4_awg4_scene"
    assert not plate.colorspace.guessed
    with pytest.raises(StmatteError, match='"ARRI LogZ" is not in the OCIO config'):
        open_plate(str(tmp_path), colorspace="ARRI LogZ")


def _asked(config: str, code: str) -> str:
    """Run code in a process of its own: OpenImageIO reads $OCIO once."""
    environment = {**os.environ, "OCIO": config}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    return ran.stdout + ran.stderr


def test_a_config_that_is_not_there_is_told_and_none_is_made_up() -> None:
    code = "from stmatte.images.colour import find_space; find_space('ACEScg')"

    said = _asked("/nowhere/config.ocio", code)

    assert 'The OCIO config "/nowhere/config.ocio" cannot be read' in said


def test_the_config_of_the_show_is_asked() -> None:
    code = "from stmatte.images.colour import find_space; print(find_space('ARRI LogC4'))"

    assert "awg4" in _asked("ocio://studio-config-latest", code)
    assert 'Colour space "ARRI LogC4" is not in the OCIO config' in _asked("ocio://default", code)


def test_plain_srgb_needs_no_config(tmp_path: Path, write_picture: Any) -> None:
    write_picture(tmp_path / "p.1.png", np.full((2, 2, 3), 7, np.uint8))
    code = (
        "from stmatte.images import open_plate, to_display; "
        f"print(to_display(open_plate({str(tmp_path)!r}).read(1)).shape)"
    )

    assert "(2, 2, 3)" in _asked("/nowhere/config.ocio", code)
