# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from shots import SIZE, cut_short, picture, pictures, soft_disc, write_plate
from stmatte import FrameRange, Key, Shot, StmatteError
from stmatte.pipeline.checks import check_shot

KEY = Key(3, {"hero": soft_disc(36)})


def refused(shot: Shot) -> str:
    with pytest.raises(StmatteError) as error:
        check_shot(shot)
    return str(error.value)


def test_a_shot_in_order_has_frames_and_keys_by_frame() -> None:
    checked = check_shot(Shot(pictures(range(1, 6)), (KEY,), FrameRange(2, 4)))

    assert checked.frames == (2, 3, 4)
    assert checked.gaps == ()
    assert np.array_equal(checked.given.matte(3, "hero"), KEY.mattes["hero"])
    assert list(checked.said["hero"]) == [3]


def test_a_missing_frame_is_named_with_its_neighbours() -> None:
    plate = {frame: picture(frame) for frame in (1, 2, 3, 5)}

    assert refused(Shot(plate, (KEY,), FrameRange(1, 5))) == (
        'Plate frame 4 is missing from "plate in memory": the nearest that exist are 3 and 5. '
        "Render or copy that frame, or choose a range without it."
    )


def test_several_missing_frames_are_named_together() -> None:
    plate = {frame: picture(frame) for frame in (1, 3, 7)}

    assert refused(Shot(plate, (KEY,), FrameRange(0, 9))) == (
        'Plate frames 0, 2, 4-6, 8-9 are missing in "plate in memory": '
        "the plate has frames 1-7. Render or copy these frames, or choose a range without them."
    )


def test_a_range_far_too_long_is_refused_at_once() -> None:
    sentence = refused(Shot(pictures(range(1, 6)), (KEY,), FrameRange(1, 10**12)))

    assert sentence.startswith("Plate frames 6-1000000000000 are missing")


def test_very_many_gaps_are_counted_and_not_listed() -> None:
    plate = {frame: picture(frame) for frame in range(1, 19, 2)}  # on twos: 2, 4 ... 16 are missing

    assert refused(Shot(plate, (KEY,), FrameRange(1, 17))).startswith(
        "Plate frames 2, 4, 6, 8, 10, 12 and 2 more gaps are missing"
    )


def test_without_a_range_those_frames_are_meant_that_exist_and_gaps_are_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    plate = {frame: picture(frame) for frame in (1, 3, 4, 7)}

    with caplog.at_level(logging.WARNING, "stmatte"):
        checked = check_shot(Shot(plate, (KEY,)))

    assert checked.frames == (1, 3, 4, 7)
    assert list(checked.missing()) == []
    assert caplog.messages == ["plate in memory: Plate frames 2, 5-6 are missing"]


def test_gaps_to_be_passed_over_are_named_one_by_one() -> None:
    plate = {frame: picture(frame) for frame in (1, 3, 4, 7)}

    checked = check_shot(Shot(plate, (KEY,), FrameRange(1, 7)), pass_over=True)

    assert checked.frames == (1, 3, 4, 7)
    assert [(frame, error.what) for frame, error in checked.missing()] == [
        (frame, f'Plate frame {frame} is missing from "plate in memory"') for frame in (2, 5, 6)
    ]


def test_a_range_beside_the_plate_is_told_where_the_plate_is() -> None:
    assert refused(Shot(pictures(range(1, 6)), (KEY,), FrameRange(101, 110))) == (
        'Frames 101-110 are not in the plate: "plate in memory" has frames 1-5. '
        "Choose a range within the plate."
    )


@pytest.mark.parametrize("pass_over", [False, True])
def test_a_key_lies_within_the_range_that_is_asked_for(pass_over: bool) -> None:
    shot = Shot(pictures(range(1, 6)), (KEY,), FrameRange(4, 5))

    with pytest.raises(StmatteError) as error:
        check_shot(shot, pass_over=pass_over)

    assert str(error.value) == (
        'Key at frame 3 of "hero" is outside the frames: frames 4-5 are asked for. '
        "Move the key into that range, or extend the range."
    )


def test_a_key_lies_within_the_plate() -> None:
    assert refused(Shot(pictures([5]), (KEY,))) == (
        'Key at frame 3 of "hero" is outside the frames: the plate has frame 5. '
        "Move the key into that range, or extend the range."
    )


@pytest.mark.parametrize("frames", [None, FrameRange(2, 4)])
def test_a_key_needs_a_plate_frame_under_it(frames: FrameRange | None) -> None:
    plate = {frame: picture(frame) for frame in (2, 4)}

    with pytest.raises(StmatteError) as error:
        check_shot(Shot(plate, (KEY,), frames), pass_over=True)

    assert str(error.value) == (
        'Key at frame 3 of "hero" has no plate frame under it: '
        'frame 3 is missing from "plate in memory". Render or copy that frame, or key another one.'
    )


def test_a_keyed_frame_that_is_cut_short_is_found_before_work_starts(tmp_path: Path) -> None:
    pattern = write_plate(tmp_path, range(1, 6))
    cut_short(tmp_path / "plate.0003.png")

    with pytest.raises(StmatteError, match="Plate frame 3 cannot be read"):
        check_shot(Shot(pattern, (KEY,)), pass_over=True)


def test_other_frames_are_not_read_yet(tmp_path: Path) -> None:
    pattern = write_plate(tmp_path, range(1, 6))
    cut_short(tmp_path / "plate.0004.png")

    assert check_shot(Shot(pattern, (KEY,))).frames == (1, 2, 3, 4, 5)


def test_a_key_of_another_aspect_is_refused() -> None:
    shot = Shot(pictures(range(1, 6)), (Key(3, {"hero": np.ones((64, 64), np.float32)}),))

    assert refused(shot) == (
        'Key at frame 3 of object "hero" is 64x64, the plate is 96x64: '
        "a key has the plate's size, or its aspect. Render the key through the plate's Reformat."
    )


def test_a_key_of_the_plate_s_aspect_is_scaled_and_that_is_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    half = soft_disc(18, (32, 48), 6)

    with caplog.at_level(logging.WARNING, "stmatte"):
        checked = check_shot(Shot(pictures(range(1, 6)), (Key(3, {"hero": half}),)))

    assert checked.given.matte(3, "hero").shape == SIZE
    assert caplog.messages == [
        'Key at frame 3 of object "hero" is 48x32 and is scaled to the plate\'s 96x64'
    ]


def test_a_plate_that_is_not_there_is_named() -> None:
    assert refused(Shot("nosuch/plate.####.exr", (KEY,))) == (
        'Folder "nosuch" does not exist. Check the path.'
    )
