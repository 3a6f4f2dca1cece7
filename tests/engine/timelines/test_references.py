# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import opentimelineio as otio
import pytest

from cutting import clip, external, sequence, span
from stmatte.errors import StmatteError
from stmatte.timelines.references import path_of, reference_of, spelled

HERE = Path("/show/cut")


@pytest.mark.parametrize(
    ("name", "pattern", "first", "sure"),
    [
        ("plate.%04d.exr", "plate.%04d.exr", None, False),
        ("plate.####.exr", "plate.####.exr", None, False),
        ("plate.@@@@.exr", "plate.####.exr", None, False),
        ("plate.@.exr", "plate.#.exr", None, False),
        ("plate.$F4.exr", "plate.####.exr", None, False),
        ("plate.$F.exr", "plate.#.exr", None, False),
        ("plate.[1001-1100].exr", "plate.####.exr", 1001, True),
        ("plate.[0998-1100].exr", "plate.####.exr", 998, True),
        ("plate.[998-1100].exr", "plate.#.exr", 998, True),
        ("plate.1001-1100####.exr", "plate.####.exr", 1001, True),
        ("plate.1001-1100@@@@.exr", "plate.####.exr", 1001, True),
        ("plate.1001-1100%04d.exr", "plate.%04d.exr", 1001, True),
        ("foo@2x.####.exr", "foo@2x.####.exr", None, False),
        ("sh-2020-10.####.exr", "sh-2020-10.####.exr", None, False),
        ("plate.1001.exr", "plate.1001.exr", None, False),
    ],
)
def test_a_sequence_may_be_spelled_in_many_ways(
    name: str, pattern: str, first: int | None, sure: bool
) -> None:
    assert spelled(f"/show/{name}") == (f"/show/{pattern}", first, sure)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("plates/a.%04d.exr", "/show/cut/plates/a.%04d.exr"),
        ("/plates/take#2/a.####.exr", "/plates/take#2/a.####.exr"),
        ("file:///plates/a.%04d.exr", "/plates/a.%04d.exr"),
        ("file:///my%20plates/a%23b.%2504d.exr", "/my plates/a#b.%04d.exr"),
        ("file:///plates/100%20d/a.%d.exr", "/plates/100 d/a.%d.exr"),
        ("file://localhost/plates/a.####.exr", "/plates/a.####.exr"),
        ("file:///C:/plates/a.####.exr", "C:/plates/a.####.exr"),
        ("file://server/share/a.####.exr", "//server/share/a.####.exr"),
    ],
)
def test_a_url_is_decoded_and_a_pattern_in_it_stays(text: str, path: str) -> None:
    wanted = str(HERE / path) if path.startswith("C:") else path
    assert path_of(text, HERE, "sh010") == wanted


def test_an_image_sequence_says_everything() -> None:
    media = sequence(1001, span(86400, 48), target_url_base="../plates/sh010")

    reference = reference_of(clip("sh010", media), HERE)

    assert reference is not None
    assert reference.place == "/show/cut/../plates/sh010/plate.####.png"
    assert (reference.first, reference.rate, reference.step) == (1001, 24, 1)
    assert reference.available is not None
    assert reference.available.start == 3600
    assert reference.sure
    assert not reference.hold


def test_a_sequence_under_a_url_is_decoded_as_a_whole() -> None:
    media = sequence(1, None, "my%20shot.", target_url_base="file:///a%20b/")

    reference = reference_of(clip("sh010", media), HERE)

    assert reference is not None
    assert reference.place == "/a b/my shot.####.png"


@pytest.mark.parametrize("policy", ["hold", "black"])
def test_a_sequence_may_allow_for_missing_frames(policy: str) -> None:
    policies = otio.schema.ImageSequenceReference.MissingFramePolicy
    media = sequence(1001, span(0, 9), missing_frame_policy=getattr(policies, policy))

    reference = reference_of(clip("sh010", media), HERE)

    assert reference is not None
    assert reference.hold


@pytest.mark.parametrize(
    "media",
    [
        otio.schema.GeneratorReference("bars", generator_kind="SMPTEBars"),
        external("logo.png"),
        external("music.wav"),
    ],
)
def test_what_does_not_move_has_no_pictures(media: otio.core.MediaReference) -> None:
    assert reference_of(clip("x", media), HERE) is None


def test_missing_media_are_asked_for() -> None:
    with pytest.raises(StmatteError, match=r'Clip "sh010" names no media: .* --media'):
        reference_of(clip("sh010", otio.schema.MissingReference()), HERE)


def test_media_that_are_no_files_are_refused() -> None:
    with pytest.raises(StmatteError, match=r'"https://x/a.####.exr": media are files'):
        reference_of(clip("sh010", external("https://x/a.####.exr")), HERE)
