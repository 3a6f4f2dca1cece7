# SPDX-License-Identifier: Apache-2.0
"""Makes an environment for the engine with pip, one step after the other, waiting for none.

Whoever has a timer calls `Installation.poll`. There is no thread: each step is a process
whose words go to a file, and the file is read for what went wrong. Knows no Blender.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from .finding import READY, next_environment, own_environments
from .mishaps import last_said, look_into, mishap
from .ordering import Order, steps
from .stmatte_host import EngineError
from .stmatte_host.program import clean_environment

ROOM = 2_000_000_000
"""Bytes that the disk must have free. PyTorch for NVIDIA GPUs wants more; pip says so then."""


class Installation:
    """An installation under way, from its making until it is `over`.

    order    what to install
    environ  Blender's environment; what would poison another Python is left out

    Raises EngineError if there is no room, or the folder cannot be written.
    """

    def __init__(self, order: Order, environ: Mapping[str, str]) -> None:
        self.order = order
        self.place = next_environment(order.folder)
        self.log = order.folder / "install.log"
        self.error: EngineError | None = None
        self.over = False
        self._environ = clean_environment(environ)
        self._steps = steps(order, self.place)
        self._number = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._began = time.monotonic()
        self._write_begin()
        self._start()

    @property
    def line(self) -> str:
        """What is to be shown: the step, and what pip said last."""
        if self.over:
            return "" if self.error else f"Installed STMatte {self.version} in {self.seconds:.0f} s"
        said = last_said(self.log)
        count = f"({self._number + 1} of {len(self._steps)}, {self.seconds:.0f} s)"
        sentence = f"{self._steps[self._number].sentence} {count}"
        return f"{sentence}: {said}" if said else sentence

    @property
    def version(self) -> str:
        """The version of the engine that was installed, as it said; "" before that."""
        said = re.search(r"\d+\.\d+\S*", last_said(self.log)) if self.over else None
        return said[0] if said else ""

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1, by steps: nobody knows how long a download takes."""
        return 1.0 if self.over else self._number / len(self._steps)

    @property
    def seconds(self) -> float:
        """How long it takes, or took."""
        return self._ended - self._began if self.over else time.monotonic() - self._began

    def poll(self) -> bool:
        """Go on if the step that runs is done; return whether all is over."""
        code = None if self._process is None else self._process.poll()
        if self.over or code is None:
            return self.over
        if code:
            self._fail(mishap(self._steps[self._number].sentence, self.log))
        elif self._number + 1 < len(self._steps):
            self._number += 1
            self._start()
        else:
            self._finish()
        return self.over

    def cancel(self) -> None:
        """Stop, and remove what is half made."""
        if not self.over:
            self._fail(EngineError("The installation was cancelled"))

    def tidy(self) -> None:
        """Remove the environments before this one, when no engine runs in them any more."""
        for older in own_environments(self.order.folder):
            if older != self.place and self.over and self.error is None:
                shutil.rmtree(older, ignore_errors=True)

    def _write_begin(self) -> None:
        folder = self.order.folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.log.write_bytes(b"")
            free = shutil.disk_usage(folder).free
        except OSError as error:
            raise _unwritable(folder, error) from None
        if free < ROOM:
            raise EngineError(
                f"The engine needs about {ROOM / 1e9:.0f} GB, {free / 1e9:.1f} GB are free",
                repair=f'Make room on the disk of "{folder}"',
            )

    def _start(self) -> None:
        step = self._steps[self._number]
        try:
            with self.log.open("ab") as log:
                log.write(f"\n== {step.sentence}: {shlex.join(step.words)}\n".encode())
                log.flush()
                self._process = _started(step.words, self._environ, log, self.order.folder)
        except OSError as error:
            self._fail(
                EngineError(
                    f"{step.sentence} failed ({error.strerror or error})",
                    repair=look_into(self.log),
                )
            )

    def _finish(self) -> None:
        try:
            (self.place / READY).touch()
        except OSError as error:
            self._fail(_unwritable(self.place, error))
        else:
            self._end()

    def _fail(self, error: EngineError) -> None:
        self.error = error
        if self._process is not None and self._process.poll() is None:
            _kill(self._process)
        shutil.rmtree(self.place, ignore_errors=True)
        self._end()

    def _end(self) -> None:
        self._ended = time.monotonic()
        self.over = True


def _unwritable(place: Path, error: OSError) -> EngineError:
    return EngineError(
        f'Cannot write "{place}" ({error.strerror or error})',
        repair="Make room there and that folder writable, or install the engine in a terminal",
    )


def _started(
    words: Sequence[str], environ: Mapping[str, str], log: IO[bytes], folder: Path
) -> subprocess.Popen[bytes]:
    windows = ("CREATE_NO_WINDOW", "CREATE_NEW_PROCESS_GROUP")
    return subprocess.Popen(
        list(words),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env={**environ, "PYTHONUNBUFFERED": "1"},
        cwd=folder,
        start_new_session=os.name == "posix",
        creationflags=sum(getattr(subprocess, flag, 0) for flag in windows),
    )


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and what it started."""
    with suppress(OSError, subprocess.SubprocessError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            words = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
            subprocess.run(words, capture_output=True, timeout=20, check=False)
    with suppress(OSError, subprocess.SubprocessError):
        process.kill()
        process.wait(10)
