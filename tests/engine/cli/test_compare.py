# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from typing import Any

from .test_evaluate import write_sequence


def test_runs_are_compared_in_a_table_and_two_plots(run: Any, tmp_path: Path) -> None:
    write_sequence(tmp_path / "DAVIS", "bear", 1)
    for model in ("copy-first", "dis-flow"):
        made = run(
            *["evaluate", "davis16", "--root", tmp_path / "DAVIS", "--model", model],
            *["--out", tmp_path / model],
        )
        assert made.code == 0, made.err

    ran = run(
        "compare", tmp_path / "copy-first", tmp_path / "dis-flow", "--out", tmp_path / "plots"
    )

    assert ran.code == 0, ran.err
    assert [line.split(" | ")[0] for line in ran.out.splitlines()[2:]] == [
        "| copy-first",
        "| dis-flow",
    ]
    assert (tmp_path / "plots" / "comparison.md").read_text() == ran.out
    for plot in ("jaccard.svg", "speed.svg"):
        assert "dis-flow" in (tmp_path / "plots" / plot).read_text()


def test_a_folder_that_holds_no_run_is_told(run: Any, tmp_path: Path) -> None:
    ran = run("compare", tmp_path)

    assert ran.code == 2
    assert "holds no scores of frames" in ran.err
