# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from stmatte.errors import StmatteError
from stmatte.evaluation.davis import open_davis
from stmatte.evaluation.davis16 import evaluate
from stmatte.evaluation.floors import Matte, copy_first
from stmatte.evaluation.pictures import Picture, read_labels
from stmatte.evaluation.report import as_csv, as_table
from stmatte.evaluation.running import Progress
from stmatte.evaluation.scoring import score

from .conftest import FRAMES, box, write_png

# The box is 8 x 8 and moves a column a frame. At frame k the first mask shares (8 - k) * 8
# places of (8 + k) * 8. Frames 1 to 4 are judged.
COPY_J = (7 / 9, 6 / 10, 5 / 11, 4 / 12)


def never(_frames: Iterable[Picture], _first: Matte) -> Iterator[Matte]:
    raise AssertionError("nothing was to be propagated")


@pytest.mark.parametrize("layout", ["own_layout", "plain_layout"])
def test_copying_scores_what_can_be_counted_by_hand(
    layout: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    sequences = open_davis(request.getfixturevalue(layout)).sequences("camel,bear")

    report = evaluate(sequences, copy_first, tmp_path / "out", label="copy-first")

    assert [row.name for row in report.rows] == ["camel", "bear"]
    assert report.rows[0].j == COPY_J
    assert report.rows[0].region.recall == 2 / 4
    assert report.region.mean == pytest.approx(sum(COPY_J) / 4, abs=1e-15)
    # F forgives one place here (0.008 of a diagonal of 40): frame 1 is forgiven wholly.
    assert report.rows[0].f[0] == 1.0


def test_masks_and_tables_are_left_in_the_folder(own_layout: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"

    report = evaluate(open_davis(own_layout).sequences("val"), copy_first, out, label="copy-first")

    files = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    masks = [f"camel/{frame:05d}.png" for frame in range(FRAMES)]
    assert files == [*masks, "frames.csv", "method.txt", "scores.csv", "scores.md", "speed.csv"]
    np.testing.assert_array_equal(read_labels(out / "camel" / "00005.png"), box(4) * 255)
    assert (out / "scores.csv").read_text() == as_csv(report)
    assert (out / "scores.md").read_text() == as_table(report)


def test_scoring_the_folder_again_gives_the_same_rows(own_layout: Path, tmp_path: Path) -> None:
    sequences = open_davis(own_layout).sequences("all")
    report = evaluate(sequences, copy_first, tmp_path / "out", label="copy-first")

    again = score(tmp_path / "out", own_layout / "Annotations" / "480p")

    assert again == report


def test_a_matte_is_inside_from_a_half_on(plain_layout: Path, tmp_path: Path) -> None:
    def half(frames: Iterable[Picture], first: Matte) -> Iterator[Matte]:
        below = np.nextafter(np.float32(0.5), np.float32(0))
        return (np.where(first > 0, np.float32(0.5), below) for _ in frames)

    evaluate(open_davis(plain_layout).sequences("bear"), half, tmp_path / "out", label="half")

    np.testing.assert_array_equal(read_labels(tmp_path / "out/bear/00003.png"), box(4) * 255)


def test_complete_sequences_are_not_propagated_again(plain_layout: Path, tmp_path: Path) -> None:
    davis, out = open_davis(plain_layout), tmp_path / "out"
    once = evaluate(davis.sequences("bear"), copy_first, out, label="copy-first")
    told: list[Progress] = []

    again = evaluate(davis.sequences("bear"), never, out, label="copy-first", progress=told.append)

    assert again.rows == once.rows
    assert again.reused == ("bear",)
    assert told == [Progress("bear", 1, 1, FRAMES, FRAMES, reused=True)]


def test_a_sequence_that_was_stopped_is_propagated_from_its_start(
    plain_layout: Path, tmp_path: Path
) -> None:
    def stopped(frames: Iterable[Picture], first: Matte) -> Iterator[Matte]:
        for at, _ in enumerate(frames):
            if at == 3:
                raise KeyboardInterrupt
            yield first

    sequences, out = open_davis(plain_layout).sequences("all"), tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        evaluate(sequences, stopped, out, label="copy-first")
    assert len(list((out / "camel").iterdir())) == 3

    report = evaluate(sequences, copy_first, out, label="copy-first")

    assert report.reused == ()
    assert [row.j for row in report.rows] == [COPY_J, COPY_J]


def test_progress_tells_every_frame(own_layout: Path, tmp_path: Path) -> None:
    told: list[Progress] = []

    evaluate(
        open_davis(own_layout).sequences("bear,camel"),
        copy_first,
        tmp_path / "out",
        label="copy-first",
        progress=told.append,
    )

    assert told[0] == Progress("bear", 1, 2, 1, FRAMES)
    assert told[-1] == Progress("camel", 2, 2, FRAMES, FRAMES)
    assert len(told) == 2 * FRAMES


def test_masks_of_another_method_are_not_taken_for_ones_own(
    plain_layout: Path, tmp_path: Path
) -> None:
    sequences, out = open_davis(plain_layout).sequences("bear"), tmp_path / "out"
    evaluate(sequences, copy_first, out, label="copy-first")

    with pytest.raises(StmatteError, match='holds masks of "copy-first", not of "stm"'):
        evaluate(sequences, never, out, label="stm")


def test_masks_of_unknown_origin_are_not_taken_for_ones_own(
    plain_layout: Path, tmp_path: Path
) -> None:
    write_png(tmp_path / "out" / "bear" / "00000.png", np.zeros((2, 2), np.uint8))

    with pytest.raises(StmatteError, match='holds masks of "unknown"'):
        evaluate(open_davis(plain_layout).sequences("bear"), never, tmp_path / "out", label="stm")


def test_an_empty_first_mask_is_named(plain_layout: Path, tmp_path: Path) -> None:
    write_png(plain_layout / "Annotations/bear/00000.png", np.zeros((24, 32), np.uint8))

    with pytest.raises(StmatteError, match='first mask of sequence "bear" is empty'):
        evaluate(open_davis(plain_layout).sequences("bear"), never, tmp_path / "out", label="x")


@pytest.mark.parametrize(("given", "at"), [(FRAMES - 1, FRAMES - 1), (FRAMES + 1, FRAMES + 1)])
def test_a_method_gives_one_matte_per_frame(
    plain_layout: Path, tmp_path: Path, given: int, at: int
) -> None:
    def miscounting(_frames: Iterable[Picture], first: Matte) -> Iterator[Matte]:
        return iter([first] * given)

    with pytest.raises(StmatteError, match=f"broke its promise at matte {at}.*6 mattes of 32x24"):
        evaluate(
            open_davis(plain_layout).sequences("bear"), miscounting, tmp_path / "out", label="x"
        )


def test_no_sequence_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StmatteError, match="no sequence to evaluate"):
        evaluate((), copy_first, tmp_path / "out", label="x")


def test_copying_on_the_shortest_development_sequence(davis_dev: Path, tmp_path: Path) -> None:
    sequences = open_davis(davis_dev).sequences("rollerblade")

    report = evaluate(sequences, copy_first, tmp_path / "out", label="copy-first")

    (row,) = report.rows
    assert len(row.frames) == 33
    assert (round(row.region.mean, 3), round(row.contour.mean, 3)) == (0.028, 0.030)
