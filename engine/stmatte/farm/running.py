# SPDX-License-Identifier: Apache-2.0
"""Shots on one machine: some commands at once, then one that writes the mattes.

A command that died is begun again. Of one that failed, every span gets a command of its own,
so that the others are not held up by one of them. Whatever happens, what was computed is in the
store.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from stmatte.farm.commands import merge_command, span_command
from stmatte.farm.jobs import ShotJob
from stmatte.farm.outcomes import CANCELLED, DONE, FAILED, MISUSE, Outcome
from stmatte.farm.processes import Ended, Halt, run_child
from stmatte.farm.tasks import SpanTask
from stmatte.plan.ranges import written

TRIES = 3
"""How often a command is begun that was killed."""

LOOKED = 0.1
"""Seconds between two looks at whether all is to end."""


class Start(Protocol):
    """What runs a command to its end, here or elsewhere; see `processes.run_child`."""

    def __call__(
        self,
        command: Sequence[str],
        *,
        tell: Callable[[Mapping[str, Any]], None],
        halt: Halt,
        more: Mapping[str, str],
    ) -> Ended: ...


@dataclass(frozen=True)
class Moment:
    """Something happened: an event's name, a sentence, the same for programs.

    done  frames that are computed now, of `frames` that were stale
    """

    event: str
    words: str
    done: int
    frames: int
    entries: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ShotOutcome:
    """What became of a shot.

    spans   what became of its stale spans
    code    0 if its mattes are there
    words   why they are not; "" if they are, or if a span says it
    """

    job: ShotJob
    spans: tuple[Outcome, ...]
    code: int
    words: str = ""


def run_jobs(
    jobs: Sequence[ShotJob],
    store: Path,
    *,
    slots: Sequence[Mapping[str, str]] = ({},),
    how: Sequence[str] = (),
    budget: str = "",
    tell: Callable[[Moment], None] = lambda _: None,
    halt: Halt | None = None,
    start: Start = run_child,
) -> tuple[ShotOutcome, ...]:
    """Compute the spans of shots and write their mattes; return what became of each.

    store   that all commands share
    slots   one for each command that runs at the same time: its environment, such as its GPU
    how     words for `stmatte merge`: how mattes are written
    budget  memory that each command may take, such as 4G; "" is half of what is free
    tell    told of every moment, in this thread
    halt    asks all to leave
    start   runs a command
    """
    return _Running(jobs, store, how, budget, tell, halt or Halt(), start).run(slots)


@dataclass(eq=False)
class _Work:
    """A command: some spans of a shot, or its merge.

    done  frames that it has computed
    """

    shot: _Shot
    tasks: tuple[SpanTask, ...] = ()
    tries: int = 0
    done: int = 0

    @property
    def frames(self) -> int:
        return sum(task.stale for task in self.tasks)


@dataclass(eq=False)
class _Shot:
    """A shot on its way.

    led      whether its spans may run at the same time: nothing has to be learnt before
    merging  writes its mattes, when all spans are there
    ended    how that ended
    """

    job: ShotJob
    waiting: deque[_Work] = field(default_factory=deque)
    running: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    led: bool = True
    ended: Ended | None = None

    def __post_init__(self) -> None:
        self.merging = _Work(self)


class _Running:
    def __init__(
        self,
        jobs: Sequence[ShotJob],
        store: Path,
        how: Sequence[str],
        budget: str,
        tell: Callable[[Moment], None],
        halt: Halt,
        start: Start,
    ):
        self._store, self._how, self._budget = store, how, budget
        self._tell, self._halt, self._start = tell, halt, start
        self._shots = [_Shot(job, led=not job.learns) for job in jobs]
        for shot in self._shots:
            shot.waiting.extend(_Work(shot, chunk.tasks) for chunk in shot.job.chunks)
        self._works = [work for shot in self._shots for work in shot.waiting]
        self._frames = sum(work.frames for work in self._works)
        self._happened: SimpleQueue[tuple[_Work, Mapping[str, Any] | Ended]] = SimpleQueue()

    def run(self, slots: Sequence[Mapping[str, str]]) -> tuple[ShotOutcome, ...]:
        free = list(slots)
        taken: dict[_Work, Mapping[str, str]] = {}
        with ThreadPoolExecutor(len(slots)) as threads:
            try:
                while True:
                    while free and (work := self._next()) is not None:
                        taken[work] = free.pop(0)
                        threads.submit(self._carry_out, work, taken[work])
                    if not taken:
                        break
                    try:
                        work, news = self._happened.get(timeout=LOOKED)
                    except Empty:
                        continue
                    if isinstance(news, Ended):
                        free.append(taken.pop(work))
                        self._ended(work, news)
                    else:
                        self._said(work, news)
            except BaseException:
                self._halt.leave.set()  # the threads are waited for
                self._halt.kill.set()
                raise
        return tuple(map(self._outcome, self._shots))

    def _next(self) -> _Work | None:
        """Return what is to be begun next: shots in their order, what is possible of each."""
        if self._halt.leave.is_set():
            return None
        for shot in self._shots:
            if shot.waiting and (shot.led or not shot.running):
                shot.running += 1
                return shot.waiting.popleft()
            if not shot.waiting and not shot.running and shot.ended is None:
                if all(outcome.ok for outcome in shot.outcomes):
                    shot.running += 1
                    return shot.merging
                shot.ended = Ended(FAILED)
        return None

    def _carry_out(self, work: _Work, more: Mapping[str, str]) -> None:
        """Run a command, in a thread of its own."""
        work.tries += 1
        try:
            ended = self._start(
                self._command(work),
                tell=lambda said: self._happened.put((work, said)),
                halt=self._halt,
                more=more,
            )
        except Exception as error:  # it has to come to an end for those who wait
            ended = Ended(MISUSE, str(error))
        self._happened.put((work, ended))

    def _command(self, work: _Work) -> list[str]:
        job = work.shot.job
        if work.tasks:
            return span_command(work.tasks, self._store, "json", budget=self._budget)
        device = job.device
        return merge_command(
            job.shot, self._store, job.out, device=device, progress="json", more=self._how
        )

    def _said(self, work: _Work, said: Mapping[str, Any]) -> None:
        """Pass on what a command told."""
        event = said.get("event")
        if event == "step" and work.tasks:
            work.shot.led = True  # whatever had to be learnt is in the store
            work.done = work.frames * int(said["done"]) // int(said["steps"])
            words = f'{_name(work)}, frame {said["frame"]} of "{said["object"]}"'
            told = {name: said[name] for name in ("frame", "object", "anew")}
            self._happens("step", words, work, **told)
        elif event == "learning":
            words = f"{_name(work)} learnt {said['step']} of {said['steps']} steps"
            self._happens("learning", words, work, step=said["step"], steps=said["steps"])

    def _ended(self, work: _Work, ended: Ended) -> None:
        shot = work.shot
        shot.running -= 1
        died = ended.code < 0 or ended.code == CANCELLED
        if not work.tasks and (ended.code == DONE or not died or work.tries >= TRIES):
            shot.ended = ended
            if ended.code == DONE:
                self._happens("written", f"{shot.job.shot.name} is written to {shot.job.out}", work)
            return
        if ended.code == DONE:
            work.done = work.frames
            shot.outcomes += [Outcome(task, True, DONE, "", work.tries) for task in work.tasks]
            self._happens("span", f"{_name(work)} is done", work)
        elif self._halt.leave.is_set():
            words = "" if died else ended.words
            shot.outcomes += [
                Outcome(task, False, CANCELLED, words, work.tries) for task in work.tasks
            ]
        elif died and work.tries < TRIES:
            if work.tasks:
                self._happens("again", f"{_name(work)} was killed, and is begun again", work)
                shot.waiting.appendleft(work)
        elif len(work.tasks) > 1 and ended.code != MISUSE:
            shot.waiting.extendleft(_Work(shot, (task,)) for task in reversed(work.tasks))
            self._works = [each for each in self._works if each is not work]
            self._works += [each for each in shot.waiting if each not in self._works]
        else:
            words = ended.words.removeprefix("stmatte: ")
            found = [Outcome(t, False, ended.code, words, work.tries) for t in work.tasks]
            shot.outcomes += found
            for outcome in found:
                self._happens("failed", str(outcome), work)

    def _happens(self, event: str, words: str, work: _Work, **entries: Any) -> None:
        done = sum(each.done for each in self._works)
        entries["shot"] = str(work.shot.job.shot)
        entries["spans"] = written(task.span for task in work.tasks)
        self._tell(Moment(event, words, done, self._frames, entries))

    def _outcome(self, shot: _Shot) -> ShotOutcome:
        spans = tuple(sorted(shot.outcomes, key=lambda outcome: outcome.task.span))
        if shot.ended is None or (self._halt.leave.is_set() and shot.ended.code != DONE):
            return ShotOutcome(shot.job, spans, CANCELLED)
        words = shot.ended.words.removeprefix("stmatte: ")
        return ShotOutcome(shot.job, spans, shot.ended.code, words)


def _name(work: _Work) -> str:
    numbers = written(task.span for task in work.tasks)
    one = len(work.tasks) == 1
    return f"{work.shot.job.shot.name}: span{'' if one else 's'} {numbers}"
