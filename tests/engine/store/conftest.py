# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stmatte.store import DiskStore, RamStore, Store

Make = Callable[[int], Store]  # limit in bytes -> an empty store


@pytest.fixture(params=["disk", "ram"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    if request.param == "ram":
        return RamStore
    return lambda limit: DiskStore(tmp_path / "store", limit)
