# SPDX-License-Identifier: Apache-2.0
"""A job as the host sees it: one, however often the engine had to be started for it.

Pure bookkeeping, no threads: which frames were told, and when going on has no use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Union

from .answers import (
    JobFrame,
    JobInterrupted,
    JobLearning,
    JobOver,
    job_frame,
    job_learning,
    job_over,
)
from .errors import EngineError

JobEvent = Union[JobLearning, JobFrame, JobInterrupted, JobOver]
"""What is told of a job: any number of steps, frames and interruptions, then once that it is over.
"""

Tell = Callable[[JobEvent], None]


class Job:
    """One press of Propagate, or of something else that takes its time.

    name    the session's name for it, which stays
    shot    the session's name of its shot; "" where it is of none
    params  what to start it with: frames, first
    tell    where its events go
    method  what starts it
    """

    def __init__(
        self,
        name: str,
        shot: str,
        params: Mapping[str, Any],
        tell: Tell,
        method: str = "job/start",
    ) -> None:
        self.name = name
        self.shot = shot
        self.params = params
        self.tell = tell
        self.method = method
        self.engine_name: str | None = None
        self.cancelled = False
        self._told: dict[int, str] = {}
        self._frames = 0
        self._new_frames = False
        self._fruitless = 0

    def frame(self, said: Mapping[str, Any]) -> JobFrame | None:
        """Return what to tell the host of a frame, or None if it was told before.

        After a restart the engine counts from its own beginning; the host's count goes on.
        """
        event = job_frame(self.name, said)
        if self._told.get(event.frame) == event.digest and event.frame in self._told:
            return None
        self._told[event.frame] = event.digest
        self._frames = max(self._frames, event.frames)
        self._new_frames = True
        return replace(event, done=max(len(self._told), event.done), frames=self._frames)

    def learning(self, said: Mapping[str, Any]) -> JobLearning:
        """Return what to tell the host of a step that was learnt."""
        return job_learning(self.name, said)

    def over(self, said: Mapping[str, Any]) -> JobOver:
        """Return what to tell the host of the engine's end of the job."""
        event = job_over(self.name, said)
        return replace(
            event,
            done=max(event.done, len(self._told)),
            frames=max(event.frames, self._frames),
        )

    def ended(self, outcome: str, error: EngineError | None = None) -> JobOver:
        """Return what to tell the host when the job ends without the engine."""
        return JobOver(self.name, outcome, len(self._told), self._frames, {}, error)

    def interrupted(self, working: bool, most: int) -> bool:
        """Note that the engine stopped; return whether to start the job again.

        working  this job was at work, not waiting for its turn
        most     how often it may be started again without a new frame since the last time

        Without the last, a frame that kills the engine would be tried for ever, each time
        slowly enough not to count as too many restarts in a minute.
        """
        self.engine_name = None
        if working:
            self._fruitless = 0 if self._new_frames else self._fruitless + 1
            self._new_frames = False
        return self._fruitless <= most
