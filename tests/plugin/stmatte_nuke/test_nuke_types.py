# SPDX-License-Identifier: Apache-2.0
"""Types of Nuke's curves are real: calls that do not exist are found before anybody has a Nuke.

Without the folder plugin/nuke_stubs the stubs of `nuke.rotopaint` are silently Any, and mypy
passes whatever is called there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import paths
import pytest

INVENTED = """\
import nuke.rotopaint as rp


def times(curves: rp.CurveKnob) -> None:
    point = curves.rootLayer[0]
    assert isinstance(point, rp.Shape)
    point[0].center.getPositionAnimCurve(0).keys()
    point.getTransform().getMatrixAt(1)
    curves.serialise()
"""


def test_calls_that_nuke_has_not_are_found(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    (tmp_path / "invented.py").write_text(INVENTED)

    def checked(mypy_path: str) -> list[str]:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "mypy", "--strict", "--config-file=", "invented.py"),
                *(f"--cache-dir={tmp_path / 'cache'}", "--no-incremental"),
            ],
            cwd=tmp_path,
            env={**os.environ, "MYPYPATH": mypy_path},
            capture_output=True,
            text=True,
            check=False,
        )
        return [line for line in done.stdout.splitlines() if "invented.py" in line]

    assert checked("") == []
    found = checked(str(paths.PLUGIN / "nuke_stubs"))
    assert [line.split(":")[1] for line in found] == ["7", "8", "9"]
    assert all("has no attribute" in line for line in found)
