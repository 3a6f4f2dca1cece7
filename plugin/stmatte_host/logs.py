# SPDX-License-Identifier: Apache-2.0
"""Where the engine's standard error goes: a file for each start, the newest few kept.

A file, not a pipe: nothing has to read it, an engine that says much is never held up, and
what it said last is there after it died. What it tells the host to log goes the host's way.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from .errors import EngineError

_engine_log = logging.getLogger("stmatte_host.engine")
KEPT = 10
_serial = count(1)


def log_folder(environ: Mapping[str, str]) -> Path:
    """Return where logs of a person's programs lie on this system, in a folder of ours."""
    home = Path.home()
    if os.name == "nt":
        return Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "stmatte" / "logs"
    if sys.platform == "darwin":
        return home / "Library" / "Logs" / "stmatte"
    return Path(environ.get("XDG_STATE_HOME") or home / ".local" / "state") / "stmatte" / "logs"


def new_log(folder: Path) -> Path:
    """Make an empty log file in `folder`, remove the oldest beyond ten, and return the new one.

    Names hold time and process, so that several hosts can share the folder. A file that
    another host still writes on Windows cannot be removed, and stays.

    Raises EngineError if the folder cannot be written.
    """
    stamp = time.strftime("%Y%m%d-%H%M%S")
    path = folder / f"engine-{stamp}-{os.getpid()}-{next(_serial):03d}.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError as error:
        raise EngineError(
            f'Cannot write the engine\'s log "{path}" ({error.strerror or error})',
            repair="Make room there, or give the host's plug-in another folder for logs",
        ) from None
    for old in sorted(folder.glob("engine-*.log"))[:-KEPT]:
        with suppress(OSError):
            old.unlink()
    return path


def last_words(log: Path, lines: int = 8) -> str:
    """Return the last lines of a log that are not empty, for an error; "" if there are none."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 4096))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    said = [line.rstrip() for line in text.splitlines() if line.strip()]
    return "\n".join(said[-lines:])


def log_for_engine(said: Mapping[str, Any]) -> None:
    """Log what the engine says with `engine/log`, at its level, to "stmatte_host.engine"."""
    level = logging.getLevelName(str(said.get("level", "")).upper())
    _engine_log.log(level if isinstance(level, int) else logging.INFO, "%s", said.get("message"))
