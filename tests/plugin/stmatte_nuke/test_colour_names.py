# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import paths  # noqa: F401

from stmatte_nuke.colour_names import engine_name


def test_nukes_own_curves_have_names_that_the_engine_knows() -> None:
    assert engine_name("sRGB", "Nuke", "", "") == "srgb"
    assert engine_name("default (linear)", "Nuke", "", "") == "lin_rec709"
    assert engine_name("AlexaV3LogC", "Nuke", "nuke-default", "") == "ARRI LogC3 (EI800)"


def test_a_curve_that_nobody_else_has_is_left_to_the_files() -> None:
    assert engine_name("Cineon", "Nuke", "", "") == ""
    assert engine_name("PLogLin", "Nuke", "", "") == ""


def test_a_name_of_the_studios_own_config_is_passed_as_it_is() -> None:
    assert engine_name("show_log", "OCIO", "custom", "/show/config.ocio") == "show_log"
    assert engine_name("Camera/Show Log", "OCIO", "custom", "/show/config.ocio") == "Show Log"
    assert engine_name("default (show_log)", "OCIO", "x", "/show/config.ocio") == "show_log"


def test_a_studios_config_need_not_know_nukes_curves() -> None:
    assert engine_name("Gamma2.2", "Nuke", "", "/show/config.ocio") == ""
    assert engine_name("sRGB", "Nuke", "", "/show/config.ocio") == "srgb"


def test_a_config_that_only_nuke_knows_gives_the_names_that_mean_the_same_everywhere() -> None:
    assert engine_name("ACES - ACEScg", "OCIO", "aces_1.2", "") == "ACEScg"
    assert engine_name("Utility/Utility - sRGB - Texture", "OCIO", "aces_1.2", "") == "srgb"
    assert engine_name("Output - Rec.709", "OCIO", "aces_1.2", "") == ""
    assert engine_name("my_log", "OCIO", "custom", "") == ""


def test_the_working_space_is_a_role_whose_meaning_the_config_says() -> None:
    assert engine_name("scene_linear", "OCIO", "aces_1.2", "") == "scene_linear"
    assert engine_name("scene_linear", "OCIO", "nuke-default", "") == "lin_rec709"
    assert engine_name("scene_linear", "OCIO", "custom", "") == ""
    assert engine_name("scene_linear", "OCIO", "any", "/show/config.ocio") == "scene_linear"


def test_raw_and_nothing_say_nothing() -> None:
    for said in ("", "default", "default ()", "raw", "data"):
        assert engine_name(said, "OCIO", "aces_1.2", "/show/config.ocio") == ""
