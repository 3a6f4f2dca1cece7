# SPDX-License-Identifier: Apache-2.0
"""The benchmark itself: what it counts as a pass, and what it tells of a tiny shot."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from shots import write_sequence

SCRIPT = Path(__file__).with_name("long_shots.py")


def measured(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


def test_it_says_why_it_measures_nothing(tmp_path: Path) -> None:
    told = measured("--data", tmp_path / "none")

    assert told.returncode == 0
    assert told.stdout == f"skipped: no {tmp_path / 'none'}\n"


@pytest.mark.slow
def test_drift_and_memory_are_told_for_every_rule(tmp_path: Path) -> None:
    """A disc over 6 frames, in the layout of DAVIS, played to 18."""
    write_sequence(tmp_path, range(6))
    words = ["--sequences", "disc", "--height", 64, "--frames", 18, "--model", "stmatte-s"]

    told = measured("--data", tmp_path, *words, "--memory", "1,all", "--out", tmp_path / "out")

    assert told.returncode == 0, told.stderr
    rows = [line.split(" | ") for line in told.stdout.splitlines() if line.startswith("| disc")]
    assert [row[1] for row in rows] == ["1", "all"]
    assert int(rows[0][8]) <= int(rows[1][8])  # memory frames
    assert float(rows[0][9]) <= float(rows[1][9])  # bytes of them
    with (tmp_path / "out" / "passes.csv").open() as file:
        passes = list(csv.DictReader(file))
    # 0..5, back to 0, and there again: frames 1 to 4 are seen on steps 1-4, 6-9, 11-14
    assert [row["pass"] for row in passes] == ["0", "1", "2"] * 2
    with (tmp_path / "out" / "long_shots.csv").open() as file:
        scores = [float(row["J"]) for row in csv.DictReader(file) if row["memory"] == "all"]
    assert len(scores) == 18
    assert float(passes[4]["J"]) == pytest.approx(sum(scores[6:10]) / 4)
