# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stmatte.errors import StmatteError
from stmatte.images import Plate, open_plate


def numbers(plate: Plate, frames: list[int]) -> list[int]:
    """Return the number that each frame carries in its red."""
    return [round(float(plate.read(f).pixels[:, :, 0].mean()) * 25.5) for f in frames]


@pytest.mark.parametrize("name", ["v.mp4", "v.avi"])
def test_video_frames_count_from_one_in_any_order(
    tmp_path: Path, write_video: Any, name: str
) -> None:
    plate = open_plate(str(write_video(tmp_path / name, 20)))
    order = [1, 2, 3, 20, 19, 18, 5, 6, 1, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 2]

    assert (plate.frames, plate.size, plate.pixel_aspect) == (tuple(range(1, 21)), (48, 64), 1.0)
    assert numbers(plate, order) == order
    assert plate.read(5).space == "srgb_rec709_scene"


def test_red_stays_red(tmp_path: Path, write_video: Any) -> None:
    pixels = open_plate(str(write_video(tmp_path / "v.avi", 20))).read(20).pixels

    assert np.allclose(pixels[24, 32], [200 / 255, 0, 0], atol=0.03)


def test_reading_forwards_never_seeks(
    tmp_path: Path, write_video: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plate: Any = open_plate(str(write_video(tmp_path / "v.mp4", 20)))
    sought: list[int] = []
    monkeypatch.setattr(plate.video, "_go_to", sought.append)

    for frame in plate.frames:
        plate.read(frame)

    assert sought == []


def test_reading_backwards_seeks_once_for_eight_frames(
    tmp_path: Path, write_video: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plate: Any = open_plate(str(write_video(tmp_path / "v.mp4", 20)))
    plate.read(20)
    sought: list[int] = []
    go_to = plate.video._go_to
    monkeypatch.setattr(plate.video, "_go_to", lambda f: (sought.append(f), go_to(f)))

    assert numbers(plate, [19, 18, 17, 16, 15, 14, 13, 12, 11]) == list(range(19, 10, -1))
    assert sought == [12, 4]


def test_a_truncated_video_has_the_frames_that_can_be_read(
    tmp_path: Path, write_video: Any
) -> None:
    path = write_video(tmp_path / "v.avi", 20)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * 0.6)])
    plate = open_plate(str(path))
    last = plate.frames[-1]

    assert 1 <= last < 20  # the header still states 20
    assert numbers(plate, [last, 1]) == [last, 1]
    with pytest.raises(StmatteError, match=rf"Plate frame {last + 1} is missing .* 1-{last}"):
        plate.read(last + 1)


def test_what_is_no_video_is_said(tmp_path: Path) -> None:
    (tmp_path / "v.mov").write_bytes(b"no video")

    with pytest.raises(StmatteError, match=r'Video ".*v\.mov" cannot be read'):
        open_plate(str(tmp_path / "v.mov"))
    with pytest.raises(StmatteError, match=r'Video ".*w\.mov" does not exist'):
        open_plate(str(tmp_path / "w.mov"))
