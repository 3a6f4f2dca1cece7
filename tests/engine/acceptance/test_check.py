# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from engine.acceptance.conftest import WriteExr
from shots import cut_short, picture, soft_disc
from stmatte.acceptance import Report, check_delivery, limits_for
from stmatte.acceptance.files import find_delivered
from stmatte.images import Box, open_plate
from stmatte.images.mattes import write_mattes

FRAMES = range(1001, 1009)
Check = Callable[..., Report]


def disc(frame: int) -> Any:
    """The true matte of `shots.picture`."""
    return soft_disc(30 + 2 * (frame % 20))


@pytest.fixture
def delivered(tmp_path: Path) -> Path:
    """Write a delivery that nothing is wrong with, and return its folder."""
    for frame in FRAMES:
        write_mattes(tmp_path / "out" / f"m.{frame}.exr", {"hero": disc(frame)})
    return tmp_path / "out"


def checked(folder: Path, frames: range = FRAMES, plate: Any = None, **limits: float) -> Report:
    opened = open_plate(plate or {frame: picture(frame) for frame in FRAMES})
    (claims,) = find_delivered(str(folder / "m.#.exr"))
    return check_delivery(claims, opened, frames, limits_for(64, band=8, **limits))


def refusals(report: Report) -> list[tuple[str, tuple[int, ...]]]:
    return [(group.check, group.frames) for group in report.groups if group.verdict == "fail"]


def test_a_delivery_that_nothing_is_wrong_with_is_accepted(delivered: Path) -> None:
    report = checked(delivered)

    assert report.accepted
    assert report.groups == ()
    assert (report.frames, report.objects) == (8, ("hero",))
    assert report.measured["solid"] == "hero 0 % grey inside, 0 % outside"
    assert report.measured["chatter"].startswith("hero 0.")


def test_a_missing_frame_is_named(delivered: Path) -> None:
    (delivered / "m.1004.exr").unlink()

    assert refusals(checked(delivered)) == [("frames", (1004,))]


def test_only_the_range_that_was_asked_for_should_be_there(delivered: Path) -> None:
    report = checked(delivered, range(1003, 1010))

    assert refusals(report) == [("frames", (1009,)), ("frames", (1001, 1002))]


def test_a_file_that_was_cut_short_is_named_and_the_others_are_looked_at(delivered: Path) -> None:
    cut_short(delivered / "m.1002.exr")

    report = checked(delivered)

    assert refusals(report) == [("readable", (1002,))]
    assert str(delivered) not in str(report.groups[0])
    assert report.objects == ("hero",)


def test_mattes_of_half_the_size_are_refused_once_for_all_frames(
    tmp_path: Path, write_exr: WriteExr
) -> None:
    for frame in FRAMES:
        write_exr(tmp_path / f"m.{frame}.exr", disc(frame)[::2, ::2])

    assert refusals(checked(tmp_path)) == [("size", tuple(FRAMES))]


def test_a_lossy_frame_with_another_channel_and_a_hole_is_refused_three_times(
    delivered: Path, write_exr: WriteExr
) -> None:
    matte = disc(1005).copy()
    matte[31:34, 38:43] = 0.7  # around the disc's middle at column 40
    write_exr(delivered / "m.1005.exr", matte, ["Hero.A"], compression="b44")

    assert refusals(checked(delivered)) == [
        ("storage", (1005,)),
        ("channels", (1005,)),
        ("channels", (1005,)),
        ("names", ()),
        ("solid", (1005,)),
    ]


def test_numbers_that_are_none_are_found_and_the_rest_goes_on(
    delivered: Path, write_exr: WriteExr
) -> None:
    matte = disc(1005).copy()
    matte[0, 0] = np.nan
    write_exr(delivered / "m.1005.exr", matte)

    assert refusals(checked(delivered)) == [("values", (1005,))]


def test_an_edge_that_chatters_is_named_by_its_frames(delivered: Path, write_exr: WriteExr) -> None:
    grown = np.ones((5, 5), np.uint8)
    for frame in (1003, 1005, 1007):
        write_exr(delivered / f"m.{frame}.exr", cv2.dilate(disc(frame), grown))

    report = checked(delivered, chatter=1)

    (chatter,) = [group for group in report.of("chatter") if group.verdict == "fail"]
    assert set(chatter.frames) >= {1003, 1004, 1005, 1006}
    assert chatter.worst == pytest.approx(2, abs=0.5)  # two pixels on every side
    assert checked(delivered, chatter=8).accepted


def test_a_matte_that_jumps_for_good_is_a_pop(delivered: Path, write_exr: WriteExr) -> None:
    grown = np.ones((9, 9), np.uint8)
    for frame in range(1005, 1009):
        write_exr(delivered / f"m.{frame}.exr", cv2.dilate(disc(frame), grown))

    assert refusals(checked(delivered, pop=2)) == [("pops", (1005,))]


def test_a_plate_with_overscan_asks_for_overscan(tmp_path: Path, write_exr: WriteExr) -> None:
    display = Box(0, 0, 88, 56)
    for frame in FRAMES:
        pixels = picture(frame).astype(np.float32) / 255
        write_exr(
            tmp_path / "plate" / f"p.{frame}.exr", pixels, "RGB", at=(-4, -4), display=display
        )
        with_it = frame != 1003
        matte = disc(frame) if with_it else disc(frame)[4:60, 4:92]
        write_exr(
            tmp_path / f"m.{frame}.exr", matte, at=(-4, -4) if with_it else (0, 0), display=display
        )

    report = checked(tmp_path, plate=str(tmp_path / "plate"))

    assert refusals(report) == [("data window", (1003,))]


def test_a_plate_frame_that_cannot_be_read_is_told_and_not_compared(
    delivered: Path, tmp_path: Path
) -> None:
    for frame in FRAMES:
        assert cv2.imwrite(str(tmp_path / f"p.{frame}.png"), picture(frame))
    cut_short(tmp_path / "p.1004.png")

    report = checked(delivered, plate=str(tmp_path / "p.####.png"))

    assert report.accepted
    assert [(group.check, group.frames) for group in report.groups] == [("readable", (1004,))]


def test_it_tells_how_far_it_is(delivered: Path) -> None:
    told: list[tuple[int, int]] = []
    opened = open_plate({frame: picture(frame) for frame in FRAMES})
    (claims,) = find_delivered(str(delivered))

    check_delivery(
        claims, opened, FRAMES, limits_for(64), lambda done, count: told.append((done, count))
    )

    assert told == [(done, 8) for done in range(1, 9)]


def test_a_long_sequence_takes_no_more_memory_than_a_short_one(
    tmp_path: Path, write_exr: WriteExr
) -> None:
    peaks = []
    plate = {frame: np.zeros((64, 96, 3), np.uint8) for frame in range(1, 61)}
    matte = write_exr(tmp_path / "m.1.exr", soft_disc(40))
    for frames in (20, 60):
        for frame in range(2, frames + 1):
            (tmp_path / f"m.{frame}.exr").write_bytes(matte.read_bytes())
        each = []
        for _ in range(3):  # what a thread of another test's asks for meanwhile isn't ours
            tracemalloc.start()
            checked(tmp_path, range(1, frames + 1), plate)
            each.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        peaks.append(min(each))

    # a frame's matte alone is 64 * 96 * 4 = 25 kB; what is kept of a frame are a few numbers
    assert peaks[1] - peaks[0] < 40 * 10_000
