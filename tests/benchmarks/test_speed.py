# SPDX-License-Identifier: Apache-2.0
"""The command itself: it measures both levels and writes down what it says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.timing.records import read, schema

SCRIPT = Path(__file__).with_name("speed.py")
TINY = ("--size", "64x96", "--frames", "5", "--memory", "3", "--shot", "3", "--runs", "2")


def measured(script: Path, *words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(script), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


def test_it_prints_its_schema() -> None:
    assert measured(SCRIPT, "--schema").stdout == schema()


def test_it_says_which_networks_there_are() -> None:
    told = measured(SCRIPT, "--model", "nothing")

    assert told.returncode == 2
    assert 'Network "nothing" is not known' in told.stderr


@pytest.mark.slow
def test_both_levels_are_measured_beside_the_plain_path(tmp_path: Path) -> None:
    words = (*TINY, "--objects", "1,2", "--level", "network,pipeline", "--json")

    told = measured(SCRIPT, *words, tmp_path / "speed.json")

    assert told.returncode == 0, told.stderr
    (run,) = read(tmp_path / "speed.json").runs
    assert [(r.level, r.objects) for r in run.results] == [
        ("network", 1),
        ("network", 2),
        ("pipeline", 1),
        ("pipeline", 2),
    ]
    assert "--json" not in run.command
    one, two, *_ = run.results
    assert one.memory == 8  # all that stmatte-s always reads: the key and seven frames
    assert one.agreement is not None
    assert one.agreement.jaccard > 0.99
    assert two.plain is not None
    assert two.plain.times == 2  # object by object
    assert set(one.ours.parts) == {"encode", "read and decode", "remember", "rest"}


@pytest.mark.slow
def test_networks_without_weights_are_measured_with_random_ones(tmp_path: Path) -> None:
    told = measured(SCRIPT, *TINY, "--model", "rgmp", "--json", tmp_path / "speed.json")

    assert told.returncode == 0, told.stderr
    (result,) = read(tmp_path / "speed.json").runs[0].results
    assert result.weights == "random"
    assert result.agreement is None  # of which nothing is to be learnt
