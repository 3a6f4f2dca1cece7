# SPDX-License-Identifier: Apache-2.0
"""The service itself: lines come in, are carried out one by one, and lines go out.

One thread reads, the calling thread carries out and answers in the order of the requests,
and jobs work on a third; so a job never keeps a request waiting. Whatever a client sends,
the service answers by the rules and goes on.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from enum import Enum
from queue import SimpleQueue

from pydantic import ValidationError

from stmatte.errors import StmatteError
from stmatte.service.calls import Calls, Reply
from stmatte.service.desk import Desk
from stmatte.service.envelope import Call, NoCallError, answer, notice, read_call, refusal
from stmatte.service.jobs import Jobs
from stmatte.service.lines import LIMIT, LineWriter, Readable, TooLong, Writable, read_lines
from stmatte.service.messages import REQUESTS, Message
from stmatte.service.refusals import Code, RefusedError, defect, error_of, short

READ_AHEAD = 4  # lines that wait for their turn; bounds memory at so many times LIMIT
INTERRUPTED = 130
LOST = 75  # EX_TEMPFAIL of sysexits.h: try again, with another process

_log = logging.getLogger(__name__)


class _Event(Enum):
    """What wakes the service besides a line."""

    NO_MORE = "nobody writes or reads any more"
    SIGNALLED = "the process was asked to end"
    JOBS_OVER = "the last job is over"


class Server:
    """A client's view of a desk.

    open_desk  called when the client says `initialize`; may take its time
    answers    where lines go
    """

    def __init__(self, open_desk: Callable[[], Desk], answers: Writable):
        # of all queues only this one may be filled by a signal while the same thread reads it
        self._inbox: SimpleQueue[bytes | TooLong | _Event] = SimpleQueue()
        self._room = threading.Semaphore(READ_AHEAD)
        self._writer = LineWriter(answers, lambda: self._inbox.put(_Event.NO_MORE))
        self._jobs = Jobs(self.tell, lambda: self._inbox.put(_Event.JOBS_OVER))
        self._calls = Calls(open_desk, self._jobs, self._end)
        self._ending = False
        self._signal: int | None = None

    def serve(self, requests: Readable) -> int:
        """Serve until the client goes, says `shutdown`, or a signal asks to end.

        returns  the exit code of the process: 0, or 130 after Ctrl-C, or 75 where it lost its
                 device: the job that met it has failed, and another process may take the rest
        """
        threading.Thread(target=self._read, args=(requests,), name="lines", daemon=True).start()
        while (event := self._inbox.get()) is not _Event.JOBS_OVER:
            if self._signal is not None or isinstance(event, _Event):
                self._end()
            if not isinstance(event, _Event):
                self._room.release()
                self._receive(event)
        if self._jobs.lost:
            _log.error("The engine ends, since its device is gone. Start it again to go on")
            return LOST
        return INTERRUPTED if self._signal == signal.SIGINT else 0

    def asked_to_end(self, number: int, frame: object) -> None:  # noqa: ARG002  signal's form
        """Take a signal: the frame in work is finished. A second signal ends the process."""
        if self._signal is not None:
            os._exit(128 + number)
        self._signal = number
        self._inbox.put(_Event.SIGNALLED)

    def tell(self, method: str, params: Message) -> None:
        """Tell the client something it did not ask for."""
        self._writer.write(notice(method, params))

    @property
    def listened(self) -> bool:
        """Whether the client expects to be told something by now."""
        return self._calls.greeted

    def _end(self) -> None:
        if not self._ending:
            self._ending = True
            self._jobs.end()

    def _read(self, requests: Readable) -> None:
        try:
            for line in read_lines(requests):
                self._room.acquire()
                self._inbox.put(line)
        except OSError as error:
            _log.warning("Requests cannot be read any more (%s)", error)
        finally:
            self._inbox.put(_Event.NO_MORE)

    def _receive(self, line: bytes | TooLong) -> None:
        try:
            if isinstance(line, TooLong):
                raise _too_long()
            call = read_call(line)
        except NoCallError as no:
            _log.warning("%s", no)
            self._writer.write(refusal(no.id, error_of(no.code, no.problem)))
            return
        reply: Reply | None = None
        try:
            reply = self._carry_out(call)
            said = answer(call.id, reply.answer)
        except RefusedError as no:
            said = refusal(call.id, error_of(no.code, no.problem))
        except StmatteError as problem:
            said = refusal(call.id, error_of(Code.MENDABLE, problem))
        except Exception as error:
            _log.exception("A mistake in %s", short(call.method))
            said = refusal(call.id, defect(f'"{short(call.method)}"', error))
        if call.awaited:
            self._writer.write(said)
        elif "error" in said:
            _log.warning("Notification %s: %s", short(call.method), said["error"])
        if reply is not None:
            reply.then()

    def _carry_out(self, call: Call) -> Reply:
        if self._ending:
            raise RefusedError(Code.ENDING, StmatteError("The engine is shutting down"))
        if call.method != "initialize":
            self._calls.desk()  # refuses what comes too early, known or not
        if call.method not in REQUESTS:
            raise RefusedError(
                Code.METHOD,
                StmatteError(
                    f'There is no method "{short(call.method)}"',
                    value=call.method,
                    allowed=f"methods are {', '.join(REQUESTS)}",
                ),
            )
        return self._calls.table[call.method](_checked(call))


def _checked(call: Call) -> Message:
    """Return the parameters of a call as its model. Raises RefusedError with all that is wrong."""
    model = REQUESTS[call.method][0]
    names = ", ".join(model.model_fields)
    allowed = f"its parameters are {names}" if names else "it has no parameters"
    if isinstance(call.params, list):
        what = f'"{call.method}" got its parameters as a list'
        raise RefusedError(Code.PARAMS, StmatteError(what, allowed="parameters are an object"))
    try:
        return model.model_validate(call.params)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False, include_input=False)
    problems = [
        StmatteError(_wrong(call.method, one["type"], one["loc"], one["msg"]), allowed=allowed)
        for one in wrong
    ]
    raise RefusedError(Code.PARAMS, *problems)


def _wrong(method: str, kind: str, place: tuple[int | str, ...], message: str) -> str:
    name = short(".".join(map(str, place)))
    if kind == "missing":
        return f'"{method}" lacks "{name}"'
    if kind == "extra_forbidden":
        return f'"{method}" knows no "{name}"'
    return f'"{method}" got a wrong "{name}", {message[:1].lower()}{message[1:]}'


def _too_long() -> NoCallError:
    return NoCallError(
        Code.TOO_LONG,
        StmatteError(
            f"A line was longer than {LIMIT // 2**20} MiB and was thrown away",
            value=LIMIT,
            allowed="a request fits in one line of that length",
            repair="Put mattes into files, and their paths into the document",
        ),
    )
