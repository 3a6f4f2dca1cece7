# SPDX-License-Identifier: Apache-2.0
"""What comes out of a walk is finished in a thread of its own, while the walk goes on.

Only a few wait to be finished: a disk that is slower than the network slows the walk down
and doesn't fill the memory. What is finished comes back in the order in which it was given.
Knows nothing of what is finished.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

WAITING = 2
"""Things that are being finished, or wait for it."""

_A = TypeVar("_A")
_B = TypeVar("_B")


class Behind(Generic[_A, _B]):
    """Finishes one thing after the other.

    finish  called in the thread; what it raises is raised where results are asked for
    """

    def __init__(self, finish: Callable[[_A], _B]):
        self._finish = finish
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="stmatte-behind")
        self._waiting: deque[Future[_B]] = deque()

    def give(self, thing: _A) -> Iterator[_B]:
        """Have something finished; yield what is finished by now. Waits if too much is waiting."""
        self._waiting.append(self._thread.submit(self._finish, thing))
        yield from self.done()
        while len(self._waiting) > WAITING:
            yield self._waiting.popleft().result()

    def done(self) -> Iterator[_B]:
        """Yield what is finished by now."""
        while self._waiting and self._waiting[0].done():
            yield self._waiting.popleft().result()

    def rest(self) -> Iterator[_B]:
        """Yield all that is still to be finished, and end the thread."""
        try:
            while self._waiting:
                yield self._waiting.popleft().result()
        finally:
            self._thread.shutdown(wait=True, cancel_futures=True)
