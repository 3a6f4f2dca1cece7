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
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .finding import READY, next_environment, own_environments, python_in
from .mishaps import last_said, look_into, mishap
from .stmatte_host import EngineError
from .stmatte_host.program import clean_environment

ROOM = 2_000_000_000
"""Bytes that the disk must have free. PyTorch for NVIDIA GPUs wants more; pip says so then."""

_FITS = "import sys, ensurepip, venv; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))"
_PYTHONS = ("python3.11", "python3.13", "python3.12", "python3.10", "python3", "python")
_PIP = ("-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off")


@dataclass(frozen=True)
class Order:
    """What to install, and where.

    folder       the extension's own; the environment becomes a folder in it
    source       STMatte's folder (with pyproject.toml) or its wheel
    python       the Python to make the environment with
    torch_place  where pip finds PyTorch besides its usual place: an address as PyTorch's own
                 install page shows, or a folder of wheels; ""
    """

    folder: Path
    source: Path
    python: str
    torch_place: str = ""


@dataclass(frozen=True)
class Step:
    """One process of an installation."""

    sentence: str
    words: tuple[str, ...]


def checked_source(text: str) -> Path:
    """Return the folder or wheel that is to be installed.

    Raises EngineError if it is neither.
    """
    allowed = "it is STMatte's folder, with pyproject.toml in it, or a wheel, stmatte-….whl"
    repair = "Name it in STMatte's preferences"
    if not text.strip():
        raise EngineError("Nothing to install is named", allowed=allowed, repair=repair)
    path = Path(text.strip()).expanduser()
    if (path / "pyproject.toml").is_file():
        return path
    if path.is_file() and re.fullmatch(r"stmatte-.+\.whl", path.name):
        return path
    raise EngineError(
        f'The engine cannot be installed from "{path}"', allowed=allowed, repair=repair
    )


def fitting_python(first: str, environ: Mapping[str, str]) -> str:
    """Return a Python that can make the environment.

    first  the one that Blender brings, which is tried before those on the path

    Raises EngineError if there is none.
    """
    clean = clean_environment(environ)
    for name in (first, *_PYTHONS):
        program = shutil.which(name, path=clean.get("PATH")) if name else None
        if program and _fits(program, clean):
            return program
    raise EngineError(
        "No Python was found that can make an environment for the engine",
        allowed="Python 3.10 to 3.13 with venv and pip",
        repair="Install one of them, and start Blender again",
    )


def _fits(program: str, environ: Mapping[str, str]) -> bool:
    quiet = subprocess.DEVNULL
    words = [program, "-c", _FITS]
    try:
        done = subprocess.run(
            words,
            env=dict(environ),
            stdin=quiet,
            stdout=quiet,
            stderr=quiet,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def steps(order: Order, place: Path) -> tuple[Step, ...]:
    """Return what is done to install the engine in `place`."""
    python = str(python_in(place))
    pins = (order.source if order.source.is_dir() else order.source.parent) / "constraints.txt"
    pinned = ("-c", str(pins)) if pins.is_file() else ()
    option = "--find-links" if Path(order.torch_place).is_dir() else "--extra-index-url"
    from_there = (option, order.torch_place) if order.torch_place else ()
    return (
        Step("Making an environment", (order.python, "-m", "venv", str(place))),
        Step(
            "Installing PyTorch",
            (python, *_PIP, "torch", *pinned, *from_there),
        ),
        Step("Installing STMatte", (python, *_PIP, str(order.source), *pinned, *from_there)),
        Step("Trying the engine", (python, "-m", "stmatte", "--version")),
    )


def lines_to_type(order: Order) -> tuple[str, ...]:
    """Return the same for a person: the lines to type into a terminal."""
    join = subprocess.list2cmdline if os.name == "nt" else shlex.join
    return tuple(join(step.words) for step in steps(order, order.folder / "engine"))


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
