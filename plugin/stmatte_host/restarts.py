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

    def stopped(self, now: float) -> float | None:
        """Note a stop at the time `now`; return the seconds to wait before starting, or None.

        None means that it stopped too often lately to be started without being asked.
        """
        self._stops.append(now)
        while now - self._stops[0] > self._patience.within:
            self._stops.popleft()
        if len(self._stops) > self._patience.restarts:
            return None
        return min(LONGEST_WAIT, self._patience.backoff * 2.0 ** (len(self._stops) - 1))

    def forget(self) -> None:
        """Begin to count anew: a person has asked."""
        self._stops.clear()

    @property
    def recent(self) -> int:
        """How many stops count at the moment."""
        return len(self._stops)


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


def stopped_error(what: str, code: int | None, log: Path) -> EngineError:
    """Return the error for an engine that stopped, with its last words.

    what  what was wrong; how the process ended is added
    """
    said = last_words(log)
    sentence = f'{what} ({end_in_words(code)}). Its log is "{log}"'
    return EngineError(
        what, sentence=f"{sentence} and ends so:\n{said}" if said else f"{sentence}."
    )
