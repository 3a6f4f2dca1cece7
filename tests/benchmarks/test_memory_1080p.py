# SPDX-License-Identifier: Apache-2.0
"""The benchmark itself: it must measure, and it must be able to fail."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("memory_1080p.py")


def measured(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), "--model", "label-propagation", "--frames", "2"]
    return subprocess.run([*command, *words], capture_output=True, text=True, timeout=300)


@pytest.mark.slow
def test_it_prints_a_peak_that_torch_alone_would_explain() -> None:
    told = measured()

    peak = re.search(r"^peak +([\d.]+) GB \(limit 4 GB\)$", told.stdout, re.M)
    assert told.returncode == 0, told.stderr
    assert peak is not None
    assert 0.2 < float(peak[1]) < 4


@pytest.mark.slow
def test_it_fails_where_the_limit_is_lower_than_the_peak() -> None:
    assert measured("--limit", "0.1").returncode == 1


@pytest.mark.slow
def test_it_tells_a_command_that_failed_from_one_that_needs_little() -> None:
    told = measured("--model", "no such model")

    assert told.returncode == 2
    assert 'Model "no such model" is not known' in told.stderr
