# SPDX-License-Identifier: Apache-2.0
"""One's own cluster, as a command names it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from stmatte.farm.jobs import ShotJob
    from stmatte.farm.running import Start

_Command = TypeVar("_Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--cluster",
        metavar="ADDRESS",
        help="Let a cluster of Dask compute: the address of its scheduler, the file that it wrote "
        "it to, or local:N for N workers on this machine.",
    ),
    click.option(
        "--trust-network",
        is_flag=True,
        help="Take a cluster without TLS: whoever reaches it can run anything on its machines.",
    ),
    click.option(
        "--wait",
        type=click.FloatRange(0),
        default=60.0,
        show_default=True,
        metavar="SECONDS",
        help="Give up when the cluster has had no worker for so long that can compute.",
    ),
    click.option(
        "--time-limit",
        "limit",
        type=click.FloatRange(1),
        metavar="SECONDS",
        help="When a command of the cluster is ended; ten times the longest forecast, half an "
        "hour at least, if left out.",
    ),
)
_NAMES = ("cluster", "trust_network", "wait", "limit")


@dataclass(frozen=True)
class Named:
    """The cluster that a command names; see its options.

    address  "" where none is named
    """

    address: str
    trusted: bool
    wait: float
    limit: float | None


def options(command: _Command) -> _Command:
    """Give a command these options; it gets what they say as keywords, for `named` to gather."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def named(said: dict[str, Any]) -> Named:
    """Take what the options say out of a command's keywords."""
    address, trusted, wait, limit = (said.pop(name) for name in _NAMES)
    return Named(address or "", trusted, wait, limit)


@contextmanager
def reached(
    name: Named, jobs: Sequence[ShotJob], store: Path
) -> Iterator[tuple[list[Mapping[str, str]], Start]]:
    """Lend as many slots as keep a cluster busy, and what starts a command on it.

    Before, every worker was asked whether it finds what this machine finds.

    Raises StmatteError for what a person can mend.
    """
    from stmatte.farm.cluster import Wanted, cluster
    from stmatte.farm.files import files_of, weights_of
    from stmatte.farm.jobs import time_limit
    from stmatte.farm.workers import asking

    longest = max((chunk.seconds for job in jobs for chunk in job.chunks), default=0)
    gpu = any(job.device == "cuda" for job in jobs)
    wanted = Wanted(gpu, name.limit or time_limit(longest), name.wait)
    files = dict.fromkeys(path for job in jobs for path in files_of(job.shot))
    weights = dict.fromkeys(weights_of(job.shot) for job in jobs)
    with cluster(name.address, wanted, trusted=name.trusted) as made:
        with asking(store, list(files), list(weights)) as asked:
            made.check(asked)
        yield made.slots, made.start
