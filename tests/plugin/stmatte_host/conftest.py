# SPDX-License-Identifier: Apache-2.0
"""The plug-in's folder is put on the path as a host does it: nothing is installed."""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

for folder in (Path(__file__).parents[3] / "plugin", Path(__file__).parent):
    sys.path.insert(0, str(folder))

from staged import Stage  # noqa: E402 (it lies in a folder that was just added)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Lend engines and a session; afterwards nothing of them may be left."""
    before = set(threading.enumerate())
    stage = Stage(tmp_path)
    yield stage
    stage.close()
    gc.collect()
    deadline = time.monotonic() + 10
    while (set(threading.enumerate()) - before or stage.living()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert set(threading.enumerate()) - before == set()
    assert stage.living() == []
