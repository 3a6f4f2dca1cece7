# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from stmatte.errors import StmatteError
from stmatte.evaluation import open_davis
from stmatte.evaluation.corrections import (
    Corrected,
    Worked,
    correct,
    evaluate_corrections,
    keys_needed,
    one_in_twenty,
)
from stmatte.evaluation.corrections_report import (
    as_csv,
    as_markdown,
    mean_curves,
    write_corrections,
)
from stmatte.evaluation.keyed import Follow, copy_nearest
from stmatte.evaluation.pictures import Picture, read_mask

from .conftest import box


def test_keys_needed_are_counted_up_to_the_first_that_are_as_good() -> None:
    scores = (0.5, 0.7, 0.65, 0.9)

    assert [keys_needed(scores, wanted) for wanted in (0.4, 0.7, 0.71, 0.9, 0.95)] == [
        *[1, 2, 4, 4],
        None,
    ]


def test_one_correction_in_twenty_frames_counts_twenties_that_have_begun() -> None:
    assert [one_in_twenty(frames) for frames in (1, 20, 21, 43, 50, 100)] == [1, 1, 2, 3, 3, 5]


def test_the_robot_keys_the_worst_frame_and_what_is_redone_is_counted(plain_layout: Path) -> None:
    (bear,) = open_davis(plain_layout).sequences("bear")
    # a box of 8 columns moves one a frame: n frames from its key, 8 - n of 8 + n are shared
    first, second = correct(bear, copy_nearest, 1)

    assert (first.keys, first.redone) == ((0,), 5)
    assert first.j == pytest.approx((7 / 9 + 6 / 10 + 5 / 11 + 4 / 12) / 4)
    assert first.unkeyed == first.j
    # the last frame is the worst; 1 and 2 stay as they are, 3 and 4 are 2 and 1 frames from it
    assert (second.keys, second.redone) == ((0, 5), 4)
    assert second.j == pytest.approx((7 / 9 + 6 / 10 + 6 / 10 + 7 / 9) / 4)


def test_keyed_frames_count_in_one_mean_and_not_in_the_other(plain_layout: Path) -> None:
    (bear,) = open_davis(plain_layout).sequences("bear")

    third = correct(bear, copy_nearest, 2)[-1]

    assert third.keys == (0, 2, 5)  # 2 is the first of the worst
    # 1 is one frame from 0; 3 one from 2; 4 one from 5
    assert third.j == pytest.approx((1 + 3 * 7 / 9) / 4)
    assert third.unkeyed == pytest.approx(7 / 9)


def test_it_ends_where_it_is_good_enough_or_all_is_keyed(plain_layout: Path) -> None:
    (bear,) = open_davis(plain_layout).sequences("bear")

    assert len(correct(bear, copy_nearest, 99, enough=0.6)) == 2
    everything = correct(bear, copy_nearest, 99)
    assert everything[-1].keys == tuple(range(6))
    assert (everything[-1].j, everything[-1].unkeyed) == (1.0, 1.0)


def test_a_sequence_that_is_done_is_not_done_again(plain_layout: Path, tmp_path: Path) -> None:
    asked = []

    def method(pictures: Sequence[Picture]) -> Follow:
        asked.append(len(pictures))
        return copy_nearest(pictures)

    sequences = open_davis(plain_layout).sequences("all")
    out = tmp_path / "out"
    first = evaluate_corrections(sequences[:1], method, out, label="copy", corrections=2)
    both = evaluate_corrections(sequences, method, out, label="copy", corrections=2)

    assert asked == [6, 6]
    assert both[0] == first[0]
    assert [one.sequence for one in both] == ["camel", "bear"]
    assert [len(one.rounds) for one in both] == [3, 3]
    keyed = out / "bear" / "00005.png"  # masks after the last correction
    assert (read_mask(keyed) == box(9)).all()


