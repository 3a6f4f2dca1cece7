# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from stmatte.errors import StmatteError
from stmatte.evaluation.floors import copy_first
from stmatte.evaluation.pictures import write_labels
from stmatte.evaluation.report import Report, Row
from stmatte.evaluation.tasks import one_object
from stmatte.evaluation.youtube_vos import (
    Judged,
    evaluate_youtube_vos,
    judged_by_category,
    open_youtube_vos,
    score_videos,
)

COPY = one_object(copy_first)


@pytest.fixture
def valid(tmp_path: Path) -> Path:
    """One video of 11 frames; every fifth is annotated, object 2 begins on frame 5."""
    root = tmp_path / "ytvos" / "valid"
    for kind in ("JPEGImages", "Annotations"):
        (root / kind / "v1").mkdir(parents=True)
    for frame in range(11):
        picture = np.full((16, 24, 3), 40 + frame, np.uint8)
        assert cv2.imwrite(str(root / "JPEGImages" / "v1" / f"{frame:05d}.jpg"), picture)
    for frame in (0, 5, 10):
        labels = np.zeros((16, 24), np.uint8)
        labels[2:10, 2:10] = 1
        if frame:
            labels[4:12, 14 : 14 + (8 if frame == 5 else 4)] = 2
        write_labels(root / "Annotations" / "v1" / f"{frame:05d}.png", labels)
    objects = {"1": {"category": "goat"}, "2": {"category": "sloth"}}
    (root / "meta.json").write_text(json.dumps({"videos": {"v1": {"objects": objects}}}))
    return root


def test_an_object_is_judged_after_the_frame_on_which_it_begins(
    valid: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    opened = open_youtube_vos(valid)
    evaluate_youtube_vos(opened, COPY, out, label="copy-first")

    rows = {row.name: row for row in score_videos(opened, out).rows}

    assert rows["v1_1"].frames == ("00005", "00010")
    assert rows["v1_1"].j == (1, 1)
    assert rows["v1_2"].frames == ("00010",)
    assert rows["v1_2"].j == (0.5,)  # 4 of 8 columns are left
    assert {row.name for row in score_videos(opened, out, drop_last=True).rows} == {"v1_1"}


def test_the_table_says_what_was_seen_in_training(valid: Path, tmp_path: Path) -> None:
    train = valid.parent / "train"
    train.mkdir()
    goat = {"videos": {"t": {"objects": {"1": {"category": "goat"}}}}}
    (train / "meta.json").write_text(json.dumps(goat))

    said = evaluate_youtube_vos(open_youtube_vos(valid), COPY, tmp_path / "out", label="copy-first")

    assert "J seen 100.0, J unseen 50.0" in said
    assert "count as seen" not in said


def test_g_is_the_mean_of_its_four_parts() -> None:
    rows = (
        Row("a_1", ("0",), (0.2,), (0.4,)),
        Row("a_2", ("0",), (0.6,), (1.0,)),
        Row("b_1", ("0",), (0.4,), (0.6,)),
    )
    categories = {("a", 1): "goat", ("a", 2): "sloth", ("b", 1): "goat"}

    found = judged_by_category(Report("YouTube-VOS", rows), categories, {"goat"})

    parts = (found.j_seen, found.j_unseen, found.f_seen, found.f_unseen)
    assert parts == pytest.approx((0.3, 0.6, 0.5, 1.0))
    assert found.g == pytest.approx(0.6)  # 2.4 / 4


def test_without_unseen_categories_g_is_the_mean_of_the_others() -> None:
    rows = (Row("a_1", ("0",), (0.2,), (0.4,)),)

    found = judged_by_category(Report("YouTube-VOS", rows), {}, ())

    assert isinstance(found, Judged)
    assert found.g == pytest.approx(0.3)


def test_masks_are_packed_as_the_server_wants_them_where_the_truth_is_kept(
    valid: Path, tmp_path: Path
) -> None:
    (valid / "Annotations" / "v1" / "00010.png").unlink()
    out = tmp_path / "out"

    said = evaluate_youtube_vos(open_youtube_vos(valid), COPY, out, label="copy-first")

    assert "the truth is not here" in said
    with zipfile.ZipFile(out / "submission.zip") as packed:
        assert packed.namelist() == [f"Annotations/v1/{frame:05d}.png" for frame in range(11)]


def test_what_is_no_such_folder_is_refused(tmp_path: Path, valid: Path) -> None:
    with pytest.raises(StmatteError, match="not a YouTube-VOS folder"):
        open_youtube_vos(tmp_path)
    with pytest.raises(StmatteError, match='Video "v2" is not in'):
        open_youtube_vos(valid, ["v2"])
