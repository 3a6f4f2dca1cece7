# SPDX-License-Identifier: Apache-2.0
"""Several processes on one folder, and processes that are killed: see worker.py."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stmatte.store import DiskStore
from stmatte.store.shelf import BLOCK, LEFT_AFTER, held, shelved

WORKER = Path(__file__).with_name("worker.py")
LIMIT = 40 * BLOCK
ENTRY = 10 * BLOCK  # 40 000 bytes and a header at most


def start(folder: Path, *words: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(WORKER), str(folder), str(LIMIT), *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def whole_entries(folder: Path) -> int:
    """Return how many entries are there and right; fail if one is wrong."""
    checking = start(folder, "check")
    said, complaint = checking.communicate(timeout=60)
    assert (checking.returncode, complaint) == (0, "")
    return int(said)


@pytest.mark.slow
def test_processes_that_share_a_folder_see_right_entries_or_none(tmp_path: Path) -> None:
    workers = [start(tmp_path, seed, 3) for seed in range(2)]

    for worker in workers:
        _, complaint = worker.communicate(timeout=60)
        assert (worker.returncode, complaint) == (0, "")

    assert whole_entries(tmp_path) > 0
    files = list(shelved(tmp_path))
    assert not any(file.beside for file in files)
    # what disk.py says of two processes
    assert held(files) <= LIMIT * 1.1 + ENTRY


@pytest.mark.slow
def test_a_process_may_be_killed_at_any_moment(tmp_path: Path) -> None:
    drawn = random.Random(0)
    left = 0
    for seed in range(200):
        worker = start(tmp_path, seed, 60)
        assert worker.stdout is not None
        assert worker.stdout.readline() == "begun\n"
        time.sleep(drawn.uniform(0, 0.05))
        worker.kill()
        _, complaint = worker.communicate(timeout=60)
        assert complaint == ""

        files = list(shelved(tmp_path))
        leftovers = [file.path for file in files if file.beside]
        assert len(leftovers) <= 1  # those of the process before were swept
        assert held(files) <= LIMIT
        left += len(leftovers)
        long_ago = time.time() - LEFT_AFTER - 60
        for path in leftovers:
            os.utime(path, (long_ago, long_ago))

    assert whole_entries(tmp_path) > 0
    assert left > 0  # some were killed while they wrote
    DiskStore(tmp_path, LIMIT).put("a" * 32, b"swept")
    assert not any(file.beside for file in shelved(tmp_path))
