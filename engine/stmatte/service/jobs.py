# SPDX-License-Identifier: Apache-2.0
"""Jobs: deliveries that work one at a time on a thread of their own, and can be cancelled.

Whatever becomes of a job, its end is told exactly once. Knows shots only as something
that delivers, and the client only as somebody who is told.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Literal

from stmatte.errors import LostDeviceError, StmatteError
from stmatte.service.desk import FrameDone, Work
from stmatte.service.messages import Error, JobDone, JobLearning, JobProgress, Message
from stmatte.service.refusals import Code, defect, error_of

_log = logging.getLogger(__name__)

Tell = Callable[[str, Message], None]
"""Called with the method and the parameters of what the client is to be told."""


@dataclass
class Job:
    """A delivery that somebody asked for.

    id      its name for the client
    shot    the shot's name for the client; "" for a job that is of no shot
    work    what it does; a shot is as it was when the job was asked for
    frames  which frames of it; None means all
    first   the frame that is wanted first
    """

    id: str
    shot: str
    work: Work
    frames: Collection[int] | None = None
    first: int | None = None
    done: int = 0
    cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def wanted(self) -> int:
        """How many frames it wants."""
        return len(self.work.frames if self.frames is None else self.frames)


class Jobs:
    """All jobs that are not over: one works, the others wait in their order.

    tell  takes what the client is to be told; called in any thread
    left  called when, after `end`, the last job is over; or when the device was lost, and jobs
          that wait are left to the next engine
    """

    def __init__(self, tell: Tell, left: Callable[[], None]):
        self._tell = tell
        self._left = left
        self._waiting: deque[Job] = deque()
        self._working: Job | None = None
        self._ending = False
        self.lost = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
        self._thread.start()

    def add(self, job: Job) -> None:
        """Let a job work when its turn comes."""
        with self._changed:
            late = self._ending
            if not late:
                self._waiting.append(job)
                self._changed.notify()
        if late:
            self._tell_unbegun(job)

    def cancel(self, which: Callable[[Job], bool]) -> None:
        """End the jobs that `which` picks: waiting ones now, a working one within a frame."""
        with self._changed:
            unbegun = [job for job in self._waiting if which(job)]
            self._waiting = deque(job for job in self._waiting if not which(job))
            if self._working is not None and which(self._working):
                self._working.cancelled.set()
        for job in unbegun:
            self._tell_unbegun(job)

    def end(self) -> None:
        """Cancel all jobs and take no more; `left` is called when the last one is over."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        self.cancel(lambda _: True)

    def _run(self) -> None:
        while (job := self._next()) is not None:
            ended = self._carry_out(job)
            with self._changed:
                self._working = None
            self._tell("job/done", ended)
            if self.lost:
                break
        self._left()

    def _next(self) -> Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ending)
            self._working = self._waiting.popleft() if self._waiting else None
            return self._working

    def _carry_out(self, job: Job) -> JobDone:
        try:
            delivery = job.work.deliver(
                job.frames,
                job.first,
                job.cancelled.is_set,
                lambda done: self._progress(job, done),
                lambda step, steps: self._learning(job, step, steps),
            )
            return JobDone(
                job=job.id,
                shot=job.shot,
                outcome="cancelled" if delivery.cancelled else "done",
                done=len(delivery.mattes),
                frames=job.wanted,
                skipped={str(frame): str(why) for frame, why in delivery.skipped.items()},
                error=None,
            )
        except StmatteError as problem:
            self.lost = isinstance(problem, LostDeviceError)
            return _ended(job, "failed", error_of(Code.MENDABLE, problem))
        except BaseException as error:  # even a library that wants to exit ends only the job
            _log.exception("Job %s of shot %s ended by a mistake", job.id, job.shot)
            return _ended(job, "failed", defect("a job", error))

    def _progress(self, job: Job, frame: FrameDone) -> None:
        told = JobProgress(
            job=job.id,
            shot=job.shot,
            frame=int(frame.frame),
            done=int(frame.done),
            frames=int(frame.frames),
            digest=frame.digest,
            file=str(frame.path),
            files=[str(path) for path in frame.files],
            fresh=bool(frame.fresh),
            uncertainty={name: float(score) for name, score in frame.scores.items()},
            seconds=round(float(frame.seconds), 3),
        )
        job.done = told.done
        self._tell("job/progress", told)

    def _learning(self, job: Job, step: int, steps: int) -> None:
        self._tell("job/learning", JobLearning(job=job.id, shot=job.shot, step=step, steps=steps))

    def _tell_unbegun(self, job: Job) -> None:
        self._tell("job/done", _ended(job, "cancelled", None))


def _ended(job: Job, outcome: Literal["cancelled", "failed"], error: Error | None) -> JobDone:
    return JobDone(
        job=job.id,
        shot=job.shot,
        outcome=outcome,
        done=job.done,
        frames=job.wanted,
        skipped={},
        error=error,
    )
