# SPDX-License-Identifier: Apache-2.0
"""Lends each test a Blender. With several, the first is for the quick tests, all for the slow.

Where none is named, the tests are skipped and say so.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from blenders import MISSING, Blender, label, pythons

BUILD = Path(__file__).parents[2] / "plugin" / "build_blender.py"
NAMED = [
    pytest.param(python, id=label(python), marks=[pytest.mark.slow] if number else [])
    for number, python in enumerate(pythons())
] or [pytest.param("", id="none", marks=pytest.mark.skip(reason=MISSING))]


@pytest.fixture(scope="session", params=NAMED)
def blender_python(request: pytest.FixtureRequest) -> str:
    """Return a Python that has Blender."""
    python: str = request.param
    return python


@pytest.fixture(scope="session")
def built(blender_python: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the zip, built and validated by this Blender's own command."""
    folder = tmp_path_factory.mktemp("zip")
    words = [sys.executable, str(BUILD), str(folder), "--blender", blender_python]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


@pytest.fixture
def blender(blender_python: str, built: Path, tmp_path: Path) -> Blender:
    """Return a Blender with fresh settings, in which nothing is installed yet."""
    return Blender(blender_python, built, tmp_path)
