# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.evaluation.scoring import score

from .conftest import FRAMES, box, write_png

GOLDEN = Path(__file__).parents[2] / "parity" / "golden" / "metrics_sequences.npz"


def write_video(folder: Path, labels: NDArray[np.uint8]) -> None:
    for frame, picture in enumerate(labels):
        write_png(folder / f"{frame:05d}.png", picture)


def boxes(*lefts: int, inside: int = 255) -> NDArray[np.uint8]:
    return np.stack([box(left).astype(np.uint8) * inside for left in lefts])


def test_several_objects_score_as_in_the_public_evaluation_of_davis_2017(tmp_path: Path) -> None:
    golden = np.load(GOLDEN)
    names = sorted({name.split("_")[0] for name in golden.files if name.startswith("seq")})
    for name in names:
        write_video(tmp_path / "truth" / name, golden[f"{name}_truth"])
        write_video(tmp_path / "masks" / name, golden[f"{name}_prediction"])

    report = score(tmp_path / "masks", tmp_path / "truth")

    assert report.protocol == "DAVIS-2017"
    rows = iter(report.rows)
    for name in names:
        for number, (j, f) in enumerate(
            zip(golden[f"{name}_J"], golden[f"{name}_F"], strict=True), start=1
        ):
            row = next(rows)
            assert row.name == f"{name}_{number}"
            np.testing.assert_allclose(row.j, j, rtol=0, atol=1e-12)
            np.testing.assert_allclose(row.f, f, rtol=0, atol=1e-12)
            for ours, kind in ((row.region, "J"), (row.contour, "F")):
                np.testing.assert_allclose(
                    (ours.mean, ours.recall, ours.decay),
                    golden[f"{name}_{kind}_MRD"][number - 1],
                    rtol=0,
                    atol=1e-12,
                )
    assert next(rows, None) is None
    j, f = report.region, report.contour
    np.testing.assert_allclose(
        (report.mean, j.mean, j.recall, j.decay, f.mean, f.recall, f.decay),
        golden["global_JF_Jm_Jr_Jd_Fm_Fr_Fd"],
        rtol=0,
        atol=1e-12,
    )


def test_the_first_and_the_last_frame_count_for_nothing(tmp_path: Path) -> None:
    write_video(tmp_path / "truth", boxes(4, 4, 4, 4))
    write_video(tmp_path / "masks", boxes(4, 4, 8, 4))
    (tmp_path / "masks" / "00000.png").unlink()
    (tmp_path / "masks" / "00003.png").write_bytes(b"never opened")

    report = score(tmp_path / "masks", tmp_path / "truth")

    (row,) = report.rows
    assert (report.protocol, row.name, row.frames) == ("DAVIS-2016", "truth", ("00001", "00002"))
    assert row.j == (1.0, 32 / 96)  # shifted by half of 8 columns: 4 of 12 columns are shared


@pytest.mark.parametrize("inside", [1, 255])
def test_one_object_may_be_written_as_one_or_as_255(tmp_path: Path, inside: int) -> None:
    write_video(tmp_path / "truth" / "bear", boxes(4, 5, 6, inside=256 - inside))
    write_video(tmp_path / "masks" / "bear", boxes(4, 5, 6, inside=inside))

    report = score(tmp_path / "masks", tmp_path / "truth")

    assert (report.protocol, report.mean) == ("DAVIS-2016", 1.0)
    assert [row.name for row in report.rows] == ["bear"]


def test_255_is_background_where_objects_are_numbered(tmp_path: Path) -> None:
    truth = boxes(4, 4, 4, inside=1) + boxes(20, 20, 20, inside=2)
    void = truth.copy()
    void[:, 0] = 255
    write_video(tmp_path / "truth" / "bear", void)
    write_video(tmp_path / "masks" / "bear", truth)

    report = score(tmp_path / "masks", tmp_path / "truth")

    assert [row.name for row in report.rows] == ["bear_1", "bear_2"]
    assert report.mean == 1.0


