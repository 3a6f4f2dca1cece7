# SPDX-License-Identifier: Apache-2.0
"""How a scheduler of Dask distributed is reached, or started here with some workers.

Whoever reaches a scheduler's port can run anything on its workers, so that a cluster is on this
machine alone, or speaks TLS, unless somebody says that its network can be trusted.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stmatte.errors import StmatteError

RERUNS = 1
"""So many workers may die of a command before it fails, where the scheduler is ours."""

ANSWERED = 60.0
"""Seconds that a worker has to answer what it is asked."""

_NEAR = re.compile(r"(?:tcp://)?(?:127(?:\.\d+){3}|localhost|\[::1\]):\d+|inproc://.*")


def library() -> Any:
    """Return Dask distributed. Raises StmatteError if it is not installed."""
    try:
        import distributed
        import distributed.scheduler
    except ImportError as error:
        raise StmatteError(
            "Clusters cannot be used here",
            value=error.name,
            allowed="they need the package distributed, which is not installed",
            repair="Run: pip install 'stmatte[cluster]'",
        ) from None
    return distributed


def check_open(address: str, *, trusted: bool) -> None:
    """Prove that nobody else can reach a scheduler. Raises StmatteError if somebody could."""
    if trusted or address.startswith("tls://") or _NEAR.fullmatch(address):
        return
    raise StmatteError(
        f'Cluster "{address}" is open to its network',
        value=address,
        allowed="whoever reaches a scheduler that does not speak TLS can run anything on its "
        "workers",
        repair="Use TLS (tls://, with Dask's own settings for the keys), or say --trust-network",
    )


def address_of(text: str) -> str:
    """Return a scheduler's address, from itself or from the file that it wrote."""
    path = Path(text)
    if not path.is_file():
        return text
    try:
        return str(json.loads(path.read_text("utf-8"))["address"])
    except (OSError, ValueError, LookupError, TypeError):
        raise StmatteError(
            f'"{text}" tells no scheduler\'s address',
            value=text,
            allowed="a scheduler writes its own with --scheduler-file",
            repair="Name that file, or the address",
        ) from None


@contextmanager
def workers_here(distributed: Any, count: int, *, gpu: bool) -> Iterator[tuple[Any, int]]:
    """Lend some workers on this machine, that nobody else can reach; and its GPUs."""
    import dask

    gpus = _gpus() if gpu else 0
    if gpu and not gpus:
        raise StmatteError(
            "This machine has no GPU",
            value=count,
            allowed='commands run on the device "cuda"',
            repair="Say --device cpu, or name a cluster that has some",
        )
    warnings.filterwarnings("ignore", "Port .* is already in use")  # it takes another one
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": RERUNS}),
        distributed.LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            resources={"GPU": 1} if gpu else {},
            memory_limit=None,  # what takes memory is the child, which has a budget
        ) as made,
    ):
        yield made, gpus


def _gpus() -> int:
    import torch

    return torch.cuda.device_count()


@contextmanager
def reached(distributed: Any, address: str) -> Iterator[Any]:
    """Lend a client of somebody's scheduler. Raises StmatteError if none answers there."""
    try:
        client = distributed.Client(address, set_as_default=False, timeout=ANSWERED)
    except (OSError, ValueError, TypeError) as error:
        raise StmatteError(
            f'Cluster "{address}" cannot be reached',
            value=address,
            allowed=f"a scheduler of Dask answers there ({error})",
            repair="Check the address, and whether the scheduler runs; local:2 is two workers here",
        ) from None
    with client:
        yield client
