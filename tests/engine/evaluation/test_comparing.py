# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math
from pathlib import Path

import pytest

from stmatte.errors import StmatteError
from stmatte.evaluation.comparing import Run, as_table, distribution, read_run, speed_points
from stmatte.evaluation.davis import open_davis
from stmatte.evaluation.davis16 import evaluate
from stmatte.evaluation.floors import copy_first
from stmatte.evaluation.scatter import as_scatter


def test_a_distribution_tells_how_many_frames_reach_what() -> None:
    shares = distribution([0.0, 0.3, 0.95, 1.0])

    assert shares[0] == 1.0
    assert shares[3] == 0.75  # 0.3 itself counts
    assert shares[4] == 0.5
    assert shares[10] == 0.25


def test_a_run_is_read_from_what_an_evaluation_left(plain_layout: Path, tmp_path: Path) -> None:
    report = evaluate(
        open_davis(plain_layout).sequences("bear"), copy_first, tmp_path / "copy", label="copy"
    )

    run = read_run(tmp_path / "copy")

    assert (run.name, run.j) == ("copy", report.rows[0].j)
    assert run.seconds > 0


def test_what_was_not_made_again_keeps_its_speed(plain_layout: Path, tmp_path: Path) -> None:
    sequences = open_davis(plain_layout).sequences("all")
    evaluate(sequences[:1], copy_first, tmp_path / "copy", label="copy")
    before = read_run(tmp_path / "copy").seconds
    evaluate(sequences, copy_first, tmp_path / "copy", label="copy")

    lines = (tmp_path / "copy" / "speed.csv").read_text().splitlines()

    assert [line.split(",")[0] for line in lines] == ["sequence", "camel", "bear"]
    assert before > 0


def test_a_table_by_hand() -> None:
    table = as_table([Run("a", (0.25, 0.75), (0.5, 1.0), 0.5), Run("b", (1.0,), (1.0,), math.nan)])

    assert table.splitlines()[2:] == [
        "| a | 0.625 | 0.500 | 0.750 | 50.0% | 0.50 |",
        "| b | 1.000 | 1.000 | 1.000 | 0.0% |  |",
    ]


def test_runs_of_unknown_speed_are_no_points() -> None:
    runs = [Run("a", (0.5,), (0.7,), 0.5), Run("b", (1.0,), (1.0,), math.nan)]

    assert speed_points(runs) == {"a": (2.0, pytest.approx(0.6))}


def test_a_plot_has_every_point_with_its_name_and_stays_on_the_page() -> None:
    plot = as_scatter({"slow & good": (0.3, 0.86), "quick": (40.0, 0.25)}, "t", "x", "y")

    assert "slow &amp; good" in plot
    assert plot.count("<circle") == 2
    places = [float(part.split('"')[0]) for part in plot.split('cx="')[1:]]
    assert all(64 <= x <= 450 for x in places)


def test_a_folder_without_scores_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StmatteError, match="holds no scores of frames"):
        read_run(tmp_path)
