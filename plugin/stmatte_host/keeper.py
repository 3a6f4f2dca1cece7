# SPDX-License-Identifier: Apache-2.0
"""Keeps an engine: starts it, puts questions to it, and starts it again when it stops.

What is asked waits here until an engine is there and has its shot open, in the order in which it
was asked. If the engine stops, what it did not answer is put to the next one, shots are opened
again when something is asked about them, and jobs are started again: the engine's store lets
them go on where they were. Everything happens on the agenda's thread; what the host is to
hear goes through its dispatch. Knows no host.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from .agenda import Agenda, Alarm
from .answers import NOT_UNDERSTOOD, not_understood
from .asked import Asked, HeldShot, job_start, reopening
from .connection import Connection
from .errors import EngineError, EngineSilentError, EngineStoppedError
from .jobs import Job
from .ledger import Ledger
from .logs import log_for_engine
from .mailbox import Dispatch
from .messages import Notice
from .patience import Patience
from .restarts import Restarts, end_in_words, stopped_error
from .starting import Engine, start

_log = logging.getLogger("stmatte_host")
_DYING = 2.0
"""Seconds that an engine may take between its last word and its end; else it is ended."""


class Keeper:
    """One engine at a time, and all that is to be asked of it."""

    def __init__(
        self, agenda: Agenda, dispatch: Dispatch, engine: Engine, patience: Patience
    ) -> None:
        self._agenda = agenda
        self._dispatch = dispatch
        self._engine = engine
        self._patience = patience
        self._restarts = Restarts(patience)
        self._connection: Connection | None = None
        self._greeting: dict[str, Any] | None = None
        self._restart_at: Alarm | None = None
        self._closed = False
        self._shots: dict[str, HeldShot] = {}
        self._ledger = Ledger(self.tell, patience.fruitless)
        self._waiting: deque[Asked] = deque()
        self._unanswered: list[Asked] = []

    # What the session asks for.

    def hold(self, name: str, shot: HeldShot) -> None:
        """Keep a shot until it is let go."""
        self._shots[name] = shot

    def ask(self, asked: Asked) -> None:
        """Put a question, now or when an engine can answer it."""
        self._waiting.append(asked)
        if self._connection is None and self._restart_at is None:
            self._start()
        self._advance()

    def let_go(self, name: str) -> None:
        """Cancel the jobs of a shot, and have it closed."""
        for job in self._ledger:
            if job.shot == name:
                self.cancel_job(job.name)
        shot = self._shots.pop(name, None)
        if shot is not None and shot.engine_name is not None:
            self._now("shot/close", {"shot": shot.engine_name})
        self._advance()

    def start_job(self, job: Job) -> None:
        """Have a job started."""
        self._ledger.add(job)
        self.ask(self._starting(job))

    def cancel_job(self, name: str) -> None:
        """Have a job stopped, whether it is at work, waiting, or between two engines."""
        job = self._ledger.find(name)
        if job is None or job.cancelled:
            return
        job.cancelled = True
        waiting = [asked for asked in self._waiting if asked.job is job]
        for asked in waiting:
            self._waiting.remove(asked)
            self._ledger.over(job, job.ended("cancelled"))
        if job.engine_name is not None:
            self._now("job/cancel", {"job": job.engine_name})

    def restart(self) -> None:
        """End the engine by force, and start the next at once if there is something to do."""
        self._restarts.forget()
        if self._connection is not None:
            self._stopped("it was ended by hand", counted=False)
        elif self._restart_at is not None:
            self._restart_at.cancel()
            self._start()

    def close(self) -> None:
        """End the engine; whatever waits fails, and jobs end as cancelled."""
        self._closed = True
        connection = self._connection
        self._connection = self._greeting = None
        if connection is not None:
            connection.end(self._patience.leaving)
        self._fail_all(EngineStoppedError("The engine was closed"), cancelled=True)

    def tell(self, call: Callable[[], None]) -> None:
        """Have a call made on the host's main thread."""
        try:
            self._dispatch(call)
        except Exception:
            _log.exception("The host took no call")

    # Putting questions.

    def _advance(self) -> None:
        """Put what waits to the engine, in order, as far as shots are open."""
        while self._greeting is not None and self._waiting:
            asked = self._waiting[0]
            shot = self._shots.get(asked.shot)
            if asked.shot and shot is None:
                self._waiting.popleft().failed(EngineError("The shot was closed"))
            elif shot is not None and shot.opening:
                return
            elif shot is not None and shot.engine_name is None and asked.document is None:
                failed = partial(self._not_reopened, asked.shot)
                self._waiting.appendleft(reopening(asked.shot, shot, failed))
            else:
                self._put(self._waiting.popleft(), shot)

    def _put(self, asked: Asked, shot: HeldShot | None) -> None:
        if not asked.method:
            asked.then(self._greeting)
            return
        method, params = asked.message(shot)
        if method == "shot/open" and shot is not None:
            shot.opening = True
        self._now(method, params, partial(self._answered, asked), partial(self._refused, asked))

    def _now(
        self,
        method: str,
        params: Mapping[str, Any],
        answered: Callable[[Any], None] = lambda _: None,
        refused: Callable[[EngineError], None] = lambda _: None,
    ) -> None:
        if self._connection is not None:
            self._connection.ask(method, params, self._patience.answering, answered, refused)

    def _answered(self, asked: Asked, said: Any) -> None:
        try:
            self._learn(asked, said)
            value = asked.read(said)
        except NOT_UNDERSTOOD as error:
            asked.failed(not_understood(asked.method, error))
        else:
            asked.then(value)
        self._advance()

    def _learn(self, asked: Asked, said: Any) -> None:
        """Remember the engine's name for a shot that it opened."""
        if asked.document is None:
            return
        shot = self._shots.get(asked.shot)
        if shot is None:  # let go meanwhile
            if "shot" in said:
                self._now("shot/close", {"shot": said["shot"]})
            return
        if shot.opening:
            shot.opening = False
            shot.engine_name = str(said["shot"])
        shot.document = asked.document

    def _refused(self, asked: Asked, error: EngineError) -> None:
        if isinstance(error, EngineStoppedError) and not self._closed:
            self._unanswered.append(asked)  # `_stopped` comes next
            return
        shot = self._shots.get(asked.shot)
        if shot is not None and asked.document is not None:
            shot.opening = False
            if shot.document is None:
                del self._shots[asked.shot]
        asked.failed(error)
        self._advance()

    def _not_reopened(self, name: str, error: EngineError) -> None:
        """Let fail what waits for a shot that the engine doesn't take any more."""
        for asked in [asked for asked in self._waiting if asked.shot == name]:
            if asked.document is not None:
                return  # what comes from here on is about another document
            self._waiting.remove(asked)
            asked.failed(error)

    def _starting(self, job: Job) -> Asked:
        def taken(engine_name: str) -> None:
            for early in self._ledger.taken(job, engine_name):
                self._noticed(early)
            if job.cancelled and self._ledger.find(job.name):
                self._now("job/cancel", {"job": engine_name})

        return job_start(
            job, taken, lambda error: self._ledger.over(job, job.ended("failed", error))
        )

    def _noticed(self, notice: Notice) -> None:
        try:
            if notice.method == "engine/log":
                log_for_engine(notice.params)
            elif notice.method in ("job/learning", "job/progress", "job/done"):
                self._ledger.told(notice)
            else:
                _log.debug("The engine tells what is not known here: %s", notice.method)
        except NOT_UNDERSTOOD as error:
            _log.warning("The engine tells what cannot be understood: %r (%r)", notice, error)

    # Starting, and starting again.

    def _start(self) -> None:
        self._restart_at = None
        try:
            self._connection = start(
                self._engine,
                self._agenda,
                self._patience,
                on_notice=self._noticed,
                on_stop=self._stopped,
                greeted=self._greeted,
                refused=self._not_greeted,
            )
        except EngineError as error:
            self._fail_all(error)

    def _greeted(self, said: dict[str, Any]) -> None:
        self._greeting = said
        self._advance()

    def _not_greeted(self, error: EngineError) -> None:
        connection = self._connection
        if isinstance(error, EngineStoppedError) or connection is None:
            return  # `_stopped` comes next
        if isinstance(error, EngineSilentError):
            self._stopped("it did not answer and was ended")
            return
        self._connection = None
        connection.end(0)
        self._fail_all(error)

    def _stopped(self, how: str = "", counted: bool = True) -> None:
        """Clear up after an engine that is gone, and start the next if there is something to do.

        how      how it ended, where it must be ended first; "" if it went by itself
        counted  it must not do so too often
        """
        connection = self._connection
        if connection is None:
            return
        code, log = connection.end(0 if how else _DYING), connection.log
        how = how or end_in_words(code)
        ready = self._greeting is not None
        self._connection = self._greeting = None
        for shot in self._shots.values():
            shot.engine_name, shot.opening = None, False
        delay = self._restarts.stopped(time.monotonic(), ready) if counted else 0.0
        working = any(job.engine_name for job in self._ledger)
        again = self._ledger.engine_stopped(how, log, counted)
        self._take_back(None if working or not counted else partial(stopped_error, how, log))
        self._waiting.extendleft(map(self._starting, reversed(again)))
        if not self._waiting:
            return
        if delay is None:
            self._fail_all(stopped_error(how, log, self._restarts.in_words))
        else:
            self._restart_at = self._agenda.after(delay, self._start)

    def _take_back(self, blame: Callable[[str], EngineError] | None) -> None:
        """Let what the engine did not answer wait for the next one.

        blame  makes the error from what was wrong, where the engine seems to have died of a
               question. It answers in order, so that is the first; several times, and it fails.
               None where it may have died of something else, such as a job
        """
        lost, self._unanswered = self._unanswered, []
        for asked in reversed(lost):
            if asked.job is not None and asked.job.cancelled:
                self._ledger.over(asked.job, asked.job.ended("cancelled"))
            elif asked.again:
                self._waiting.appendleft(asked)
        if blame is not None and lost and self._waiting:
            # Where the first was to open a shot again, this is who wanted it open.
            suspect = self._waiting[0]
            suspect.blamed += 1
            if suspect.blamed >= self._patience.tries:
                self._waiting.popleft()
                suspect.failed(blame(f'The engine stops whenever it is asked "{lost[0].method}"'))

    def _fail_all(self, error: EngineError, cancelled: bool = False) -> None:
        """Let everything that waits fail, and forget the past: the next question tries anew.

        cancelled  jobs end as cancelled, not as failed
        """
        self._restarts.forget()
        self._ledger.end_all(None if cancelled else error)
        waiting, self._waiting = self._waiting, deque()
        for asked in waiting:
            asked.failed(error)
