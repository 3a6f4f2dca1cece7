# SPDX-License-Identifier: Apache-2.0
"""The benchmark itself: it must tell when it has nothing to measure, and what it found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from shots import write_sequence

SCRIPT = Path(__file__).with_name("suggest.py")


def measured(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


def test_it_says_why_it_measures_nothing(tmp_path: Path) -> None:
    told = measured("--data", tmp_path / "none")

    assert told.returncode == 0
    assert told.stdout == f"skipped: no {tmp_path / 'none'}\n"


@pytest.mark.slow
def test_every_rule_is_measured_and_drawn(tmp_path: Path) -> None:
    """A disc over 12 frames, in the layout of DAVIS."""
    write_sequence(tmp_path, range(12))
    plot = tmp_path / "plot.svg"

    told = measured("--data", tmp_path, "--corrections", 2, "--height", 64, "--plot", plot)

    assert told.returncode == 0, told.stderr
    rows = [line.split(" | ") for line in told.stdout.splitlines() if line.startswith("| ")]
    assert [row[0] for row in rows[2:7]] == [
        "| advice",
        "| evenly spaced",
        "| halving",
        "| distance alone",
        "| worst frame",
    ]
    assert len({row[1] for row in rows[2:7]}) == 1  # all begin with the same key
    assert all(float(row[1]) < float(row[3].rstrip(" |")) for row in rows[2:7])
    assert ElementTree.parse(plot).getroot().tag.endswith("svg")
