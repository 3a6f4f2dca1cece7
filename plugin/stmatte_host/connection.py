# SPDX-License-Identifier: Apache-2.0
"""Requests and answers over one running engine.

Every request gets a number and, once, an answer or an error: the engine's own, that it took
too long, or that the engine stopped. What no engine would say is logged and passed over.
Everything here but reading and writing happens on the agenda's thread. Knows no shots and
no jobs, and does not start an engine again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from .agenda import Agenda, Alarm
from .child import Child
from .errors import EngineError, EngineSilentError, EngineStoppedError
from .messages import Answer, Notice, Refusal, message_in, request_line

_log = logging.getLogger("stmatte_host")
_GARBLED_LOGGED = 20


@dataclass(frozen=True)
class _Pending:
    method: str
    answered: Callable[[Any], None]
    failed: Callable[[EngineError], None]
    deadline: Alarm


class Connection:
    """A running engine that can be asked.

    agenda     where everything happens
    words, environ, log   see `Child`
    looking    seconds between two looks whether the process is still there
    on_notice  called with what the engine tells without being asked
    on_stop    called once when the engine is gone, after every open request has failed with
               `EngineStoppedError`; not called after `end`

    Raises EngineError if the program cannot be started.
    """

    def __init__(
        self,
        agenda: Agenda,
        words: Sequence[str],
        environ: Mapping[str, str],
        log: Path,
        *,
        looking: float,
        on_notice: Callable[[Notice], None],
        on_stop: Callable[[], None],
    ) -> None:
        self.log = log
        self._agenda = agenda
        self._looking = looking
        self._on_notice = on_notice
        self._on_stop = on_stop
        self._pending: dict[int, _Pending] = {}
        self._numbers = count(1)
        self._garbled = 0
        self._gone = False
        self._child = Child(words, environ, log, self._line, lambda: agenda.post(self._stopped))
        self._watch = agenda.after(looking, self._look)

    def ask(
        self,
        method: str,
        params: Mapping[str, Any],
        seconds: float,
        answered: Callable[[Any], None],
        failed: Callable[[EngineError], None],
    ) -> None:
        """Put a request, and have either `answered` or `failed` called, once.

        seconds  how long an answer may take; what comes later is passed over
        """
        number = next(self._numbers)
        try:
            line = request_line(number, method, params)
        except EngineError as error:
            # Not from within this call: who asks has not finished asking yet.
            self._agenda.post(lambda error=error: failed(error))  # type: ignore[misc]
            return
        deadline = self._agenda.after(seconds, lambda: self._late(number, seconds))
        self._pending[number] = _Pending(method, answered, failed, deadline)
        self._child.send(line)

    def end(self, patience: float) -> int | None:
        """End the engine, by force after `patience` seconds, and return its exit code.

        Takes up to that long. Open requests fail. See `Child.end`.
        """
        first = not self._gone
        self._gone = True
        self._watch.cancel()
        if first and patience > 0:
            self._child.send(request_line(next(self._numbers), "shutdown", {}))
        code = self._child.end(patience)
        self._fail_pending()
        return code

    def _line(self, line: bytes) -> None:
        """Understand a line, on the reading thread, and post what it says."""
        message = message_in(line)
        if message is not None:
            self._agenda.post(lambda: self._said(message))
        elif line.strip():
            self._garbled += 1
            if self._garbled <= _GARBLED_LOGGED:
                _log.warning("The engine sent what is no message: %.200r", line)

    def _said(self, message: Answer | Refusal | Notice) -> None:
        if self._gone:
            return
        if isinstance(message, Notice):
            self._on_notice(message)
            return
        pending = None if message.id is None else self._pending.pop(message.id, None)
        if pending is None:
            what = message.error if isinstance(message, Refusal) else "an answer"
            _log.warning("The engine answers what nobody waits for: %s", what)
            return
        pending.deadline.cancel()
        if isinstance(message, Refusal):
            pending.failed(message.error)
        else:
            pending.answered(message.result)

    def _late(self, number: int, seconds: float) -> None:
        pending = self._pending.pop(number, None)
        if pending is not None:
            pending.failed(
                EngineSilentError(
                    f'The engine has not answered "{pending.method}" for {seconds:g} seconds',
                    repair="Try again; if it stays so, start the engine again. "
                    f'Its log is "{self.log}"',
                )
            )

    def _look(self) -> None:
        """See that the process is still there.

        Its pipe says so too, unless something that it had started holds the pipe open.
        """
        if self._child.exit_code() is not None:
            self._agenda.after(self._looking, self._stopped)  # its last lines may be on the way
        else:
            self._watch = self._agenda.after(self._looking, self._look)

    def _stopped(self) -> None:
        if not self._gone:
            self._gone = True
            self._watch.cancel()
            self._fail_pending()
            self._on_stop()

    def _fail_pending(self) -> None:
        pending, self._pending = self._pending, {}
        for number in sorted(pending):
            pending[number].deadline.cancel()
            pending[number].failed(
                EngineStoppedError(
                    f'The engine stopped before it answered "{pending[number].method}"'
                )
            )
