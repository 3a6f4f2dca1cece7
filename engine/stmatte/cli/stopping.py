# SPDX-License-Identifier: Apache-2.0
"""Leaving when it is asked for: after the frame in hand, with all that is done kept."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)
"""What a farm sends that ends a task, and what Ctrl-C sends."""


@contextmanager
def stopping() -> Iterator[Callable[[], bool]]:
    """Lend what tells whether a signal asked to leave; a second signal interrupts at once."""
    asked = False

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            signal.default_int_handler(number, frame)
        asked = True

    before = [(number, signal.signal(number, ask)) for number in SIGNALS]
    try:
        yield lambda: asked
    finally:
        for number, taken in before:
            signal.signal(number, taken)
