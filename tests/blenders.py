# SPDX-License-Identifier: Apache-2.0
"""Real Blenders to test in, each run a process of its own.

STMATTE_BLENDER_PYTHON names one Python that has Blender's module `bpy`, or several with the
system's path separator between them; `make test-blender` makes one and names it. A run gets a
fresh place for Blender's settings, a time limit and a limit of what it may say: Blender 4.5
writes the same line for ever where an add-on leaves something registered.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

VARIABLE = "STMATTE_BLENDER_PYTHON"
MISSING = f"{VARIABLE} names no Python that has Blender (make test-blender makes one)"
SCRIPTS = Path(__file__).parent / "blender" / "scripts"
INSIDE = SCRIPTS / "inside.py"
MOST = 2_000_000
"""Bytes that one run may say before it is ended."""


def pythons() -> list[str]:
    """Return the Pythons that are named, the first the one that quick tests run in."""
    return [p for p in os.environ.get(VARIABLE, "").split(os.pathsep) if p]


def label(python: str) -> str:
    """Return the version in the path of an environment, "blender" where it bears none."""
    found = re.findall(r"\d+\.\d+\.\d+", python)
    return str(found[-1]) if found else "blender"


@dataclass(frozen=True)
class Ran:
    """What a run left.

    code    the exit code; None if it was ended, for its time or for what it said
    output  what it said on both streams, from the beginning
    told    name -> what the script told with `inside.tell`
    """

    code: int | None
    output: str
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Blender:
    """One Blender, for one test.

    python  the Python that has it
    zip     the extension, as an artist gets it
    folder  the test's own; settings of the Blender go there, and stay from run to run
    """

    python: str
    zip: Path
    folder: Path

    def run(
        self,
        script: str | Path,
        *words: object,
        seconds: float = 120,
        check: bool = True,
        leaves: bool = False,
        **environ: str,
    ) -> Ran:
        """Run a script of tests/blender/scripts in it, and return what it left.

        words    its arguments, `sys.argv[1:]` there
        seconds  it is ended after that
        check    fail the test unless it ends with 0
        leaves   let Blender leave by itself at the end, which takes longer and may fail where
                 something is still registered; otherwise the process ends at once
        environ  further variables
        """
        told = self.folder / "told.jsonl"
        told.unlink(missing_ok=True)
        code, output = _watched(
            [self.python, "-u", str(INSIDE), str(SCRIPTS / script), *map(str, words)],
            {**self._environ(), "STMATTE_LEAVES": str(int(leaves)), **environ},
            self.folder,
            seconds,
        )
        if check and code != 0:
            how = "was ended for its time or its output" if code is None else f"exit code {code}"
            raise AssertionError(f"{script} in {self.python}: {how}\n{output[-6000:]}")
        lines = told.read_text("utf-8").splitlines() if told.exists() else []
        return Ran(code, output, dict(json.loads(line) for line in lines))

    def _environ(self) -> dict[str, str]:
        engine = json.dumps([sys.executable, "-m", "stmatte", "serve"])
        clean = {name: v for name, v in os.environ.items() if not name.startswith("PYTHON")}
        return {
            "STMATTE_ENGINE": engine,
            **clean,
            "BLENDER_USER_RESOURCES": str(self.folder / "resources"),
            "STMATTE_ZIP": str(self.zip),
            "STMATTE_TOLD": str(self.folder / "told.jsonl"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "XDG_STATE_HOME": str(self.folder / "state"),
        }


def _watched(
    words: list[str], environ: Mapping[str, str], folder: Path, seconds: float
) -> tuple[int | None, str]:
    """Run a process with its output in a file; end it when it takes or says too much."""
    said = folder / "said.txt"
    with said.open("wb") as file:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=dict(environ),
            cwd=folder,
            start_new_session=True,
        )
        deadline = time.monotonic() + seconds
        try:
            while process.poll() is None:
                if time.monotonic() > deadline or said.stat().st_size > MOST:
                    break
                time.sleep(0.02)
            code = process.poll()
        finally:
            if process.poll() is None:
                _end(process)
    with said.open("rb") as file:
        return code, file.read(MOST).decode("utf-8", "replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)  # it leads a group of its own
    else:
        process.kill()
    process.wait()
