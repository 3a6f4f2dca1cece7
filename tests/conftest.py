# SPDX-License-Identifier: Apache-2.0
"""What all tests share: one thread a process, and for each test its own store and one seed.

The pictures are tiny, so threads cost more than they bring, and on a busy machine two
threads that wait for each other crawl. It is set before anything imports torch, and
processes that a test starts inherit it. The user's own store is never touched.
"""

from __future__ import annotations

import os
import sys
from itertools import count

import pytest

_serial = count()

for library in ("OMP", "MKL", "OPENBLAS"):
    os.environ[f"{library}_NUM_THREADS"] = "1"


@pytest.fixture(autouse=True)
def _own_store(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    store = tmp_path_factory.getbasetemp() / f"store{next(_serial)}"
    monkeypatch.setenv("STMATTE_STORE", str(store))


@pytest.fixture(autouse=True)
def _one_seed() -> None:
    """Let a network that a test begins be the same one on every run, in whatever order."""
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)