def test_the_work_of_another_method_is_never_taken_for_one_s_own(
    plain_layout: Path, tmp_path: Path
) -> None:
    sequences = open_davis(plain_layout).sequences("bear")
    out = tmp_path / "out"
    evaluate_corrections(sequences, copy_nearest, out, label="copy", corrections=1)

    with pytest.raises(StmatteError, match='holds masks of "copy, 1 corrections", not of "other'):
        evaluate_corrections(sequences, copy_nearest, out, label="other", corrections=1)


def synthetic() -> Worked:
    """A network that is as good with 2 keys as lines are with 4 and flow is with 3."""
    return Worked(
        sequence="bear",
        frames=30,
        rounds=(
            Corrected((0,), 0.6, 0.5, 0.6, 29, 3.0),
            Corrected((0, 12), 0.8, 0.7, 0.75, 28, 2.0),
            Corrected((0, 12, 20), 0.95, 0.9, 0.9, 9, 1.0),
        ),
        floors={"linear": (0.3, 0.5, 0.7, 0.85, 0.9), "dis-flow": (0.5, 0.7, 0.8, 0.96)},
        measures={
            **dict.fromkeys(("jitter", "truth-jitter", "jitter-worst"), 0.5),
            **dict.fromkeys(("offset-spread", "pop", "truth-pop"), 0.25),
        },
    )


def test_keys_saved_are_what_simple_ways_need_more() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv([synthetic()]))))

    assert [row["keyed"] for row in rows] == ["0", "0 12", "0 12 20"]
    assert [row["linear-keys"] for row in rows] == ["3", "4", "30"]  # never: all 30 frames
    assert [row["linear-saved"] for row in rows] == ["2", "2", "27"]
    assert [row["dis-flow-saved"] for row in rows] == ["1", "1", "1"]
    assert [row["one-in-20"] for row in rows] == ["0", "0", "1"]  # 30 frames: 2 corrections


def test_the_table_has_a_row_for_one_correction_in_twenty_frames(tmp_path: Path) -> None:
    table = as_markdown([synthetic()])

    row = next(line for line in table.splitlines() if line.startswith("| one in 20"))
    assert row == (
        "| one in 20 frames | 0.950 | 0.900 | 0.900 | 9.0 | 3.0 | 30.0 | 4.0 | 27.0 | 1.0 |"
    )
    write_corrections([synthetic()], tmp_path)
    assert (tmp_path / "corrections.md").read_text() == table
    assert (tmp_path / "corrections.svg").read_text().startswith("<svg")
    assert (tmp_path / "floors.csv").read_text().splitlines()[1] == "bear,linear,1,0.3"


def test_the_curves_are_means_by_number_of_corrections() -> None:
    other = replace(synthetic(), floors={"linear": (0.5,), "dis-flow": (0.7, 0.9)})

    curves = mean_curves([synthetic(), other])

    assert curves["corrected"] == [0.6, 0.8, 0.95]
    assert curves["linear"] == pytest.approx([0.4, 0.5, 0.6])  # 0.3 0.5 0.7 and 0.5 again and again
    assert curves["dis-flow"] == pytest.approx([0.6, 0.8, 0.85])


def test_sequences_that_are_shorter_stay_where_they_were_when_all_was_keyed() -> None:
    short = Worked("ant", 3, synthetic().rounds[:1], synthetic().floors, synthetic().measures)

    table = as_markdown([synthetic(), short])

    # after 2 corrections: the mean of 0.95 and of 0.6
    assert "| 2 | 0.775 |" in table


def test_nothing_to_do_or_to_score_is_an_error(plain_layout: Path, tmp_path: Path) -> None:
    (bear,) = open_davis(plain_layout).sequences("bear")
    short = replace(bear, pictures=bear.pictures[:2], annotations=bear.annotations[:2])

    for asked, corrections, said in (
        ((), 5, "no sequence to evaluate"),
        ((bear,), -1, "-1 corrections"),
        ((short,), 5, '"bear" has 2 frames, none is left to score'),
    ):
        with pytest.raises(StmatteError, match=said):
            evaluate_corrections(
                asked, copy_nearest, tmp_path, label="copy", corrections=corrections
            )
