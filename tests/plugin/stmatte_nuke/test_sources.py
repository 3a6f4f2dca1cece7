# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import paths  # noqa: F401
from checks import refused

from stmatte_nuke.sources import Source, parse


def test_nothing_said_means_the_alpha_of_the_roto_input() -> None:
    assert parse("") == parse("  roto ") == Source(1, "", "rgba.alpha")


def test_a_shape_is_named_with_the_layers_above_it() -> None:
    assert parse("shape Layer1/hero") == Source(1, "Layer1/hero")
    assert parse("Shape  Layer 1 / the hero ") == Source(1, "Layer 1/the hero")
    assert parse("roto shape hero") == Source(1, "hero")


def test_a_channel_is_one_of_the_roto_input_or_of_another() -> None:
    assert parse("channel hero.alpha") == Source(1, "", "hero.alpha")
    assert parse("channel red") == Source(1, "", "rgba.red")
    assert parse("matte1") == Source(2)
    assert parse("MATTE4 channel hero.alpha") == Source(5, "", "hero.alpha")


def test_what_is_written_back_means_the_same() -> None:
    for text in ("roto", "shape a/b", "channel hero.alpha", "matte2", "matte3 channel x.y"):
        assert parse(text).text == text
        assert parse(parse(text).text) == parse(text)


def test_anything_else_is_refused_with_all_that_may_be_written() -> None:
    for text in ("hero", "matte5", "shape", "channel hero", "matte1 shape hero", "channel a.b.c"):
        with refused(f'The source "{text}" of an object cannot be read: it is "roto", "shape '):
            parse(text)
