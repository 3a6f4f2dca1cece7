# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from fractions import Fraction

import opentimelineio as otio
import pytest

from stmatte.errors import StmatteError
from stmatte.timelines.retimes import shown, speed_of
from stmatte.timelines.times import During


@pytest.mark.parametrize(
    ("effects", "speed"),
    [
        ([], 1),
        ([otio.schema.LinearTimeWarp(time_scalar=2.0)], 2),
        ([otio.schema.LinearTimeWarp(time_scalar=-0.5)], Fraction(-1, 2)),
        ([otio.schema.FreezeFrame()], 0),
        ([otio.schema.LinearTimeWarp(time_scalar=2), otio.schema.LinearTimeWarp(time_scalar=3)], 6),
        ([otio.schema.Effect(effect_name="Blur")], 1),
        ([otio.schema.Effect(effect_name="Speed", enabled=False)], 1),
    ],
)
def test_constant_speeds_are_followed(effects: list[otio.schema.Effect], speed: Fraction) -> None:
    assert speed_of(effects, "sh010") == speed


@pytest.mark.parametrize(
    "effect",
    [
        otio.schema.TimeEffect(effect_name="Curve"),
        otio.schema.Effect(effect_name="Time Remap"),
        otio.schema.Effect(name="Timewarp"),
        otio.schema.Effect(effect_name="Retime"),
    ],
)
def test_other_retimes_are_refused_by_name(effect: otio.schema.Effect) -> None:
    name = effect.effect_name or effect.name

    with pytest.raises(StmatteError, match=f'Clip "sh010" has the retime "{name}"'):
        speed_of([effect], "sh010")


FRAME = Fraction(1, 24)


def test_twice_the_speed_ends_on_the_last_frame_that_is_seen() -> None:
    # frames 0, 2, 4, 6 of the plate are seen: the last one at 6/24
    assert shown(Fraction(0), 4 * FRAME, FRAME, Fraction(2)) == [During(Fraction(0), 6 * FRAME)]


def test_a_frozen_clip_shows_one_moment() -> None:
    assert shown(Fraction(5), 48 * FRAME, FRAME, Fraction(0)) == [During(Fraction(5), Fraction(5))]


def test_backwards_is_meant_in_one_of_two_ways() -> None:
    assert shown(Fraction(5), 4 * FRAME, FRAME, Fraction(-1)) == [
        During(5 - 3 * FRAME, Fraction(5)),
        During(Fraction(5), 5 + 3 * FRAME),
    ]
