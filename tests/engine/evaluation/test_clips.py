# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stmatte.errors import StmatteError
from stmatte.evaluation.clips import open_sequences

from .conftest import FRAMES, box, box_frame, write_png


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """Two clips of a box; the second one lacks a soft matte."""
    root = tmp_path / "clips"
    for name in ("a", "b"):
        for frame in range(FRAMES):
            write_png(root / name / "frames" / f"{frame:05d}.png", box_frame(4))
            write_png(root / name / "labels" / f"{frame:05d}.png", box(4).astype(np.uint8))
            write_png(root / name / "alpha" / f"{frame:05d}.png", box_frame(4))
    (root / "b" / "alpha" / "00002.png").unlink()
    (root / "PHOTOS.csv").write_text("")
    return root


def test_a_clip_is_a_sequence_with_soft_mattes_where_all_are_there(clips: Path) -> None:
    one, other = open_sequences(clips, "all")

    assert (one.name, other.name) == ("a", "b")
    assert one.pictures[3] == clips / "a" / "frames" / "00003.png"
    assert one.annotations[3] == clips / "a" / "labels" / "00003.png"
    assert one.alphas[3] == clips / "a" / "alpha" / "00003.png"
    assert (len(one.alphas), other.alphas) == (FRAMES, ())


def test_a_clip_can_be_asked_for_by_its_name(clips: Path) -> None:
    assert [sequence.name for sequence in open_sequences(clips, "b")] == ["b"]
    with pytest.raises(StmatteError, match=r'"c" is not in .*there are a, b'):
        open_sequences(clips, "c")


def test_a_clip_that_lacks_a_label_names_the_folder(clips: Path) -> None:
    (clips / "a" / "labels" / "00001.png").unlink()

    with pytest.raises(StmatteError, match=r'00001 of sequence "a" has no annotation in .*labels'):
        open_sequences(clips, "a")


def test_a_davis_folder_is_still_one(plain_layout: Path) -> None:
    found = open_sequences(plain_layout, "all")

    assert [sequence.name for sequence in found] == ["camel", "bear"]
    assert found[0].alphas == ()


def test_a_folder_that_is_neither_is_told_what_davis_holds(tmp_path: Path) -> None:
    with pytest.raises(StmatteError, match="it has no JPEGImages"):
        open_sequences(tmp_path, "all")
