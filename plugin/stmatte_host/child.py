# SPDX-License-Identifier: Apache-2.0
"""The engine's process: two pipes, a thread for each, and an end that leaves nothing behind.

Knows lines of bytes, not what they mean. Writing has its own thread because a pipe whose
other end is not read holds up who writes, and that must not be the host.
"""

from __future__ import annotations

import logging
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from .errors import EngineError
from .messages import LONGEST

_log = logging.getLogger("stmatte_host")
_FORCED = 5.0
"""Seconds that the system gets for ending a process that was killed."""


class Child:
    """A running engine.

    words    the command; no shell sees it
    environ  its whole environment
    log      file for its standard error
    on_line  called on the reading thread with each line, its line break included
    on_end   called on the reading thread once, when no line will come any more

    Raises EngineError if the system doesn't start the program.
    """

    def __init__(
        self,
        words: Sequence[str],
        environ: Mapping[str, str],
        log: Path,
        on_line: Callable[[bytes], None],
        on_end: Callable[[], object],
    ) -> None:
        self.log = log
        self._on_line = on_line
        self._on_end = on_end
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._process = _started(words, environ, log)
        self._threads = [
            threading.Thread(target=run, name=f"stmatte {name}", daemon=True)
            for name, run in (("reader", self._read), ("writer", self._write))
        ]
        for thread in self._threads:
            thread.start()

    def send(self, line: bytes) -> None:
        """Have a line written. Returns at once; if the engine is gone, nothing happens."""
        self._lines.put(line)

    def exit_code(self) -> int | None:
        """Return the process's exit code, or None while it runs."""
        return self._process.poll()

    def end(self, patience: float) -> int | None:
        """Close the pipe to the engine, wait for its end, and force it after `patience` seconds.

        Afterwards there is no process, no thread and no open file. Returns the exit code, or
        None if the system could not end the process.
        """
        self._lines.put(None)
        if not self._ended_within(patience):
            _kill(self._process)
            if not self._ended_within(_FORCED):
                _log.warning("The engine, process %d, cannot be ended", self._process.pid)
                return None
        for thread in self._threads:
            thread.join(1.0)
            if thread.is_alive():
                # Something that the engine started lives on and holds the pipe. The group
                # is not empty then, so its number means this group and no other.
                _kill_group(self._process.pid)
                thread.join(1.0)
        return self._process.returncode

    def _ended_within(self, seconds: float) -> bool:
        try:
            self._process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            return False
        return True

    def _read(self) -> None:
        with suppress(OSError, ValueError), cast("IO[bytes]", self._process.stdout) as pipe:
            whole = True
            for line in iter(lambda: pipe.readline(LONGEST), b""):
                begins, whole = whole, line.endswith(b"\n")
                if begins and (whole or len(line) < LONGEST):
                    self._on_line(line)
                elif begins:
                    _log.warning("The engine sent a line of more than %d bytes", LONGEST)
        self._on_end()

    def _write(self) -> None:
        pipe = cast("IO[bytes]", self._process.stdin)
        try:
            for line in iter(self._lines.get, None):
                pipe.write(line)
                pipe.flush()
        except (OSError, ValueError):
            pass  # the engine is gone; the reader sees it too, and says so
        finally:
            with suppress(OSError, ValueError):
                pipe.close()


def _started(
    words: Sequence[str], environ: Mapping[str, str], log: Path
) -> subprocess.Popen[bytes]:
    windows = ("CREATE_NO_WINDOW", "CREATE_NEW_PROCESS_GROUP")
    try:
        with log.open("ab") as errors:
            return subprocess.Popen(
                list(words),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=dict(environ),
                # Its own group: Ctrl-C in the host's terminal is the host's, and what the engine
                # starts can be ended with it. On Windows no console window pops up.
                start_new_session=os.name == "posix",
                creationflags=sum(getattr(subprocess, flag, 0) for flag in windows),
            )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise EngineError(
            f'The engine "{words[0]}" cannot be started ({reason or error})',
            repair="Start it once in a terminal, and see what it says",
        ) from None


def _kill(process: subprocess.Popen[bytes]) -> None:
    _kill_group(process.pid)
    with suppress(OSError):
        process.kill()


def _kill_group(number: int) -> None:
    kill = getattr(os, "killpg", None)
    if kill is not None:
        with suppress(OSError):
            kill(number, signal.SIGKILL)