def test_an_object_that_is_never_predicted_scores_zero(tmp_path: Path) -> None:
    write_video(tmp_path / "truth" / "bear", boxes(4, 4, 4, inside=1) + boxes(20, 20, 20, inside=2))
    write_video(tmp_path / "masks" / "bear", boxes(4, 4, 4, inside=1))

    first, second = score(tmp_path / "masks", tmp_path / "truth").rows

    assert (first.j, first.f, second.j, second.f) == ((1.0,), (1.0,), (0.0,), (0.0,))


def test_a_number_that_the_truth_has_not_is_refused(tmp_path: Path) -> None:
    write_video(tmp_path / "truth" / "bear", boxes(4, 4, 4, inside=2))
    write_video(tmp_path / "masks" / "bear", boxes(4, 4, 4, inside=255))

    with pytest.raises(StmatteError, match=r"00001\.png holds the number 255.*objects 1 to 2"):
        score(tmp_path / "masks", tmp_path / "truth")


def test_a_missing_prediction_is_named(tmp_path: Path) -> None:
    for kind in ("truth", "masks"):
        write_video(tmp_path / kind / "bear", boxes(*range(FRAMES)))
    (tmp_path / "masks" / "bear" / "00002.png").unlink()

    with pytest.raises(StmatteError, match=r"bear.00002\.png is missing"):
        score(tmp_path / "masks", tmp_path / "truth")


def test_a_missing_sequence_is_an_error_unless_others_are_named(tmp_path: Path) -> None:
    for name in ("bear", "camel"):
        write_video(tmp_path / "truth" / name, boxes(4, 5, 6))
    shutil.copytree(tmp_path / "truth" / "camel", tmp_path / "masks" / "camel")

    with pytest.raises(StmatteError, match=r"bear.00001\.png is missing"):
        score(tmp_path / "masks", tmp_path / "truth")
    assert score(tmp_path / "masks", tmp_path / "truth", ["camel"]).mean == 1.0


def test_an_unknown_sequence_lists_those_that_exist(tmp_path: Path) -> None:
    write_video(tmp_path / "truth" / "bear", boxes(4, 5, 6))

    with pytest.raises(StmatteError, match=r'"bare" has no truth .*there are bear'):
        score(tmp_path, tmp_path / "truth", ["bare"])


def test_a_prediction_of_another_size_is_named_with_both_sizes(tmp_path: Path) -> None:
    write_video(tmp_path / "truth" / "bear", boxes(4, 5, 6))
    write_video(tmp_path / "masks" / "bear", boxes(4, 5, 6)[:, :12])

    with pytest.raises(StmatteError, match=r"00001\.png is 32x12, its truth is 32x24"):
        score(tmp_path / "masks", tmp_path / "truth")


def test_two_frames_leave_none_to_score(tmp_path: Path) -> None:
    write_video(tmp_path / "truth" / "bear", boxes(4, 5))

    with pytest.raises(StmatteError, match='"bear" has 2 frames, none is left to score'):
        score(tmp_path / "truth", tmp_path / "truth")


def test_numbered_objects_have_to_be_in_the_first_frame(tmp_path: Path) -> None:
    write_video(tmp_path / "truth" / "bear", boxes(4, 5, 6, inside=2))
    write_video(tmp_path / "truth" / "camel", boxes(4, 5, 6, inside=0))

    with pytest.raises(StmatteError, match='first frame of sequence "camel" holds no object'):
        score(tmp_path / "truth", tmp_path / "truth")


@pytest.mark.parametrize(("place", "what"), [("", "holds no truth"), ("gone", "no folder")])
def test_a_place_without_truth_is_refused(tmp_path: Path, place: str, what: str) -> None:
    with pytest.raises(StmatteError, match=what):
        score(tmp_path, tmp_path / place)
