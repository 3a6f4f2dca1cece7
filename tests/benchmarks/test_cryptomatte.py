# SPDX-License-Identifier: Apache-2.0
"""The benchmark itself: it measures what it says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("cryptomatte.py")


def test_it_tells_what_a_frame_costs() -> None:
    words = ("--size", "64x36", "--objects", "3", "--times", "2")
    command = [sys.executable, str(SCRIPT), *words]

    told = subprocess.run(command, capture_output=True, text=True, timeout=600)

    assert told.returncode == 0, told.stderr
    first, rank, write, *_ = told.stdout.splitlines()
    assert first.startswith("3 objects at 64x36, ")
    assert rank.startswith("rank ")
    assert write.startswith("rank and write median ")
