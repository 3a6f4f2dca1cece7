# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from stmatte_blender.mishaps import last_said, mishap


def log(tmp_path: Path, said: str) -> Path:
    path = tmp_path / "install.log"
    path.write_text(f"\n== Making an environment: python -m venv x\nfine\n\n== Next: pip\n{said}\n")
    return path


@pytest.mark.parametrize(
    ("said", "what", "repair"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full", "Make room"),
        ("PermissionError: [Errno 13] Permission denied: 'x'", "cannot be written", "Look into"),
        (
            "NewConnectionError('no route')\nERROR: No matching distribution found for torch",
            "pip could not connect",
            "Look at network and proxy",
        ),
        (
            "ERROR: No matching distribution found for torch==2.13.0",
            'pip finds no "torch==2.13.0" for this computer',
            "the place of PyTorch",
        ),
        ("ERROR: Something new.\n", "Installing PyTorch failed (Something new)", "Look into"),
        ("Killed", "Installing PyTorch failed.", "Look into"),
    ],
)
def test_what_pip_says_becomes_a_sentence_with_its_repair(
    tmp_path: Path, said: str, what: str, repair: str
) -> None:
    sentence = str(mishap("Installing PyTorch", log(tmp_path, said)))

    assert what in sentence
    assert repair in sentence


def test_only_the_step_that_failed_is_read(tmp_path: Path) -> None:
    path = tmp_path / "install.log"
    path.write_text("\n== One: pip\nProxyError, tried again\n\n== Two: pip\nERROR: Bad wheel\n")

    assert str(mishap("Two", path)).startswith("Two failed (Bad wheel).")


def test_progress_is_the_last_line_that_the_step_said(tmp_path: Path) -> None:
    assert last_said(log(tmp_path, "Collecting torch\n\n")) == "Collecting torch"
    assert last_said(log(tmp_path, "")) == ""
    assert last_said(tmp_path / "none") == ""
