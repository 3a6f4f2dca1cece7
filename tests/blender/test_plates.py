# SPDX-License-Identifier: Apache-2.0
"""Plates in real Blenders: which files they are, and why some are none."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from blenders import Blender
from stmatte.images import write_mattes

BLACK = np.zeros((6, 8, 3), np.uint8)


def test_plates_are_found_as_files_or_refused_with_what_to_do(
    blender: Blender, tmp_path: Path
) -> None:
    (tmp_path / "lost").mkdir()
    names = [f"p.{number:04d}.png" for number in (990, 991, 992, 994, 995)]
    for name in (*names, "n.-0002.png", "still.png", "away.0001.png", "lost/l.0001.png"):
        assert cv2.imwrite(str(tmp_path / name), BLACK)
    write_mattes(tmp_path / "layers.0001.exr", {"hero": np.zeros((6, 8), np.float32)})
    movie = cv2.VideoWriter(
        str(tmp_path / "m.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 24, (64, 48), True
    )
    if not movie.isOpened():
        pytest.skip("OpenCV writes no movie here")
    for _ in range(7):
        movie.write(np.zeros((48, 64, 3), np.uint8))
    movie.release()

    told = blender.run("plates_found.py", tmp_path).told

    pattern, size = str(tmp_path / "p.####.png"), [8, 6]
    assert "Choose the movie clip" in told["none"]
    assert told["clip"] == [pattern, size, 989, 1, 6]  # file 990 on frame 1
    assert told["clip moved"] == [pattern, size, 996, -6, -1]  # file 991 on frame -5
    assert told["image without a node"] == [pattern, size, 989, 1, 6]
    assert told["image with a node"] == [pattern, size, 889, 101, 103]  # 994 is beyond the node's
    assert "shows none of its files" in told["node shows nothing"]
    assert told["layers"] == [str(tmp_path / "layers.####.exr"), size, 0, 1, 1]
    assert "below 0" in told["negative"]
    assert "no number" in told["no number"]
    assert "single picture" in told["single"]
    assert "generated" in told["generated"]
    assert "Unpack it" in told["packed"]
    assert "not on the disk" in told["away"]
    assert "not on the disk" in told["lost"]
    assert "Save the file" in told["never saved"]
    assert told["relative"][0] == pattern
    assert told["movie"] == [str(tmp_path / "m.avi"), [64, 48], 0, 1, 7]
