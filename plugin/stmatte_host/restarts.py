# SPDX-License-Identifier: Apache-2.0
"""Whether an engine that stopped is started again, and what is said of it.

Pure: the clock is handed in.
"""

from __future__ import annotations

import signal
from collections import deque
from pathlib import Path

from .errors import EngineError
from .logs import last_words
from .patience import Patience

LONGEST_WAIT = 30.0
"""Seconds before a restart, at most."""


class Restarts:
    """Counts the engine's stops, so that one which cannot live is not started for ever."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._stops: deque[float] = deque()
        self._ready = True

    def stopped(self, now: float, ready: bool) -> float | None:
        """Note a stop at the time `now`; return the seconds to wait before starting, or None.

        ready  it had come so far that it could work. If it never does, time makes nothing
               better: an engine may take minutes to fail

        None means that it stopped too often lately to be started without being asked.
        """
        self._ready = ready
        self._stops.append(now)
        while ready and now - self._stops[0] > self._patience.within:
            self._stops.popleft()
        if len(self._stops) > self._patience.restarts:
            return None
        return min(LONGEST_WAIT, self._patience.backoff * 2.0 ** (len(self._stops) - 1))

    def forget(self) -> None:
        """Begin to count anew: a person has asked."""
        self._stops.clear()

    @property
    def in_words(self) -> str:
        """Say how often it stopped lately."""
        when = f"within {self._patience.within:g} seconds" if self._ready else "before it was ready"
        return f"The engine stopped {len(self._stops)} times {when}"


def end_in_words(code: int | None) -> str:
    """Say how a process ended, from its exit code as `subprocess` gives it."""
    if code is None:
        return "it hangs and cannot be ended"
    if code >= 0:
        return f"exit code {code}" if code < 256 else f"exit code 0x{code:08X}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"killed by {name}" + (", often for want of memory" if name == "SIGKILL" else "")


def stopped_error(how: str, log: Path, what: str) -> EngineError:
    """Return the error for an engine that stopped, with its last words.

    how   how the process ended
    log   where it said why
    what  what was wrong; a clause without a full stop
    """
    said = last_words(log)
    sentence = f'{what} ({how}). Its log is "{log}"'
    return EngineError(
        what, sentence=f"{sentence} and ends so:\n{said}" if said else f"{sentence}."
    )
