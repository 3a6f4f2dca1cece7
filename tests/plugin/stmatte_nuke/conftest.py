# SPDX-License-Identifier: Apache-2.0
"""The plug-in's folder and the fake Nuke are put on the path: nothing is installed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import lent
import seat


@pytest.fixture
def script(tmp_path: Path) -> Iterator[seat.Seat]:
    """Lend a fresh Nuke with a saved script."""
    with lent.script(tmp_path) as fresh:
        yield fresh
