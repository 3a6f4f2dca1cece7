# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from stmatte.acceptance.naming import file_findings, name_findings


@pytest.mark.parametrize("channel", ["hero.A", "hero.V", "hero.a"])
def test_names_that_every_host_shows_pass(channel: str) -> None:
    assert not list(name_findings({"hero": ("hero", channel)}))


@pytest.mark.parametrize("layer", ["1", "ViewLayer.hero", "my hero", "left", "depth"])
def test_a_layer_that_a_host_would_mangle_is_refused(layer: str) -> None:
    (found,) = name_findings({layer: (layer, f"{layer}.A")})

    assert (found.verdict, found.object) == ("fail", layer)


def test_a_channel_of_the_picture_itself_has_no_layer_to_be_mangled() -> None:
    assert not list(name_findings({"A": ("", "A")}))


def test_an_ending_of_several_letters_is_told() -> None:
    (found,) = name_findings({"hero": ("hero", "hero.alpha")})

    assert (found.verdict, found.check) == ("warn", "names")


def test_names_that_differ_in_capitals_only_are_refused() -> None:
    (found,) = name_findings({"hero": ("hero", "hero.A"), "Hero": ("Hero", "Hero.A")})

    assert found.words == 'differs from "hero" in capitals only'


def test_file_names_for_pipelines_pass() -> None:
    assert not list(file_findings({1001: "SHOW_010_roto-hero_v003.1001.exr"}))


@pytest.mark.parametrize("name", ["my matte.1001.exr", "hero.7.exr", "hëro.1001.exr"])
def test_other_file_names_are_told(name: str) -> None:
    (found,) = file_findings({1001: name})

    assert (found.verdict, found.frame) == ("warn", 1001)
