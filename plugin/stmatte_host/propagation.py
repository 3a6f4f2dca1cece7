# SPDX-License-Identifier: Apache-2.0
"""The Propagate button: what happens in every host between a press and the last frame.

Takes a `HostShot`, has the engine open or update it, says what became stale, starts the job,
hands frames on as they come. Everything here runs on the host's main thread and returns at
once. Knows no host: it shows things through a `HostPort`.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, replace

from .answers import JobFrame, JobInterrupted, JobLearning, JobOver, Opened
from .jobs import JobEvent
from .port import HostPort, Progress, State
from .session import Session
from .shot import HostShot
from .strip import marks

DOUBTFUL = 0.5
"""Uncertainty from which a matte is marked doubtful, unless the host says another."""


@dataclass(frozen=True)
class _Wish:
    """What the artist wants: the shot as it is; and perhaps to propagate it."""

    shot: HostShot
    go: bool
    first: int | None = None
    frames: str = ""


class Propagation:
    """One shot's way through the engine, for as long as the host has the shot.

    session   the way to the engine; many propagations share one
    port      where things are shown
    doubtful  uncertainty, 0 to 1, from which a matte is marked doubtful
    """

    def __init__(self, session: Session, port: HostPort, doubtful: float = DOUBTFUL) -> None:
        self._session = session
        self._port = port
        self._doubtful = doubtful
        self._asked: _Wish | None = None  # what the engine is asked at the moment
        self._next: _Wish | None = None  # what it will be asked then; the newest wish only
        self._closed = False
        self._name: str | None = None
        self._shot: HostShot | None = None
        self._frames: tuple[int, ...] = ()
        self._stale: dict[str, set[int]] = {}
        self._doubts: dict[int, dict[str, float]] = {}
        self._exposure = 0.0
        self._job: str | None = None
        self._behind = False  # the job that runs was started with an older document
        self._progress = Progress(State.DONE)

    @property
    def running(self) -> bool:
        """Whether a press of Propagate is not over."""
        return not self._progress.over

    @property
    def shot_name(self) -> str:
        """The session's name of the shot, for further questions; "" until the engine took it."""
        return self._name or ""

    @property
    def exposure(self) -> float:
        """Stops by which the engine measured that the network should see the plate brighter."""
        return self._exposure

    @property
    def stale(self) -> dict[str, tuple[int, ...]]:
        """Object -> the frames that it would be computed on now, ascending."""
        return {name: tuple(sorted(frames)) for name, frames in self._stale.items()}

    def look(self, shot: HostShot) -> None:
        """Show what is stale now, and compute nothing.

        A job that runs goes on with what it was started with; if the plate, the range or a
        place of files is another now, it is cancelled.
        """
        self._wish(_Wish(shot, go=False))

    def propagate(self, shot: HostShot, first: int | None = None, frames: str = "") -> None:
        """Make the mattes of a shot as it is now.

        first   the frame under the playhead, to be made first
        frames  which frames, such as "1001-1020"; "" means all

        If a job runs, it is cancelled: what it has done and what is still right stays.
        """
        if self._job is not None:
            self._session.cancel_job(self._job)
            self._job = None
        self._show(Progress(State.OPENING))
        self._wish(_Wish(shot, True, first, frames))

    def cancel(self) -> None:
        """Stop within a frame; frames that are done stay."""
        self._asked = self._asked and replace(self._asked, go=False)
        self._next = self._next and replace(self._next, go=False)
        if self._job is not None:
            self._session.cancel_job(self._job)
            self._show(replace(self._progress, state=State.CANCELLING))
        elif self.running:
            self._show(replace(self._progress, state=State.CANCELLED))

    def close(self) -> None:
        """Cancel, and have the engine forget the shot. Nothing is shown any more."""
        self._closed = True
        self._job = self._next = None
        self._forget_shot()  # one that is being opened is closed when the answer is there

    def _wish(self, wish: _Wish) -> None:
        """Ask the engine, or wait with it until the engine has answered what it was asked."""
        waiting = self._next or self._asked
        if waiting is not None and waiting.go and not wish.go:
            wish = replace(waiting, shot=wish.shot)  # still to be propagated, but as it is now
        self._next = wish
        if self._asked is None:
            self._ask()

    def _ask(self) -> None:
        self._asked, self._next = self._next, None
        if self._asked is None:
            return
        shot = self._asked.shot
        if self._shot is not None and shot.needs_opening_after(self._shot):
            self._forget_shot()
        if self._name is None:
            future = self._session.open_shot(shot.document(), shot.base, shot.out, shot.choices)
        else:
            future = self._session.update_shot(self._name, shot.document())
        future.add_done_callback(self._answered)

    def _forget_shot(self) -> None:
        if self._name is not None:
            self._session.close_shot(self._name)
        self._name = self._shot = None
        self._frames, self._stale, self._doubts = (), {}, {}

    def _answered(self, future: Future[Opened]) -> None:
        wish, self._asked = self._asked, None
        error = future.exception()
        if error is None:
            if self._name is None:  # only the answer to the opening says it
                self._exposure = future.result().exposure
            self._name = future.result().shot
        if self._closed:
            self._forget_shot()
        elif self._next is not None and error is not None:
            self._ask()
        elif error is not None:
            self._port.show_error(str(error))
            if wish is not None and wish.go:
                self._show(Progress(State.FAILED))
        elif wish is not None:
            self._opened(wish, future.result())
            if self._next is not None:
                self._ask()
            elif wish.go:
                self._start(wish)

    def _opened(self, wish: _Wish, opened: Opened) -> None:
        self._shot = wish.shot
        self._frames = opened.frames or self._frames
        self._stale = {name: set(frames) for name, frames in opened.stale.items()}
        self._behind = self._job is not None
        for note in opened.notes:
            self._port.show_note(note)
        self._show_marks()

    def _start(self, wish: _Wish) -> None:
        self._behind = False
        self._job = self._session.start_job(
            self._name or "", self._heard, frames=wish.frames, first=wish.first
        )
        self._show(Progress(State.WAITING))

    def _heard(self, event: JobEvent) -> None:
        if event.job != self._job:
            return  # a job that was cancelled for a newer one
        if isinstance(event, JobFrame):
            self._frame(event)
        elif isinstance(event, JobLearning):
            self._learning(event)
        elif isinstance(event, JobInterrupted):
            self._port.show_note(event.sentence)
            self._show(replace(self._progress, state=State.INTERRUPTED))
        else:
            self._over(event)

    def _learning(self, event: JobLearning) -> None:
        if self._progress.state is not State.CANCELLING:
            self._show(
                replace(self._progress, state=State.LEARNING, step=event.step, steps=event.steps)
            )

    def _frame(self, event: JobFrame) -> None:
        if event.file:
            self._port.frame_ready(event.frame, event.file)
        if not self._behind:
            for frames in self._stale.values():
                frames.discard(event.frame)
            self._doubts[event.frame] = dict(event.uncertainty)
            self._show_marks()
        cancelling = self._progress.state is State.CANCELLING
        state = State.CANCELLING if cancelling else State.WORKING
        self._show(Progress(state, event.done, event.frames, event.frame, event.seconds))

    def _over(self, event: JobOver) -> None:
        self._job = None
        ends = {"done": State.DONE, "cancelled": State.CANCELLED}
        if event.error is not None:
            self._port.show_error(str(event.error))
        state = ends.get(event.outcome, State.FAILED)
        self._show(Progress(state, event.done, event.frames, skipped=event.skipped))
        if self._behind and self._shot is not None:
            # What the job did was for an older document: the engine knows what of it is stale.
            self.look((self._next or self._asked or _Wish(self._shot, go=False)).shot)

    def _show(self, progress: Progress) -> None:
        self._progress = progress
        self._port.show_progress(progress)

    def _show_marks(self) -> None:
        if self._shot is not None:
            self._port.show_marks(
                marks(self._shot, self._frames, self._stale, self._doubts, self._doubtful)
            )
