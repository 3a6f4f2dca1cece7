# SPDX-License-Identifier: Apache-2.0
"""One thread that does one thing after another, now or later.

All that the session knows is touched on this thread alone, so it needs no locks, and
whatever takes time (starting a program, waiting for it to end) never holds the host up.
Knows nothing of engines.
"""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections.abc import Callable
from itertools import count

_log = logging.getLogger("stmatte_host")


class Alarm:
    """Something that is to be done later; `cancel` makes that it is not."""

    def __init__(self, call: Callable[[], object]) -> None:
        self._call: Callable[[], object] | None = call

    def cancel(self) -> None:
        """Don't do it. May come too late or twice."""
        self._call = None

    def ring(self) -> None:
        """Do it, unless it was cancelled. A failure is logged and goes no further."""
        call, self._call = self._call, None
        if call is not None:
            try:
                call()
            except Exception:
                _log.exception("A defect of STMatte: please report what follows")


class Agenda:
    """Does what is posted, in order and on a thread of its own.

    The thread is a daemon, so that a host which forgets `close` can still quit.
    """

    def __init__(self, name: str) -> None:
        self._due: list[tuple[float, int, Alarm]] = []
        self._serial = count()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def post(self, call: Callable[[], object]) -> bool:
        """Have `call` done as soon as what was posted before is done. From any thread.

        Returns False if it won't be, because the agenda is closed.
        """
        return self._put(0.0, Alarm(call))

    def after(self, seconds: float, call: Callable[[], object]) -> Alarm:
        """Have `call` done in so many seconds, not before. From any thread."""
        alarm = Alarm(call)
        self._put(seconds, alarm)
        return alarm

    def close(self) -> None:
        """Do what is due now, forget what is for later, and end the thread. Returns at once."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def join(self, seconds: float) -> bool:
        """Wait until the thread has ended; say whether it has. On the thread itself: no wait."""
        if threading.current_thread() is not self._thread:
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def _put(self, seconds: float, alarm: Alarm) -> bool:
        with self._changed:
            if not self._closed:
                due = time.monotonic() + seconds
                heapq.heappush(self._due, (due, next(self._serial), alarm))
                self._changed.notify()
            return not self._closed

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._due or self._due[0][0] > time.monotonic():
                    if self._closed:
                        return
                    self._changed.wait(self._due[0][0] - time.monotonic() if self._due else None)
                alarm = heapq.heappop(self._due)[2]
            alarm.ring()
