# SPDX-License-Identifier: Apache-2.0
"""A client of the service, for tests: it asks, and looks hard at every line that comes."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from stmatte.service import Desk, Server
from stmatte.service.lines import LIMIT
from stmatte.service.messages import NOTICES, REQUESTS, Error

PATIENCE = 60.0  # seconds until an answer that does not come is a failure

INITIALIZE = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {"protocol": 1}}


class RefusedError(Exception):
    """An error that was answered."""

    def __init__(self, error: dict[str, Any]):
        super().__init__(error["message"])
        self.code: int = error["code"]
        self.data: dict[str, Any] = error["data"]


def line(method: str, id_: Any = None, **params: Any) -> bytes:
    """Return a request as a line; without an id it is a notification."""
    said = {"jsonrpc": "2.0", "method": method, "params": params}
    return json.dumps(said if id_ is None else {**said, "id": id_}).encode() + b"\n"


def checked(said: bytes) -> dict[str, Any]:
    """Return a line of the engine as a message; fail if the protocol does not know it."""
    assert said.endswith(b"\n")
    assert len(said) <= LIMIT
    assert said.isascii()
    message: dict[str, Any] = json.loads(said)
    assert message.pop("jsonrpc") == "2.0"
    if "method" in message:
        assert message.keys() == {"method", "params"}
        NOTICES[message["method"]].model_validate(message["params"])
    elif "error" in message:
        assert message.keys() == {"id", "error"}
        Error.model_validate(message["error"])
    else:
        assert message.keys() == {"id", "result"}
        assert isinstance(message["result"], dict)
    return message


class Talk:
    """A conversation over two streams. Notices are put by while an answer is waited for."""

    def __init__(self, to_engine: IO[bytes] | FileIO, from_engine: IO[bytes] | FileIO):
        self._to = to_engine
        self._from = from_engine
        self._said: queue.Queue[dict[str, Any] | BaseException | None] = queue.Queue()
        self._ids = 0
        self.notices: list[dict[str, Any]] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            for said in self._from:
                self._said.put(checked(said))
        except BaseException as error:  # a failed check must end the test, not this thread
            self._said.put(error)
        self._said.put(None)

    def send(self, said: bytes) -> None:
        """Send bytes as they are."""
        rest = memoryview(said)
        while rest:
            rest = rest[self._to.write(rest) or 0 :]
        self._to.flush()

    def next(self) -> dict[str, Any] | None:
        """Return the next message, None at the end."""
        said = self._said.get(timeout=PATIENCE)
        if isinstance(said, BaseException):
            raise said
        return said

    def answer(self) -> dict[str, Any]:
        """Return the next answer."""
        while True:
            said = self.next()
            assert said is not None, "the engine has gone"
            if "method" not in said:
                return said
            self.notices.append(said)

    def ask(self, method: str, **params: Any) -> Any:
        """Ask and return the result. Raises RefusedError if that is an error."""
        self._ids += 1
        self.send(line(method, self._ids, **params))
        said = self.answer()
        assert said["id"] == self._ids
        if "error" in said:
            raise RefusedError(said["error"])
        REQUESTS[method][1].model_validate(said["result"])
        return said["result"]

    def ask_or_none(self, method: str, **params: Any) -> Any:
        """Ask and return the result; None if the engine is shutting down."""
        try:
            return self.ask(method, **params)
        except RefusedError as no:
            return None if no.code == 1006 else no

    def notice(self, method: str) -> dict[str, Any]:
        """Return the parameters of the next notice of that kind, and forget those before it."""
        while True:
            said = self.notices.pop(0) if self.notices else self.next()
            assert said is not None, "the engine has gone"
            assert "method" in said, said
            if said["method"] == method:
                params: dict[str, Any] = said["params"]
                return params

    def rest(self) -> list[dict[str, Any]]:
        """Return all notices that are still to come; the engine must be about to go."""
        while (said := self.next()) is not None:
            self.notices.append(said)
        return self.notices

    def hello(self) -> Talk:
        """Say `initialize`."""
        self.ask("initialize", protocol=1)
        return self

    def open(self, **document: Any) -> str:
        """Open a stub shot and return its name."""
        name: str = self.ask("shot/open", document=document, base="/base", out="m.####.exr")["shot"]
        return name

    def hang_up(self) -> None:
        """End the engine's standard input."""
        self._to.close()


class InProcess(Talk):
    """The service on threads of this process; `code` is what it left with."""

    def __init__(self, open_desk: Callable[[], Desk]):
        requests, to_engine = os.pipe()
        from_engine, answers = os.pipe()
        self.code: int | None = None
        self._requests, self._answers = FileIO(requests), FileIO(answers, "w")
        self.server = Server(open_desk, self._answers)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        super().__init__(FileIO(to_engine, "w"), os.fdopen(from_engine, "rb"))

    def _serve(self) -> None:
        self.code = self.server.serve(self._requests)
        self._answers.close()

    def join(self) -> int | None:
        """Wait until the service has left; return its exit code."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        return self.code

    def __enter__(self) -> InProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.hang_up()
        if error is None:
            self.join()


@contextmanager
def process(log: Path, **options: Any) -> Iterator[tuple[Talk, subprocess.Popen[bytes]]]:
    """Start the service behind the stub desk as a process, and end it afterwards."""
    desks = Path(__file__).with_name("desks.py")
    started = subprocess.Popen(
        [sys.executable, str(desks), str(log)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        **options,
    )
    assert started.stdin is not None
    assert started.stdout is not None
    with started:
        try:
            yield Talk(started.stdin, os.fdopen(os.dup(started.stdout.fileno()), "rb")), started
        finally:
            started.kill()
