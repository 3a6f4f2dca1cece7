# SPDX-License-Identifier: Apache-2.0
"""The benchmark itself: it must tell when it has nothing to measure, and what it found."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("cuts.py")


def measured(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


def test_it_says_why_it_measures_nothing(tmp_path: Path) -> None:
    told = measured("--data", str(tmp_path))

    assert told.returncode == 0
    assert told.stdout == f"skipped: no davis, videos, clips in {tmp_path}\n"


@pytest.mark.slow
def test_filmed_sequences_give_no_false_alarm_and_all_their_joins_are_found() -> None:
    told = measured()

    if told.stdout.startswith("skipped"):
        pytest.skip(told.stdout)
    assert told.returncode == 0, told.stderr
    assert re.search(r"^DAVIS 20 \+ 20 frames +42 +42 +42 +0$", told.stdout, re.M)
    assert re.search(r"^DAVIS whole +7 +0 +0 +0$", told.stdout, re.M)
    assert re.search(r"^videos whole +17 +0 +0 +0$", told.stdout, re.M)
