# SPDX-License-Identifier: Apache-2.0
"""How much of its budget a read may hold: less where memory has run out.

Budgets are set where reads are made, far below whoever sees memory run out. So the share is
told for a while, to all reads of one thread. It changes rounding only, as budgets do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

LEAST = 2**12
"""Bytes below which no share makes a budget: a read holds at least a few rows."""

_SHARE: ContextVar[int] = ContextVar("share", default=1)


@contextmanager
def sparing(share: int) -> Iterator[None]:
    """Let reads hold 1 / share of their budgets. Must not be open while a generator yields."""
    before = _SHARE.set(share)
    try:
        yield
    finally:
        _SHARE.reset(before)


def spared(budget: int) -> int:
    """Return what a read may hold of a budget of bytes now."""
    return min(budget, max(LEAST, budget // _SHARE.get()))
