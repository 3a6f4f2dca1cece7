# SPDX-License-Identifier: Apache-2.0
"""Nuke's names of an EXR's channels, by the table of what its rule gives."""

from __future__ import annotations

import pytest
from exr_names import in_view, nuke_name


@pytest.mark.parametrize(
    ("file", "nuke"),
    [
        ("hero.A", "hero.alpha"),
        ("hero.a", "hero.alpha"),
        ("hero.alpha", "hero.alpha"),
        ("01hero.A", "hero.alpha"),
        ("A", "rgba.alpha"),
        ("hero-1.A", "hero_1.alpha"),
        ("hero 1.A", "hero_1.alpha"),
        ("uncertainty.Y", "uncertainty.Y"),
        ("a.b.c.A", "a_b.c_A"),
        ("hero.matte.A", "hero_matte.alpha"),
        ("héro.A", "h__ro.alpha"),
        ("hero.V", "hero.V"),
        ("CryptoSTMatte00.R", "CryptoSTMatte00.red"),
    ],
)
def test_a_channel_of_a_file_has_this_name_in_nuke(file: str, nuke: str) -> None:
    assert nuke_name(file) == nuke


def test_a_part_that_is_a_views_name_is_the_view_and_no_layer() -> None:
    assert in_view("main.A") == ("main", "rgba.alpha")
    assert in_view("left.hero.A", ("left", "right")) == ("left", "hero.alpha")
