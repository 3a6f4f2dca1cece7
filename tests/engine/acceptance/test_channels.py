# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from stmatte.acceptance.channels import channel_findings, most_usual


def test_frames_with_the_same_channels_pass() -> None:
    assert not list(channel_findings({("car.A", "hero.A"): [1, 2, 3]}))
    assert not list(channel_findings({}))


def test_a_frame_that_lacks_a_channel_or_has_more_is_named() -> None:
    found = channel_findings({("hero.A",): [1, 2, 3], ("A", "car.A"): [4]})

    assert [(f.words, f.frame) for f in found] == [
        ("without hero.A", 4),
        ("with A, car.A, which others lack", 4),
    ]


def test_of_halves_the_one_that_begins_is_the_usual() -> None:
    assert most_usual({("b",): [3, 4], ("a",): [1, 2]}) == ("a",)
