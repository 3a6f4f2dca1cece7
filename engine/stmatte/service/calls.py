# SPDX-License-Identifier: Apache-2.0
"""What each method does: messages into calls of the desk, and results into messages.

No logic of its own: a shot knows what is stale, a desk knows what a document means. Here
they only get names that a client can say.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import stmatte
from stmatte.errors import StmatteError
from stmatte.layout import Layout
from stmatte.output import Output
from stmatte.plan.ranges import written
from stmatte.service import messages, ranges
from stmatte.service.desk import Desk, OpenShot
from stmatte.service.jobs import Job, Jobs
from stmatte.service.messages import PROTOCOL, Message
from stmatte.service.refusals import Code, RefusedError, short

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reply:
    """An answer, and what begins only when the client has it."""

    answer: Message
    then: Callable[[], None] = lambda: None


class Calls:
    """All that a client may ask for, and what it has asked for so far.

    open_desk  called when the client says `initialize`
    jobs       where jobs work
    end        ends the service
    """

    def __init__(self, open_desk: Callable[[], Desk], jobs: Jobs, end: Callable[[], None]):
        self._open_desk = open_desk
        self._jobs = jobs
        self._end = end
        self._desk: Desk | None = None
        self.greeted = False  # whether the client has the answer to its `initialize`
        self._shots: dict[str, OpenShot] = {}
        self._started: set[str] = set()
        self._shot_numbers = count(1)
        self._job_numbers = count(1)

    def desk(self) -> Desk:
        """Return the desk. Raises RefusedError if the client has not said `initialize`."""
        if self._desk is None:
            raise RefusedError(
                Code.NOT_INITIALIZED,
                StmatteError(
                    "The engine does not know its client yet",
                    allowed='the first request is "initialize"',
                ),
            )
        return self._desk

    @property
    def table(self) -> Mapping[str, Callable[[Any], Reply]]:
        """Method -> the function that takes its checked parameters."""
        return {
            "initialize": self.initialize,
            "shot/open": self.shot_open,
            "shot/update": self.shot_update,
            "shot/plan": self.shot_plan,
            "shot/suggest": self.shot_suggest,
            "shot/close": self.shot_close,
            "job/start": self.job_start,
            "outline/start": self.outline_start,
            "job/cancel": self.job_cancel,
            "frame/matte": self.frame_matte,
            "shutdown": self.shutdown,
        }

    def initialize(self, asked: messages.Initialize) -> Reply:
        if asked.protocol != PROTOCOL:
            raise StmatteError(
                f"Protocol {short(str(asked.protocol))} is not spoken by this engine",
                value=asked.protocol,
                allowed=f"STMatte {stmatte.__version__} speaks protocol {PROTOCOL}",
                repair="Install an engine and a plug-in of the same version",
            )
        if self._desk is None:
            self._desk = self._open_desk()
        if asked.client is not None:
            _log.info("Client %s %s", short(asked.client.name), short(asked.client.version))
        about = self._desk.about()
        return Reply(
            messages.Initialized(
                name="stmatte",
                version=stmatte.__version__,
                protocol=1,
                models=[messages.ModelName(name=m.name, ships=m.ships) for m in about.models],
                devices=list(about.devices),
                store=messages.Store(path=str(about.store), limit=int(about.limit)),
            ),
            self._greet,
        )

    def shot_open(self, asked: messages.ShotOpen) -> Reply:
        shot = self.desk().open(
            asked.document,
            Path(asked.base),
            _output(asked),
            skip_errors=asked.skip_errors,
        )
        answer = messages.ShotOpened(
            shot=f"s{next(self._shot_numbers)}",
            frames=written(shot.frames),
            objects=list(shot.objects),
            view=messages.View(
                colorspace=shot.view.colorspace, why=shot.view.why, exposure=shot.view.exposure
            ),
            stale=_stale(shot),
            notes=list(shot.notes),
        )
        self._shots[answer.shot] = shot
        return Reply(answer)

    def shot_update(self, asked: messages.ShotUpdate) -> Reply:
        shot = self._shot(asked.shot).changed(asked.document)
        answer = messages.ShotUpdated(shot=asked.shot, stale=_stale(shot), notes=list(shot.notes))
        self._shots[asked.shot] = shot
        return Reply(answer)

    def shot_plan(self, asked: messages.ShotPlan) -> Reply:
        shot = self._shot(asked.shot)
        forecast = shot.forecast()
        return Reply(
            messages.ShotPlanned(
                spans=[
                    messages.SpanPlan(
                        object=span.object,
                        frames=written(span.frames),
                        keys=[int(key) for key in span.keys],
                        stale=written(span.stale),
                        why=span.why,
                    )
                    for span in shot.spans()
                ],
                forecast=messages.ForecastPlan(
                    frames=int(forecast.frames),
                    seconds=None if forecast.seconds is None else round(forecast.seconds, 3),
                    bytes=None if forecast.bytes is None else int(forecast.bytes),
                ),
            )
        )

    def shot_suggest(self, asked: messages.ShotSuggest) -> Reply:
        return Reply(
            messages.ShotSuggested(
                advice=[
                    messages.AdvicePlan(
                        frame=int(each.frame),
                        object=each.object,
                        gain=min(1.0, max(0.0, float(each.gain))),
                        reasons=list(each.reasons),
                    )
                    for each in self._shot(asked.shot).suggest(asked.count)
                ]
            )
        )

    def shot_close(self, asked: messages.ShotClose) -> Reply:
        self._shot(asked.shot)
        del self._shots[asked.shot]
        return Reply(
            messages.Nothing(), lambda: self._jobs.cancel(lambda job: job.shot == asked.shot)
        )

    def job_start(self, asked: messages.JobStart) -> Reply:
        shot = self._shot(asked.shot)
        frames = None if asked.frames is None else ranges.chosen(asked.frames, shot.frames)
        job = Job(f"j{next(self._job_numbers)}", asked.shot, shot, frames, asked.first)
        self._started.add(job.id)
        return Reply(messages.JobStarted(job=job.id), lambda: self._jobs.add(job))

    def outline_start(self, asked: messages.OutlineStart) -> Reply:
        work = self.desk().outline(
            asked.mattes,
            asked.object,
            Path(asked.out),
            lambda found: found if asked.frames is None else ranges.chosen(asked.frames, found),
            asked.tolerance,
            asked.inset,
        )
        job = Job(f"j{next(self._job_numbers)}", "", work)
        self._started.add(job.id)
        return Reply(messages.JobStarted(job=job.id), lambda: self._jobs.add(job))

    def job_cancel(self, asked: messages.JobCancel) -> Reply:
        if asked.job not in self._started:
            raise RefusedError(
                Code.JOB,
                StmatteError(
                    f'There is no job "{short(asked.job)}"',
                    value=asked.job,
                    allowed="a job is named as job/start named it",
                ),
            )
        return Reply(messages.Nothing(), lambda: self._jobs.cancel(lambda job: job.id == asked.job))

    def frame_matte(self, asked: messages.FrameMatte) -> Reply:
        shot = self._shot(asked.shot)
        if asked.frame not in shot.frames:
            raise StmatteError(
                f"Frame {asked.frame} is not in the shot",
                value=asked.frame,
                allowed=f"the shot has frames {short(written(shot.frames))}",
            )
        now = shot.matte(asked.frame)
        scores = now.uncertainty
        return Reply(
            messages.MatteFound(
                frame=asked.frame,
                digest=now.digest,
                file=None if now.file is None else str(now.file),
                files=[str(path) for path in now.files],
                fresh=bool(now.fresh),
                uncertainty=None if scores is None else {n: float(s) for n, s in scores.items()},
            )
        )

    def shutdown(self, asked: messages.Shutdown) -> Reply:  # noqa: ARG002  it has no parameters
        return Reply(messages.Nothing(), self._end)

    def _greet(self) -> None:
        self.greeted = True

    def _shot(self, name: str) -> OpenShot:
        if name in self._shots:
            return self._shots[name]
        raise RefusedError(
            Code.SHOT,
            StmatteError(
                f'No shot "{short(name)}" is open',
                value=name,
                allowed=f"open shots are {', '.join(self._shots) or 'none'}",
                repair="Open the shot again",
            ),
        )


def _output(asked: messages.ShotOpen) -> Output:
    return Output(
        asked.out,
        Layout(asked.channels, asked.compression, asked.depth),
        uncertainty=asked.uncertainty,
        raw=asked.raw_probabilities,
        shot=asked.name,
        overwrite=asked.overwrite,
        skip_existing=asked.skip_existing,
        cryptomatte=asked.cryptomatte,
    )


def _stale(shot: OpenShot) -> messages.Stale:
    return messages.Stale(
        frames=written(shot.stale_frames()),
        objects={name: written(frames) for name, frames in shot.stale().items()},
    )
