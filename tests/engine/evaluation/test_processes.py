# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from operator import truediv
from pathlib import Path

import pytest

from stmatte.errors import StmatteError
from stmatte.evaluation.davis import open_davis
from stmatte.evaluation.davis16 import evaluate
from stmatte.evaluation.floors import copy_first
from stmatte.evaluation.processes import each
from stmatte.evaluation.scoring import score


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_the_order_of_what_was_asked(jobs: int) -> None:
    assert each(truediv, [(1, 2), (3, 4), (5, 8)], jobs) == [0.5, 0.75, 0.625]


def test_what_fails_in_another_process_fails_here() -> None:
    with pytest.raises(ZeroDivisionError):
        each(truediv, [(1, 2), (1, 0)], 2)


@pytest.mark.parametrize("jobs", [0, 257])
def test_a_number_that_makes_no_sense_is_refused(jobs: int) -> None:
    with pytest.raises(StmatteError, match="1 to 256"):
        each(truediv, [(1, 2)], jobs)


def test_scores_are_the_same_in_several_processes(plain_layout: Path, tmp_path: Path) -> None:
    sequences = open_davis(plain_layout).sequences("all")
    report = evaluate(sequences, copy_first, tmp_path / "out", label="copy-first")

    again = score(tmp_path / "out", plain_layout / "Annotations", ["camel", "bear"], jobs=2)

    assert again.rows == report.rows
