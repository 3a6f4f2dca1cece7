# SPDX-License-Identifier: Apache-2.0
"""One's own cluster: the commands of `running`, started by workers of Dask distributed.

A worker starts the same command line as a child, so that what travels is a few words each way:
no picture goes through the scheduler. A worker that dies is started again by its nanny and gets
the command again, and what the store has is not computed again.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from uuid import uuid4

from stmatte.errors import StmatteError, raise_all
from stmatte.farm.commands import HERE
from stmatte.farm.leashed import THREADS
from stmatte.farm.outcomes import CANCELLED, FAILED
from stmatte.farm.processes import Ended, Halt
from stmatte.farm.reaching import address_of, check_open, library, reached, workers_here
from stmatte.farm.remote import run_here
from stmatte.farm.workers import answer, told

LOOKED = 0.2
"""Seconds between two looks at what became of a command."""

COUNTED = 5.0
"""Seconds between two looks at which workers there are."""

GRACE = 75.0
"""Seconds that a child has to leave, and its worker to say so."""

AHEAD = 2
"""Commands that are given to the scheduler for each worker: one that runs, and the next."""

Tell = Callable[[Mapping[str, Any]], None]
"""Who is told what a command says."""

_LOCAL = re.compile(r"local:([1-9]\d{0,2})")


@dataclass(frozen=True)
class Wanted:
    """What commands need of workers.

    gpu    whether they run on a GPU
    limit  seconds that one may take; None: no command is ended for that
    wait   seconds after which is given up if no worker can take any
    """

    gpu: bool = False
    limit: float | None = None
    wait: float = 60.0


@contextmanager
def cluster(address: str, wanted: Wanted, *, trusted: bool = False) -> Iterator[Cluster]:
    """Lend a cluster: somebody's, or some workers on this machine for as long as it lasts.

    address  of a scheduler; or the file that it wrote its address to; or local:N
    trusted  whether others on its network may run what they like on its machines

    Raises StmatteError if it cannot be reached or would be open to others, or the extra is not
    installed.
    """
    distributed = library()
    local = _LOCAL.fullmatch(address)
    if local:
        with (
            workers_here(distributed, int(local[1]), gpu=wanted.gpu) as (made, gpus),
            distributed.Client(made, set_as_default=False) as client,
        ):
            yield Cluster(client, wanted, gpus)
        return
    place = address_of(address)
    check_open(place, trusted=trusted)
    with reached(distributed, place) as client:
        yield Cluster(client, wanted)


@dataclass(eq=False)
class Cluster:
    """A cluster whose scheduler is reached.

    client  of the scheduler
    wanted  what commands need
    gpus    how many GPUs its workers on this machine share; 0: they know themselves
    """

    client: Any
    wanted: Wanted
    gpus: int = 0
    _name: str = field(default_factory=lambda: f"stmatte-{uuid4().hex}")
    _tellers: dict[str, Tell] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _counted: float = float("-inf")
    _seen: float = 0.0

    def __post_init__(self) -> None:
        self.client.subscribe_topic(self._name, self._said)

    def able(self) -> dict[str, Mapping[str, Any]]:
        """Return the workers that can take a command, by address."""
        workers: dict[str, Mapping[str, Any]] = self.client.scheduler_info(n_workers=-1)["workers"]
        return {
            place: worker
            for place, worker in workers.items()
            if not self.wanted.gpu or worker.get("resources", {}).get("GPU", 0) >= 1
        }

    def check(self, asked: Mapping[str, object]) -> None:
        """Ask all workers what `workers.asking` lends, and wait for the first of them.

        Raises StmatteError with all that is amiss with any of them, or if there is none.
        """
        self._wait_for_one()
        answers = self.client.run(
            answer, asked, workers=list(self.able()), nanny=False, on_error="return"
        )
        raise_all(
            problem
            for place, found in sorted(answers.items())
            for problem in (told(place, found) if isinstance(found, list) else _mute(place, found))
        )

    @property
    def slots(self) -> list[Mapping[str, str]]:
        """As many commands at a time as keep all workers busy."""
        threads = sum(max(1, int(each.get("nthreads", 1))) for each in self.able().values())
        return [{} for _ in range(AHEAD * max(1, threads))]

    def start(
        self,
        command: Sequence[str],
        *,
        tell: Tell,
        halt: Halt,
        more: Mapping[str, str],
    ) -> Ended:
        """Run a command on a worker to its end; see `running.Start`.

        It uses as many cores as it would here: Dask gives each worker one, and the number shows
        in the last places of a matte.
        """
        key = f"stmatte-{uuid4().hex}"
        self._tellers[key] = tell
        future = self.client.submit(
            run_here,
            list(command)[len(HERE) :],
            topic=self._name,
            key=key,
            limit=self.wanted.limit,
            more={**{name: os.environ.get(name, "") for name in THREADS}, **more},
            gpus=self.gpus,
            pure=False,
            resources={"GPU": 1} if self.wanted.gpu else None,
        )
        try:
            return self._ended(future, halt)
        finally:
            del self._tellers[key]
            future.release()

    def _said(self, event: tuple[float, Mapping[str, Any]]) -> None:
        """Pass on what a command said, in a thread of the client's."""
        _, said = event
        tell = self._tellers.get(str(said["key"]))
        if tell is not None:
            tell(said["line"])

    def _ended(self, future: Any, halt: Halt) -> Ended:
        left: float | None = None
        while not future.done():
            time.sleep(LOOKED)
            if halt.leave.is_set() and left is None:
                left = time.monotonic()
                library().Event(self._name, client=self.client).set()
            if left is not None and (halt.kill.is_set() or time.monotonic() - left > GRACE):
                return Ended(CANCELLED)
            if self._deserted():
                self.client.cancel([future], force=True)
                words = f"No worker could take it for {self.wanted.wait:.0f} s."
                return Ended(FAILED, words)
        if future.status == "error":
            return _failed(future.exception())
        if future.status != "finished":
            return Ended(CANCELLED, "The scheduler forgot it.")
        code, words, late = future.result()
        if late:
            words = f"It took longer than {self.wanted.limit:.0f} s. {words}".strip()
        return Ended(code, words, late)

    def _deserted(self) -> bool:
        """Return whether no worker was there for a while that could take a command."""
        with self._lock:
            now = time.monotonic()
            if now - self._counted >= COUNTED:
                self._counted = now
                if self.able() or not self._seen:
                    self._seen = now
            return now - self._seen > self.wanted.wait

    def _wait_for_one(self) -> None:
        began = time.monotonic()
        while not self.able():
            if time.monotonic() - began > self.wanted.wait:
                raise self._nobody()
            time.sleep(LOOKED)

    def _nobody(self) -> StmatteError:
        there = len(self.client.scheduler_info(n_workers=-1)["workers"])
        if there:
            return StmatteError(
                f"None of the cluster's {there} workers has a GPU",
                value=there,
                allowed='commands run on the device "cuda"',
                repair='Start workers with --resources "GPU=1", or say --device cpu',
            )
        return StmatteError(
            f"The cluster had no worker for {self.wanted.wait:.0f} s",
            value=0,
            allowed="commands are run by workers",
            repair="Start some, such as: dask worker ADDRESS --nthreads 1",
        )


def _failed(error: BaseException) -> Ended:
    """Return how a command ended that no worker could bring to its end."""
    if isinstance(error, library().scheduler.KilledWorker):
        return Ended(-9, "Its workers died.")
    return Ended(FAILED, str(error) or type(error).__name__)


def _mute(worker: str, error: object) -> Iterator[StmatteError]:
    """Yield the error for a worker that cannot even be asked."""
    yield StmatteError(
        f"Worker {worker} cannot be asked",
        value=str(error),
        allowed=f"its Python has to know this STMatte ({error})",
        repair="Install the same version of stmatte[cluster] there",
    )
