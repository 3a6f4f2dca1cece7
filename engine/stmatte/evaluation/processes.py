# SPDX-License-Identifier: Apache-2.0
"""The same work on many sequences, in several processes at once where that is asked for.

Pictures are read and compared in these; the network stays where it is. Processes are started
anew and inherit nothing, since a process that holds a network must not be copied.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, TypeVar

from stmatte.errors import StmatteError

T = TypeVar("T")

MOST_JOBS = 256


def each(call: Callable[..., T], arguments: Sequence[tuple[Any, ...]], jobs: int = 1) -> list[T]:
    """Return what a call gives for each of the arguments, in their order.

    call  a function of a module, or what else can be sent to another process
    jobs  how many processes; 1 does it in this one

    Raises what the first of the calls raises that fails; StmatteError for a number of processes
    that makes no sense.
    """
    if not 1 <= jobs <= MOST_JOBS:
        raise StmatteError(f"{jobs} processes", value=jobs, allowed=f"1 to {MOST_JOBS}")
    if jobs == 1 or len(arguments) < 2:
        return [call(*each) for each in arguments]
    with ProcessPoolExecutor(min(jobs, len(arguments)), get_context("spawn")) as pool:
        return list(pool.map(call, *zip(*arguments, strict=True)))
