# SPDX-License-Identifier: Apache-2.0
"""The benchmark itself: it must tell when it has nothing to measure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("doubt.py")


def test_it_says_why_it_measures_nothing(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), "--data", str(tmp_path / "none")]
    told = subprocess.run(command, capture_output=True, text=True, timeout=600)

    assert told.returncode == 0, told.stderr
    assert told.stdout == f"skipped: no {tmp_path / 'none'}\n"
