# SPDX-License-Identifier: Apache-2.0
"""The jobs that are not over, and what the host is told of them.

Knows engines only by the names that they give to jobs, and asks nothing of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from .answers import JobInterrupted, JobOver
from .errors import EngineError
from .jobs import Job
from .messages import Notice
from .restarts import stopped_error

_EARLY_KEPT = 1000


class Ledger:
    """Jobs in the order in which they were started, which is the order in which they work.

    tell       has a call made on the host's main thread
    fruitless  how often a job is started again without a new frame since the last time
    """

    def __init__(self, tell: Callable[[Callable[[], None]], None], fruitless: int) -> None:
        self._tell = tell
        self._fruitless = fruitless
        self._jobs: dict[str, Job] = {}
        self._early: list[Notice] = []

    def __iter__(self) -> Iterator[Job]:
        return iter(tuple(self._jobs.values()))

    def add(self, job: Job) -> None:
        """Note a job of the host's."""
        self._jobs[job.name] = job

    def find(self, name: str) -> Job | None:
        """Return the job of that name, unless it is over."""
        return self._jobs.get(name)

    def taken(self, job: Job, engine_name: str) -> list[Notice]:
        """Note that the engine took a job; return what it told too early to be understood."""
        job.engine_name = engine_name
        early, self._early = self._early, []
        return early

    def told(self, notice: Notice) -> None:
        """Tell the host what `job/learning`, `job/progress` or `job/done` says.

        Raises KeyError, TypeError, ValueError or AttributeError if the notice is odd.
        """
        name = notice.params["job"]
        job = next((job for job in self if job.engine_name == name), None)
        if job is None:  # perhaps the engine has not yet said that it took the job
            self._early.append(notice)
            del self._early[:-_EARLY_KEPT]
        elif notice.method == "job/done":
            self.over(job, job.over(notice.params))
        elif notice.method == "job/learning":
            self._tell(partial(job.tell, job.learning(notice.params)))
        else:
            event = job.frame(notice.params)
            if event is not None:
                self._tell(partial(job.tell, event))

    def over(self, job: Job, event: JobOver) -> None:
        """Tell the host that a job is over, once, and forget it."""
        if self._jobs.pop(job.name, None) is not None:
            self._tell(partial(job.tell, event))

    def engine_stopped(self, how: str, log: Path, counted: bool) -> list[Job]:
        """Return the jobs to start again of those that the engine had taken, in their order.

        how, log  how the engine ended, and where it said more
        counted   it went by itself: a job that it dies of is given up some time
        """
        self._early.clear()
        again: list[Job] = []
        why = f"The engine stopped ({how}) and is started again; the job goes on."
        taken = [job for job in self if job.engine_name is not None]
        for job in taken:
            if job.cancelled:
                self.over(job, job.ended("cancelled"))
            elif job.interrupted(counted and job is taken[0], self._fruitless):
                again.append(job)
                self._tell(partial(job.tell, JobInterrupted(job.name, why)))
            else:
                what = "The engine stops whenever it works on the next frame of this shot"
                self.over(job, job.ended("failed", stopped_error(how, log, what)))
        return again

    def end_all(self, error: EngineError | None) -> None:
        """End every job: as failed with the error, or as cancelled without one."""
        for job in self:
            self.over(job, job.ended("failed" if error else "cancelled", error))
