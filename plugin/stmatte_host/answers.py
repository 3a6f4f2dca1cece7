# SPDX-License-Identifier: Apache-2.0
"""What the engine answers and tells, as nouns.

Pure. An answer that is odd raises one of `NOT_UNDERSTOOD`; who asked says then that engine and
host don't understand each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import EngineError, error_from
from .frames import frames_in

NOT_UNDERSTOOD = (KeyError, TypeError, ValueError, AttributeError, EngineError)
"""What reading an answer raises where it is not what it should be."""


@dataclass(frozen=True)
class Opened:
    """What the engine says of a shot that was opened or updated.

    shot     the session's name for it
    frames   all frames of the shot; () if it was not said
    objects  names of all objects; () if it was not said
    stale    object -> frames whose mattes are not what they would be now
    exposure  stops by which the network sees the plate brighter: to be kept in the shot's settings
    notes    sentences for the artist, such as what is odd and was allowed
    """

    shot: str
    frames: tuple[int, ...]
    objects: tuple[str, ...]
    stale: Mapping[str, tuple[int, ...]]
    exposure: float
    notes: tuple[str, ...]


@dataclass(frozen=True)
class JobFrame:
    """One frame of a job is there.

    done, frames  so many frames of so many
    file          where the mattes lie; "" if the engine doesn't say
    fresh         True if they were there already
    uncertainty   object -> how doubtful its matte is, 0 to 1
    seconds       what the frame took
    """

    job: str
    frame: int
    done: int
    frames: int
    digest: str
    file: str
    fresh: bool
    uncertainty: Mapping[str, float]
    seconds: float


@dataclass(frozen=True)
class JobLearning:
    """The network learnt so many steps of so many on the shot's keys; frames come after all."""

    job: str
    step: int
    steps: int


@dataclass(frozen=True)
class JobInterrupted:
    """The engine stopped, and is started again; the job goes on where it was."""

    job: str
    sentence: str


@dataclass(frozen=True)
class JobOver:
    """A job is over, and nothing more comes of it.

    outcome  "done", "cancelled" or "failed"
    skipped  frame -> sentence, for frames that were left out
    error    why it failed, else None
    """

    job: str
    outcome: str
    done: int
    frames: int
    skipped: Mapping[int, str]
    error: EngineError | None


def not_understood(method: str, why: Exception) -> EngineError:
    """Return the error for an answer that could not be read."""
    return EngineError(
        f'The engine\'s answer to "{method}" cannot be understood ({why!r})',
        repair="Bring plug-in and engine to the same version of STMatte",
    )


def opened(shot: str, said: Mapping[str, Any]) -> Opened:
    """Read the answer to `shot/open` or `shot/update`."""
    stale = said["stale"]
    return Opened(
        shot,
        frames_in(said.get("frames", "")),
        tuple(str(name) for name in said.get("objects", ())),
        {str(name): frames_in(frames) for name, frames in stale.get("objects", {}).items()},
        float((said.get("view") or {}).get("exposure", 0.0)),
        tuple(str(note) for note in said.get("notes", ())),
    )


def job_frame(job: str, said: Mapping[str, Any]) -> JobFrame:
    """Read `job/progress`."""
    return JobFrame(
        job,
        int(said["frame"]),
        int(said["done"]),
        int(said["frames"]),
        str(said.get("digest") or ""),
        str(said.get("file") or ""),
        bool(said.get("fresh", False)),
        {str(name): float(doubt) for name, doubt in (said.get("uncertainty") or {}).items()},
        float(said.get("seconds") or 0.0),
    )


def job_learning(job: str, said: Mapping[str, Any]) -> JobLearning:
    """Read `job/learning`."""
    return JobLearning(job, int(said["step"]), int(said["steps"]))


def job_over(job: str, said: Mapping[str, Any]) -> JobOver:
    """Read `job/done`."""
    error = said.get("error")
    return JobOver(
        job,
        str(said["outcome"]),
        int(said.get("done") or 0),
        int(said.get("frames") or 0),
        {int(frame): str(why) for frame, why in (said.get("skipped") or {}).items()},
        None if error is None else error_from(error),
    )
