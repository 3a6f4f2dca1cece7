# SPDX-License-Identifier: Apache-2.0
"""Marks, versions, packed pixels, crops and the order of shots: what a page is made from."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from shots import soft_disc
from stmatte.plan.said import say
from stmatte.review import pieces
from stmatte.review.crops import HEIGHT, WIDTH, place
from stmatte.review.facts import ObjectFacts, ShotFacts, worst_first
from stmatte.review.marks import Mark, marks
from stmatte.review.pages import told
from stmatte.review.versions import before, version_of
from stmatte.shot import FrameRange


def test_what_the_artist_said_counts_before_stale_and_stale_before_doubtful() -> None:
    given = say(
        {1: "k", 2: "k", 3: "k"},
        [FrameRange(2, 2)],
        [(FrameRange(3, 3), {3: "m"})],
    )
    given = {**given, 2: say({}, [FrameRange(2, 2)])[2]}

    found = marks(range(1, 7), given, stale=(1, 2, 3, 4), doubts={4: 0.9, 5: 0.5, 6: 0.49})

    assert list(found.values()) == [
        *(Mark.KEYED, Mark.ABSENT, Mark.LOCKED),
        *(Mark.STALE, Mark.DOUBTFUL, Mark.FRESH),
    ]


def there(*patterns: str) -> Callable[[str], bool]:
    return lambda pattern: pattern in patterns


@pytest.mark.parametrize(
    ("pattern", "version"),
    [
        ("sh010_hero_v003.####.exr", "v003"),
        ("v002/sh010_v003.####.exr", "v003"),
        ("V12/a.####.exr", "V12"),
        ("sh010.####.exr", ""),
        ("rev003.####.exr", ""),
        ("dv001.####.exr", ""),
    ],
)
def test_a_version_is_v_and_digits(pattern: str, version: str) -> None:
    assert version_of(pattern) == version


def test_the_version_before_is_the_nearest_that_is_there() -> None:
    pattern = "v005/sh010_v005.####.exr"

    assert before(pattern, there("v003/sh010_v003.####.exr", "v001/sh010_v001.####.exr")) == (
        "v003/sh010_v003.####.exr"
    )
    assert before(pattern, there("v006/sh010_v006.####.exr")) is None
    assert before("sh010.####.exr", lambda _: True) is None


def unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text))


def test_the_exact_copy_keeps_every_bit_of_a_half_float() -> None:
    plane = np.random.default_rng(1).random((5, 7)).astype(np.float16)

    packed = np.frombuffer(unpacked(pieces.exact(plane.astype(np.float32))), np.uint8)

    high, low = packed.reshape(2, 5, 7).astype(np.uint16)
    assert np.array_equal(((high << 8) | low).view(np.float16), plane)


def test_coverage_is_rounded_to_the_nearest_of_255_steps() -> None:
    packed = unpacked(pieces.coverage(np.array([[0, 0.5, 1], [0.001, 0.002, 0.9999]], np.float32)))

    assert list(packed) == [0, 128, 255, 0, 1, 255]


def test_a_picture_is_webp_and_keeps_its_colours() -> None:
    display = np.full((32, 48, 3), (0.8, 0.4, 0.1), np.float32)

    data = np.frombuffer(base64.b64decode(pieces.picture(display)), np.uint8)

    read = cv2.imdecode(data, cv2.IMREAD_COLOR)[:, :, ::-1] / 255
    assert bytes(data[8:12]) == b"WEBP"
    assert np.abs(read - display).max() < 0.02


def test_a_crop_is_where_most_edge_is_and_stays_while_it_sees_enough() -> None:
    size = (400, 600)
    first = place(soft_disc(300, size), None)
    assert first is not None
    left, top, width, height = first

    assert (width, height) == (WIDTH, HEIGHT)
    assert abs(left + width / 2 - 300) < 3
    assert abs(top + height / 2 - 200) < 3
    assert place(soft_disc(310, size), first) == first
    moved = place(soft_disc(520, size), first)
    assert moved is not None
    assert moved[0] <= 520 <= moved[0] + width
    assert place(np.zeros(size, np.float32), first) is None
    assert place(np.ones(size, np.float32), first) is None


def facts(name: str, said: list[Mark], doubts: list[float | None], missing: int = 0) -> ShotFacts:
    frames = tuple(range(1, len(said) + 1))
    stale = [mark is Mark.STALE for mark in said]
    each = ObjectFacts("hero", (1, 1, 1), said, stale, doubts)
    return ShotFacts(name, frames, (4, 4), (4, 4), [each], missing=list(frames[:missing]))


def test_shots_that_are_not_whole_come_first_then_the_doubtful() -> None:
    fresh, stale, doubtful = Mark.FRESH, Mark.STALE, Mark.DOUBTFUL
    shots = [
        facts("calm", [fresh, fresh], [0.1, 0.2]),
        facts("unsure", [fresh, doubtful], [0.1, 0.9]),
        facts("uneasy", [fresh, fresh], [0.1, 0.3]),
        facts("stale", [fresh, stale], [0.1, 0.1]),
        facts("missing", [stale, stale], [None, None], missing=2),
    ]

    ordered = [shot.name for shot in worst_first(shots)]

    assert ordered == ["missing", "stale", "unsure", "uneasy", "calm"]


def test_the_worst_frame_is_the_earliest_of_the_most_doubted() -> None:
    fresh = Mark.FRESH

    assert facts("a", [fresh] * 3, [0.2, 0.4, 0.4]).worst == (0.4, "hero", 2)
    assert facts("b", [fresh], [None]).worst is None


def test_what_a_page_is_told_cannot_end_its_script() -> None:
    text = told("shot", {"name": "</script><script>alert(1)</script>"})

    assert text.count("<") == 2
    assert "\\u003c/script>" in text
