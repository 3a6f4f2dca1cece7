# SPDX-License-Identifier: Apache-2.0
"""A desk whose shots have no pictures: their documents say what happens to which frame.

Run as a script, it is the service as a process of its own, behind this desk.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from stmatte.errors import LostDeviceError, StmatteError, raise_all
from stmatte.output import Output
from stmatte.pipeline.open_shot import View
from stmatte.pipeline.outlining import Outlining, outlining
from stmatte.service import FrameDone, run
from stmatte.service.ranges import chosen


class Gate:
    """Every frame of every job waits here until it is let through."""

    def __init__(self) -> None:
        self._open = threading.Semaphore(0)
        self._reached = threading.Semaphore(0)

    def pass_through(self) -> None:
        self._reached.release()
        self._open.acquire()

    def let(self, frames: int) -> None:
        """Let so many frames through."""
        self._open.release(frames)

    def reached(self, frames: int) -> bool:
        """Wait until so many more frames have come here; True if they have."""
        return all(self._reached.acquire(timeout=60) for _ in range(frames))


@dataclass(frozen=True)
class Model:
    name: str
    ships: bool


@dataclass(frozen=True)
class About:
    models: tuple[Model, ...] = (Model("stmatte-s", True), Model("stm", False))
    devices: tuple[str, ...] = ("cpu",)
    store: Path = Path("store")
    limit: int = 1000


@dataclass(frozen=True)
class Done:
    frame: int
    done: int
    frames: int
    seconds: float
    path: Path
    digest: str
    fresh: bool
    scores: Mapping[str, float]

    @property
    def files(self) -> tuple[Path, ...]:
        return (self.path,)


@dataclass(frozen=True)
class Now:
    digest: str
    file: Path | None
    fresh: bool
    uncertainty: Mapping[str, float] | None

    @property
    def files(self) -> tuple[Path, ...]:
        return () if self.file is None else (self.file,)


@dataclass(frozen=True)
class Delivery:
    mattes: Mapping[int, Path]
    skipped: Mapping[int, str]
    cancelled: bool


@dataclass(frozen=True)
class Span:
    object: str
    frames: tuple[int, ...]
    keys: tuple[int, ...]
    stale: tuple[int, ...]
    why: str


@dataclass(frozen=True)
class Advice:
    frame: int
    object: str
    gain: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Forecast:
    frames: int
    seconds: float | None
    bytes: int | None


@dataclass(frozen=True)
class StubShot:
    """A shot of a document such as {"frames": "1-5", "objects": ["hero"]}.

    Other entries: "notes", sentences; "pause", seconds a frame takes; "noise", true if every
    frame prints and reads; "wrong", sentences that are wrong with the document; "happens",
    frame as text -> "skip", "mendable", "defect", "exit", "lost", "nonsense" or "hang".
    """

    document: Mapping[str, Any]
    out: str
    frames: tuple[int, ...]
    fresh: set[int] = field(default_factory=set)
    gate: Gate | None = None

    @property
    def objects(self) -> tuple[str, ...]:
        return tuple(self.document.get("objects", ("hero",)))

    @property
    def view(self) -> View:
        return View("lin_ap1_scene", "as you said", 1.5)

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(self.document.get("notes", ()))

    def changed(self, document: Mapping[str, Any]) -> StubShot:
        return _shot(document, self.out, self.gate)

    def stale(self) -> Mapping[str, tuple[int, ...]]:
        return {name: self.stale_frames() for name in self.objects}

    def stale_frames(self) -> tuple[int, ...]:
        return tuple(frame for frame in self.frames if frame not in self.fresh)

    def spans(self) -> list[Span]:
        stale = self.stale_frames()
        why = "Not computed yet." if stale else ""
        return [Span(name, self.frames, self.frames[:1], stale, why) for name in self.objects]

    def forecast(self) -> Forecast:
        count = len(self.stale_frames())
        pause = self.document.get("pause")
        return Forecast(count, None if pause is None else pause * count, 2**20)

    def suggest(self, count: int) -> list[Advice]:
        best = sorted(self.frames, reverse=True)[:count]
        return [Advice(frame, self.objects[0], 0.5, ("Far from keys",)) for frame in best]

    def matte(self, frame: int) -> Now:
        if frame in self.fresh:
            return Now(f"d{frame}", self._file(frame), True, {"hero": 0.25})
        return Now(f"d{frame}", None, False, None)

    def deliver(
        self,
        frames: Collection[int] | None,
        first: int | None,
        stop: Callable[[], bool],
        tell: Callable[[FrameDone], None],
        learns: Callable[[int, int], None],
    ) -> Delivery:
        del learns
        began = time.monotonic()
        wanted = self.frames if frames is None else tuple(frames)
        mattes: dict[int, Path] = {}
        skipped: dict[int, str] = {}
        for frame in sorted(wanted, key=lambda f: (f != first, f)):
            if stop():
                return Delivery(mattes, skipped, True)
            if self.gate is not None:
                self.gate.pass_through()
            happened = self._happens(frame)
            if happened == "skip":
                skipped[frame] = f"Plate frame {frame} cannot be read."
                continue
            there = frame in self.fresh
            self.fresh.add(frame)
            mattes[frame] = path = self._file(frame)
            seconds = time.monotonic() - began
            scores = dict.fromkeys(self.objects, 7.0 if happened == "nonsense" else 0.25)
            tell(Done(frame, len(mattes), len(wanted), seconds, path, f"d{frame}", there, scores))
        return Delivery(mattes, skipped, False)

    def _happens(self, frame: int) -> str:
        time.sleep(self.document.get("pause", 0))
        if self.document.get("noise"):
            _make_noise()
        what = str(self.document.get("happens", {}).get(str(frame), ""))
        if what == "mendable":
            raise StmatteError(f"Plate frame {frame} cannot be read", repair="Render it again")
        if what == "lost":
            raise LostDeviceError("The GPU stopped working", repair="Propagate again")
        if what == "defect":
            raise KeyError(frame)
        if what == "exit":
            sys.exit(3)
        if what == "hang":
            os.write(2, b"hanging\n")
            threading.Event().wait()
        return what

    def _file(self, frame: int) -> Path:
        return Path(self.out.replace("####", f"{frame:04d}"))


@dataclass
class StubDesk:
    """Opens stub shots. `gate`, if there is one, is passed by every frame of every job."""

    gate: Gate | None = None
    folder: Path = Path("store")

    def about(self) -> About:
        return About(store=self.folder)

    def outline(
        self,
        mattes: str,
        object: str,  # noqa: A002  the word of the vocabulary
        out: Path,
        frames: Callable[[tuple[int, ...]], Collection[int]],
        tolerance: float,
        inset: float,
    ) -> Outlining:
        return outlining(mattes, object, out, frames, tolerance, inset)

    def open(
        self,
        document: Mapping[str, Any],
        base: Path,
        output: Output,
        *,
        skip_errors: bool,
    ) -> StubShot:
        words = (
            *(output.layout.channels, output.layout.compression, output.layout.depth),
            *(output.shot, output.uncertainty, output.raw, output.overwrite),
            *(output.skip_existing, output.cryptomatte, skip_errors),
        )
        shot = _shot(document, str(base / output.out), self.gate)
        if not document.get("echo"):
            return shot
        return replace(shot, document={**document, "notes": [str(word) for word in words]})


def _shot(document: Mapping[str, Any], out: str, gate: Gate | None) -> StubShot:
    raise_all(StmatteError(str(what)) for what in document.get("wrong", ()))
    frames = chosen(str(document["frames"]), range(-100, 2000))
    return StubShot(document, out, frames, gate=gate)


def _make_noise() -> None:
    sys.stdout.write("a library prints\n")
    sys.stdout.flush()
    os.write(1, b"a library in C prints\n")
    said = subprocess.run([sys.executable, "-c", _CHATTY], check=True, stderr=subprocess.PIPE)
    os.write(2, said.stderr)


_CHATTY = """
import sys
print("a process prints", flush=True)
print("a process read", len(sys.stdin.read()), file=sys.stderr)
"""

if __name__ == "__main__":
    sys.exit(run(StubDesk, Path(sys.argv[1])))
