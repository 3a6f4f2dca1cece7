# SPDX-License-Identifier: Apache-2.0
"""STMatte as the child of a process that may be killed: it ends when its parent does.

    python -m stmatte.farm.leashed PID span SHOT.json --span 3 ...

A worker that was killed is started again and gets its command again: a child that had outlived
it would compute the same frames at the same time. All files are placed whole, so that it may
end anywhere. Knows the program by its name alone, as a shell does.
"""

from __future__ import annotations

import os
import runpy
import sys
import time
from threading import Thread

import psutil

LOOKED = 0.5
"""Seconds between two looks at whether the parent is there."""

ORPHANED = 137
"""The exit code of one whose parent has gone, as that of one that was killed."""


THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""Variables that say how many cores are used; mattes depend on it in the last places."""


def main() -> None:
    """Run the command line as long as the process lives whose number is the first word.

    A variable of `THREADS` that is empty is taken for one that is not there.
    """
    for name in THREADS:
        if not os.environ.get(name):
            os.environ.pop(name, None)
    parent = int(sys.argv[1])
    sys.argv = ["stmatte", *sys.argv[2:]]
    try:
        process = psutil.Process(parent)
    except psutil.Error:  # it has gone already
        os._exit(ORPHANED)
    Thread(target=_watch, args=(process,), daemon=True).start()
    runpy.run_module("stmatte", run_name="__main__")


def _watch(parent: psutil.Process) -> None:
    while parent.is_running() and parent.status() != psutil.STATUS_ZOMBIE:
        time.sleep(LOOKED)
    os._exit(ORPHANED)


if __name__ == "__main__":
    main()
