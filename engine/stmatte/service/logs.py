# SPDX-License-Identifier: Apache-2.0
"""Where the service's log goes: standard error, a file that does not grow, and the client.

The client gets what a person may want to know, in a sentence; tracebacks stay in the file.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path

from stmatte.service.messages import EngineLog

MOST = 2 * 2**20  # bytes of one file
OLDER = 3  # files kept beside it
FORMAT = "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"

_log = logging.getLogger(__name__)


def log_to_file(path: Path) -> None:
    """Write the log to a file, too. A file that cannot be written is a warning, no more."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        to_file = RotatingFileHandler(
            path, maxBytes=MOST, backupCount=OLDER, encoding="utf-8", errors="backslashreplace"
        )
    except OSError as error:
        _log.warning('The log "%s" cannot be written (%s)', path, error.strerror or error)
        return
    to_file.setFormatter(logging.Formatter(FORMAT))
    logging.getLogger().addHandler(to_file)


class ClientLog(logging.Handler):
    """Hands warnings and worse to the client.

    tell     takes what the client is to be told
    listens  tells whether the client expects that already
    """

    def __init__(self, tell: Callable[[str, EngineLog], None], listens: Callable[[], bool]):
        super().__init__(logging.WARNING)
        self._tell = tell
        self._listens = listens

    def emit(self, record: logging.LogRecord) -> None:
        if self._listens():
            message = record.getMessage()
            if record.levelno < logging.ERROR:
                self._tell("engine/log", EngineLog(level="warning", message=message))
            else:
                self._tell("engine/log", EngineLog(level="error", message=message))
