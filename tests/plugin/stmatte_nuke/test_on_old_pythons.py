# SPDX-License-Identifier: Apache-2.0
"""The plug-in's tests run on the Pythons of Nuke 14, 15 and 16, with nothing installed."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NOT_PLAIN = {"pytest", "numpy", "hypothesis", "OpenImageIO", "stmatte"}


def imported(path: Path) -> set[str]:
    """Return the modules that a file imports, wherever it does so."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").split(".")[0])
    return found


PLAIN = [path.name for path in sorted(HERE.glob("test_*.py")) if not imported(path) & NOT_PLAIN]


def interpreters(version: str) -> Iterator[str]:
    """Yield what may be that Python: the one on the path, and pyenv's beside its shim."""
    found = shutil.which(f"python{version}")
    if found:
        yield found
        beside = Path(found).parent.parent / "versions"
        yield from (str(path) for path in beside.glob(f"{version}.*/bin/python{version}"))


def python_of(version: str) -> str | None:
    """Return a Python of that version that starts; None where there is none."""
    for python in interpreters(version):
        done = subprocess.run([python, "-S", "-E", "-c", ""], capture_output=True, check=False)
        if done.returncode == 0:
            return python
    return None


def test_most_tests_are_plain() -> None:
    assert len(PLAIN) >= 10


SLOW = pytest.mark.slow  # the oldest one is the strictest


@pytest.mark.parametrize(
    "version", ["3.9", pytest.param("3.10", marks=SLOW), pytest.param("3.11", marks=SLOW)]
)
def test_plain_tests_pass(version: str) -> None:
    python = python_of(version)
    if python is None:
        pytest.skip(f"no Python {version} here")

    # What is not known of Nuke is replayed one way by pytest, the other way here.
    other = ["--otherwise"] if version != "3.11" else []
    done = subprocess.run(
        [python, "-S", "-E", "-B", "-W", "error", str(HERE / "plain.py"), *other, *PLAIN],
        cwd=HERE,
        env={**os.environ, "STMATTE_TEST_ENGINE_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
