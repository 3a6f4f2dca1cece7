# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from math import nan
from pathlib import Path

import pytest

from stmatte.errors import StmatteError
from stmatte.evaluation.report import Report, Row, as_csv, as_table, write_csv

# J of bear: mean 0.75, all above 0.5, decay 0.5. F of bear: mean 0.5, recall 1/2, decay 0.5.
# With two frames the five ends are 0, 0, 1, 1, 1: first quarter [x0], last quarter [x1].
BEAR = Row("bear", ("00001", "00002"), j=(1.0, 0.5 + 2**-10), f=(0.75, 0.25))
CAMEL = Row("camel", ("00001",), j=(0.25,), f=(1.0,))

TABLE = """\
| DAVIS-2016 | frames | J&F-Mean | J-Mean | J-Recall | J-Decay | F-Mean | F-Recall | F-Decay |
| ---------- | -----: | -------: | -----: | -------: | ------: | -----: | -------: | ------: |
| bear       |      2 |    0.625 |  0.750 |    1.000 |   0.499 |  0.500 |    0.500 |   0.500 |
| camel      |      1 |    0.625 |  0.250 |    0.000 |   0.000 |  1.000 |    1.000 |   0.000 |
| mean       |      3 |    0.625 |  0.500 |    0.500 |   0.250 |  0.750 |    0.750 |   0.250 |
"""


def test_every_row_weighs_the_same_in_the_mean() -> None:
    report = Report("DAVIS-2016", (BEAR, CAMEL))

    assert report.region.mean == (0.75 + 2**-11 + 0.25) / 2
    assert report.contour.mean == (0.5 + 1.0) / 2
    assert report.contour.decay == (0.5 + 0.0) / 2
    assert report.mean == (report.region.mean + report.contour.mean) / 2


def test_the_table_has_three_decimals_and_the_mean_last() -> None:
    assert as_table(Report("DAVIS-2016", (BEAR, CAMEL))) == TABLE


def test_the_table_says_which_masks_were_there_already() -> None:
    table = as_table(Report("DAVIS-2016", (BEAR, CAMEL), reused=("bear",)))

    assert table.endswith("\nMasks that were there already: bear.\n")


def test_the_csv_keeps_full_precision(tmp_path: Path) -> None:
    report = Report("DAVIS-2016", (BEAR, CAMEL))

    write_csv(report, tmp_path / "scores.csv")

    text = (tmp_path / "scores.csv").read_text()
    assert text == as_csv(report)
    assert text.splitlines() == [
        "name,frames,J&F-Mean,J-Mean,J-Recall,J-Decay,F-Mean,F-Recall,F-Decay",
        "bear,2,0.625244140625,0.75048828125,1.0,0.4990234375,0.5,0.5,0.5",
        "camel,1,0.625,0.25,0.0,0.0,1.0,1.0,0.0",
        "mean,3,0.6251220703125,0.500244140625,0.5,0.24951171875,0.75,0.75,0.25",
    ]


def measured_report() -> Report:
    known = {"jitter": 0.5, "pop": nan, "strayed": 2, "switches": 1}
    return Report(
        "DAVIS-2017",
        (BEAR, CAMEL),
        measures={"bear": known, "camel": {**known, "jitter": 1.0, "switches": 3}},
    )


def test_what_else_is_measured_stands_in_tables_of_its_own() -> None:
    table = as_table(measured_report())

    assert table.split("\n\n")[1:] == [
        (
            "| steadiness (px) | jitter | pop |\n"
            "| --------------- | -----: | --: |\n"
            "| bear            |  0.500 |     |\n"
            "| camel           |  1.000 |     |\n"
            "| mean            |  0.750 |     |"
        ),
        (
            "| identities (frames, times) | strayed | switches |\n"
            "| -------------------------- | ------: | -------: |\n"
            "| bear                       |       2 |        1 |\n"
            "| camel                      |       2 |        3 |\n"
            "| sum                        |       4 |        4 |\n"
        ),
    ]


def test_what_else_is_measured_has_columns_in_the_csv() -> None:
    lines = as_csv(measured_report()).splitlines()

    assert lines[0].endswith(",F-Decay,jitter,pop,strayed,switches")
    assert [line.rsplit(",", 4)[1:] for line in lines[1:]] == [
        ["0.5", "", "2", "1"],
        ["1.0", "", "2", "3"],
        ["0.75", "", "4", "4"],
    ]


def test_an_unwritable_csv_is_named(tmp_path: Path) -> None:
    with pytest.raises(StmatteError, match=r"scores\.csv cannot be written"):
        write_csv(Report("DAVIS-2016", (BEAR,)), tmp_path / "nowhere" / "scores.csv")
