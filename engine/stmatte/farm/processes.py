# SPDX-License-Identifier: Apache-2.0
"""A command line as a child of this process: told line by line, asked to leave, or ended.

A child has its own memory, and its GPU's is free when it has ended. It is in a session of its
own: Ctrl-C on a terminal reaches the parent alone, which asks its children to leave.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import IO, Any

from stmatte.errors import StmatteError
from stmatte.farm.outcomes import FAILED

LOOKED = 0.1
"""Seconds between two looks at whether the child is to leave."""

PATIENCE = 60.0
"""Seconds that a child has for the frame in hand when it was asked to leave."""

LAST_WORDS = 20
"""Lines of a child's error stream that are kept."""


@dataclass(frozen=True)
class Halt:
    """How children are asked to leave.

    leave  set: after the frame in hand
    kill   set: at once
    """

    leave: Event = field(default_factory=Event)
    kill: Event = field(default_factory=Event)


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    code   its exit code; negative where a signal ended it
    words  the last that it said on its error stream
    late   whether it was ended because its time was over
    """

    code: int
    words: str = ""
    late: bool = False


def run_child(
    command: Sequence[str],
    *,
    tell: Callable[[Mapping[str, Any]], None] | None = None,
    halt: Halt | None = None,
    limit: float | None = None,
    more: Mapping[str, str] | None = None,
) -> Ended:
    """Run a command to its end.

    tell   told of every line of its output that is a JSON object, in another thread
    halt   asks it to leave; one that does not within a minute is killed
    limit  seconds after which it is asked to leave; None: it takes as long as it takes
    more   environment besides that of this process

    Raises StmatteError if there is no such program.
    """
    halt = halt or Halt()
    try:
        child = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **(more or {})},
            start_new_session=True,
        )
    except OSError as error:
        raise StmatteError(
            f'Program "{command[0]}" cannot be started ({error.strerror or error})',
            value=command[0],
            allowed="STMatte must be installed there",
        ) from None
    assert child.stdout is not None
    assert child.stderr is not None
    last: deque[str] = deque(maxlen=LAST_WORDS)
    readers = [
        Thread(target=_read, args=(child.stdout, _teller(tell)), daemon=True),
        Thread(target=_read, args=(child.stderr, last.append), daemon=True),
    ]
    for reader in readers:
        reader.start()
    try:
        late = _wait(child, halt, limit)
    finally:
        if child.poll() is None:  # whatever went wrong here: no child is left behind
            child.kill()
            child.wait()
    for reader in readers:
        reader.join(timeout=PATIENCE)
    return Ended(child.returncode or (FAILED if late else 0), "\n".join(last).strip(), late)


def _wait(child: subprocess.Popen[bytes], halt: Halt, limit: float | None) -> bool:
    """Wait for the end, and see to it if need be; return whether the time was over."""
    began = time.monotonic()
    asked: float | None = None
    late = False
    while True:
        try:
            child.wait(timeout=LOOKED)
            return late
        except subprocess.TimeoutExpired:
            now = time.monotonic()
        late = late or (limit is not None and asked is None and now - began > limit)
        if asked is None and (late or halt.leave.is_set()):
            asked = now
            child.terminate()
        if halt.kill.is_set() or (asked is not None and now - asked > PATIENCE):
            child.kill()


def _read(stream: IO[bytes], take: Callable[[str], None]) -> None:
    with stream:
        for line in stream:
            take(line.decode("utf-8", "replace").rstrip())


def _teller(tell: Callable[[Mapping[str, Any]], None] | None) -> Callable[[str], None]:
    def take(line: str) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            return
        if tell is not None and isinstance(said, dict):
            tell(said)

    return take
