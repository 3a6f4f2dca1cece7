# SPDX-License-Identifier: Apache-2.0
"""What comes out of a walk is finished in a thread of its own, while the walk goes on.

Only a few wait to be finished: a disk that is slower than the network slows the walk down
and doesn't fill the memory. Things are finished in the order in which they were given. Knows
nothing of what is finished.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

WAITING = 2
"""Things that are being finished, or wait for it."""

_A = TypeVar("_A")


class Behind(Generic[_A]):
    """Finishes one thing after the other.

    finish  called in the thread; what it raises is raised here at the next occasion
    """

    def __init__(self, finish: Callable[[_A], object]):
        self._finish = finish
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="stmatte-behind")
        self._waiting: deque[Future[object]] = deque()

    def give(self, thing: _A) -> None:
        """Have something finished. Waits if too much is waiting."""
        self._waiting.append(self._thread.submit(self._finish, thing))
        self.check()
        while len(self._waiting) > WAITING:
            self._waiting.popleft().result()

    def check(self) -> None:
        """Raise what was raised by now."""
        while self._waiting and self._waiting[0].done():
            self._waiting.popleft().result()

    def rest(self) -> None:
        """Wait until all is finished, and end the thread."""
        try:
            while self._waiting:
                self._waiting.popleft().result()
        finally:
            self._thread.shutdown(wait=True, cancel_futures=True)
