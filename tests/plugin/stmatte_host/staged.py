# SPDX-License-Identifier: Apache-2.0
"""A staged engine and a staged host, over real pipes."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import psutil

from stmatte_host import HostShot, KeyFile, Patience, Progress, Session
from stmatte_host.answers import Opened
from stmatte_host.jobs import JobEvent
from stmatte_host.strip import Marks

FAKE = Path(__file__).parent / "fake_engine.py"
QUICK = Patience(starting=20, answering=20, leaving=3, looking=0.1, backoff=0.01)
SHOT = HostShot(
    plate="plate.####.exr",
    objects=("hero",),
    out="out/matte.####.exr",
    base="/shot",
    frames="1001-1010",
    keys=(KeyFile(1001, "hero", "keys/hero.1001.exr"),),
)


class Stage:
    """A folder with a scenario, and the session that plays it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sessions: list[Session] = []
        self.lives()

    def lives(self, *lives: dict[str, Any]) -> None:
        """Write the scenario: the rules of each start."""
        (self.folder / "scenario.json").write_text(json.dumps({"lives": lives}))

    @property
    def words(self) -> tuple[str, ...]:
        return (sys.executable, str(FAKE), str(self.folder))

    def session(self, patience: Patience = QUICK, **how: Any) -> Session:
        how.setdefault("words", self.words)
        session = Session(logs=self.folder / "logs", patience=patience, **how)
        self.sessions.append(session)
        return session

    def close(self) -> None:
        for session in self.sessions:
            session.close()

    def journal(self) -> list[dict[str, Any]]:
        """Return what the engines were asked."""
        path = self.folder / "journal.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def asked(self) -> list[tuple[int, str]]:
        """Return (life, method) of all that the engines were asked."""
        return [(said["life"], said["method"]) for said in self.journal()]

    def pids(self) -> list[int]:
        path = self.folder / "pids"
        return [int(pid) for pid in path.read_text().split()] if path.exists() else []

    def living(self) -> list[int]:
        """Return the engines that are still there, dead ones that nobody buried included."""
        return [pid for pid in self.pids() if psutil.pid_exists(pid)]

    def opened(self, session: Session, shot: HostShot = SHOT) -> Opened:
        future = session.open_shot(shot.document(), shot.base, shot.out, shot.choices)
        return result(session, future)


def result(session: Session, future: Future[Any]) -> Any:
    """Pump until the future is done, and return its result."""
    until(session, future.done)
    return future.result()


def until(session: Session, done: Callable[[], bool], seconds: float = 30) -> None:
    """Pump as a host's timer does, until something has come."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it took too long"
        session.pump(0.02)


class Job:
    """Follows a job."""

    def __init__(self, session: Session, shot: str, **how: Any) -> None:
        self.session = session
        self.events: list[JobEvent] = []
        self.name = session.start_job(shot, self.events.append, **how)

    @property
    def frames(self) -> list[Any]:
        return [event for event in self.events if type(event).__name__ == "JobFrame"]

    @property
    def interruptions(self) -> list[Any]:
        return [event for event in self.events if type(event).__name__ == "JobInterrupted"]

    def over(self) -> Any:
        """Pump until the job is over, and return its end."""
        until(self.session, lambda: any(hasattr(event, "outcome") for event in self.events))
        return self.events[-1]


class Port:
    """A host that remembers what it showed, and where."""

    def __init__(self) -> None:
        self.thread = threading.current_thread()
        self.progress: list[Progress] = []
        self.marks: list[Marks] = []
        self.ready: list[tuple[int, str]] = []
        self.notes: list[str] = []
        self.errors: list[str] = []

    def _here(self) -> None:
        assert threading.current_thread() is self.thread

    def show_progress(self, progress: Progress) -> None:
        self._here()
        self.progress.append(progress)

    def show_marks(self, marks: Marks) -> None:
        self._here()
        self.marks.append(marks)

    def frame_ready(self, frame: int, path: str) -> None:
        self._here()
        self.ready.append((frame, path))

    def show_note(self, sentence: str) -> None:
        self._here()
        self.notes.append(sentence)

    def show_error(self, sentence: str) -> None:
        self._here()
        self.errors.append(sentence)


def open_files() -> int:
    """Return how many files and pipes this process holds."""
    process = psutil.Process()
    return process.num_fds() if os.name == "posix" else process.num_handles()
