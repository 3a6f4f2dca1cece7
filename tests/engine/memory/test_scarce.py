# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading

import pytest
import torch

from stmatte.memory import dot
from stmatte.memory.dot import read_dot
from stmatte.memory.scarce import LEAST, spared, sparing


def test_a_budget_is_whole_until_somebody_spares() -> None:
    assert spared(64 * 2**20) == 64 * 2**20
    with sparing(4):
        assert spared(64 * 2**20) == 16 * 2**20
        assert spared(2 * LEAST) == LEAST  # a quarter would be less
        assert spared(100) == 100  # it was less from the start
    assert spared(64 * 2**20) == 64 * 2**20


def test_sparing_ends_with_an_error() -> None:
    with pytest.raises(MemoryError), sparing(2):
        raise MemoryError

    assert spared(64 * 2**20) == 64 * 2**20


def test_another_thread_spares_nothing() -> None:
    seen: list[int] = []
    with sparing(8):
        thread = threading.Thread(target=lambda: seen.append(spared(64 * 2**20)))
        thread.start()
        thread.join()

    assert seen == [64 * 2**20]


def test_who_spares_reads_the_same_in_smaller_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []

    def noted(queries: int, memories: int, numbers: int) -> tuple[int, int]:
        held.append(numbers)
        return plain(queries, memories, numbers)

    plain = dot.tile
    monkeypatch.setattr(dot, "tile", noted)
    torch.manual_seed(2)
    given = torch.randn(4, 20, 30), torch.randn(3, 4, 20, 30), torch.randn(2, 3, 5, 20, 30)

    whole = read_dot(*given, budget=2**20)
    with sparing(16):
        less = read_dot(*given, budget=2**20)

    assert held == [2**18, 2**14]  # numbers of 4 bytes
    torch.testing.assert_close(less, whole, atol=1e-5, rtol=1e-5)
