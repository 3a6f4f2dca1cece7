# SPDX-License-Identifier: Apache-2.0
"""The service as a process: its streams, its signals, its log.

Standard input and output belong to the protocol alone. Whatever a library or a process that
it starts prints goes to standard error, and whatever it reads is empty.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import stmatte
from stmatte.errors import StmatteError
from stmatte.service.desk import Desk
from stmatte.service.logs import ClientLog, log_to_file
from stmatte.service.server import Server

_log = logging.getLogger(__name__)


def run(open_desk: Callable[[], Desk], log: Path) -> int:
    """Serve on standard input and output until the client goes; return the exit code.

    open_desk  called when the client says `initialize`
    log        the log file; one that cannot be written is a warning

    SIGTERM ends the service as `shutdown` does, with 0; Ctrl-C does so with 130. Meant for
    a process that does nothing else: streams and signals are not given back.

    Raises StmatteError if one of the two streams is closed.
    """
    requests, answers = _take_streams()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    logging.getLogger("stmatte").setLevel(logging.INFO)
    logging.captureWarnings(True)
    log_to_file(log)
    _log.info("STMatte %s serves", stmatte.__version__)
    server = Server(open_desk, answers)
    logging.getLogger().addHandler(ClientLog(server.tell, lambda: server.listened))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, server.asked_to_end)
    return server.serve(requests)


def _take_streams() -> tuple[io.FileIO, io.FileIO]:
    """Return what standard input and output were, unbuffered, and put others in their place."""
    if sys.__stdin__ is None or sys.__stdout__ is None:  # so Python says that one is closed
        raise StmatteError(
            "There is nobody to talk to",
            allowed="requests come on standard input, and answers go to standard output",
            repair="Start the engine with both of them open",
        )
    nothing = os.open(os.devnull, os.O_RDWR)
    if sys.stderr is None:  # its number would be taken by the next file that is opened
        os.dup2(nothing, 2)
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    faulthandler.enable(2)  # a library that crashes says where
    requests, answers = io.FileIO(os.dup(0), "rb"), io.FileIO(os.dup(1), "wb")
    for stream in (requests, answers):
        # a client may hand over pipes that don't wait; Windows has none of these
        with contextlib.suppress(OSError, AttributeError):
            os.set_blocking(stream.fileno(), True)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return requests, answers
