# SPDX-License-Identifier: Apache-2.0
"""How what happens on other threads reaches the host's main thread.

A `Dispatch` takes a call and has it made on the main thread, later. Hosts that have such a
function give it; for the others there is the mailbox, which a timer of the host pumps.
"""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable
from typing import Protocol

_log = logging.getLogger("stmatte_host")


class Dispatch(Protocol):
    """Has a call made on the host's main thread and returns without waiting for it.

    It is itself never called on the main thread.
    """

    def __call__(self, call: Callable[[], None], /) -> object: ...


class Mailbox:
    """Holds calls until the host's main thread asks for them."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def __call__(self, call: Callable[[], None], /) -> None:
        """Put a call in. From any thread."""
        self._calls.put(call)

    def pump(self, wait: float = 0.0) -> int:
        """Make the calls that are waiting, and return how many they were.

        wait  seconds to wait for the first one. 0 in a timer; more where a host has no
              timers, such as a render without a window, and has nothing else to do

        Only calls that were there at the beginning are made: what comes meanwhile waits for
        the next pump, so that a pump always ends. A call that fails is logged.
        """
        made = 0
        if wait > 0:
            try:
                first = self._calls.get(timeout=wait)
            except queue.Empty:
                return 0
            _make(first)
            made = 1
        for _ in range(self._calls.qsize()):
            try:
                call = self._calls.get_nowait()
            except queue.Empty:  # a call pumped too, as one that opens a dialogue does
                break
            _make(call)
            made += 1
        return made


def _make(call: Callable[[], None]) -> None:
    try:
        call()
    except Exception:
        _log.exception("What was to be shown in the host failed")
