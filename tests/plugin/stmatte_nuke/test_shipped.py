# SPDX-License-Identifier: Apache-2.0
"""What is shipped is whole: a press and a farm's task work with that folder alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import paths


def test_a_press_and_a_farms_task_work_with_the_folder_that_is_shipped(tmp_path: Path) -> None:
    build = [sys.executable, str(paths.PLUGIN / "build_nuke.py"), str(tmp_path / "to"), "--folder"]
    shipped = subprocess.run(build, capture_output=True, text=True, check=True).stdout.strip()
    (tmp_path / "shot").mkdir()
    words = [sys.executable, "-S", "-E", str(paths.HERE / "shipped.py"), shipped]

    ran = subprocess.run(
        [*words, str(tmp_path / "shot")], capture_output=True, text=True, timeout=120, check=False
    )

    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout.splitlines()[-1])
    assert told == {"said": "Done: 10 of 10 frames", "code": 0, "frames": [None, "1003-1005"]}
    assert "STMatte: STMatte1: Done: 3 of 3 frames" in ran.stdout
