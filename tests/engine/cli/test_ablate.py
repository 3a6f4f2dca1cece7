# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from .test_evaluate import write_sequence


def test_a_table_of_memory_rules_is_made_and_can_be_gone_on_with(run: Any, tmp_path: Path) -> None:
    write_sequence(tmp_path / "DAVIS", "bear", 1)
    words = ["ablate", "memory", "--root", tmp_path / "DAVIS", "--model", "label-propagation"]
    words += ["--out", tmp_path / "run", "--working-height", 96, "--device", "cpu"]

    first, again = run(*words), run(*words)

    assert first.code == 0, first.err
    assert again.out == first.out
    with (tmp_path / "run" / "scores.csv").open() as file:
        rows = {row["variant"]: float(row["J-Mean"]) for row in csv.DictReader(file)}
    assert list(rows) == ["first", "previous", "first and previous", "first, previous, every 5"]
    assert min(rows.values()) > 0.5  # an orange box on blue is not lost
    masks = tmp_path / "run" / "4_first_previous_every_5" / "bear"
    assert len(list(masks.glob("*.png"))) == 6


def test_a_table_of_another_network_is_refused(run: Any, tmp_path: Path) -> None:
    write_sequence(tmp_path / "DAVIS", "bear", 1)

    ran = run(
        *["ablate", "lmrc", "--root", tmp_path / "DAVIS", "--model", "stmatte-s"],
        *["--out", tmp_path / "run", "--device", "cpu"],
    )

    assert ran.code == 2
    assert "not one of stmatte-s: lmrc" in ran.err
