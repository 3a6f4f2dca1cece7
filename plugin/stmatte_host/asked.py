# SPDX-License-Identifier: Apache-2.0
"""What the session has to ask the engine, and the shots that it asks about.

Unlike a request on the wire, what is here outlives an engine: it is named by the session's own
names, and is written down anew for each engine that it is put to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from .errors import EngineError
from .jobs import Job


@dataclass
class HeldShot:
    """A shot that the host has open, whether or not an engine has it open now.

    places       what `shot/open` needs besides the document: base, out, choices
    document     the last document that the engine took; None before the first
    engine_name  the engine's name for it; None if this engine doesn't have it open
    opening      the engine was asked to open it and has not answered
    """

    places: Mapping[str, Any]
    document: Mapping[str, Any] | None = None
    engine_name: str | None = None
    opening: bool = False


@dataclass(eq=False)
class Asked:
    """One thing to ask.

    method    the protocol's method; with a document, `shot/open` or `shot/update` as need be
    params    its parameters, without the shot
    then      called with the result
    failed    called with the error
    read      turns the engine's result into a noun; may fail where the result is odd
    shot      the session's name of the shot that it is about, or ""
    document  the shot document to bring
    job       the job that it starts
    again     put it to the next engine if this one stops before it answers
    blamed    how many engines seem to have died of it
    """

    method: str
    params: Mapping[str, Any]
    then: Callable[[Any], None]
    failed: Callable[[EngineError], None]
    read: Callable[[Any], Any] = dict
    shot: str = ""
    document: Mapping[str, Any] | None = None
    job: Job | None = None
    again: bool = True
    blamed: int = 0

    def message(self, shot: HeldShot | None) -> tuple[str, dict[str, Any]]:
        """Return method and parameters for the engine at hand."""
        params = dict(self.params)
        if shot is None:
            return self.method, params
        if self.document is not None:
            params["document"] = self.document
            if shot.engine_name is None:
                return "shot/open", {**shot.places, **params}
        params["shot"] = shot.engine_name
        return self.method, params


def job_start(
    job: Job, taken: Callable[[str], None], failed: Callable[[EngineError], None]
) -> Asked:
    """Return the question that starts a job; `taken` is called with the engine's name for it."""
    return Asked(
        job.method,
        job.params,
        taken,
        failed,
        read=lambda said: str(said["job"]),
        shot=job.shot,
        job=job,
    )


def reopening(name: str, shot: HeldShot, failed: Callable[[EngineError], None]) -> Asked:
    """Return the question that opens a shot, as it was said last, in an engine that is new."""
    return Asked(
        "shot/open", {}, lambda _: None, failed, shot=name, document=shot.document, again=False
    )


def resolve(future: Future[Any], value: Any) -> None:
    """Give a future its value, unless the host has cancelled it."""
    if future.set_running_or_notify_cancel():
        future.set_result(value)


def refuse(future: Future[Any], error: EngineError) -> None:
    """Give a future its error, unless the host has cancelled it."""
    if future.set_running_or_notify_cancel():
        future.set_exception(error)
