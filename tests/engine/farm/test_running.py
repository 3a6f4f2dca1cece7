# SPDX-License-Identifier: Apache-2.0
"""Which commands are started, and what becomes of shots: no process runs here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from stmatte.farm.chunks import Chunk
from stmatte.farm.jobs import ShotJob
from stmatte.farm.processes import Ended, Halt
from stmatte.farm.running import Moment, ShotOutcome, run_jobs
from stmatte.farm.tasks import SpanTask
from stmatte.shot import FrameRange

STEP = {"event": "step", "done": 1, "steps": 2, "frame": 11, "object": "hero", "anew": True}


def job(name: str, *chunks: Sequence[int], learns: bool = False) -> ShotJob:
    """Return a shot whose commands have these spans, of ten stale frames each."""
    shot = Path(f"{name}.json")
    cut = tuple(
        Chunk(
            tuple(SpanTask(shot, n, FrameRange(10 * n, 10 * n + 9), 10, 1.0, 1, "cpu") for n in c)
        )
        for c in chunks
    )
    return ShotJob(shot, name, f"out/{name}.####.exr", cut, "cpu", 100, learns)


class Machine:
    """Starts nothing, and ends every command as it is told.

    codes   name of a command -> the codes that it ends with, one after the other; else 0
    begun   names of commands in the order in which they were begun
    """

    def __init__(self, codes: Mapping[str, Sequence[int]] | None = None, halts_at: str = ""):
        self._codes = {name: list(each) for name, each in (codes or {}).items()}
        self._halts_at = halts_at
        self._lock = Lock()
        self.begun: list[str] = []
        self.given: list[Mapping[str, str]] = []

    def __call__(
        self,
        command: Sequence[str],
        *,
        tell: Callable[[Mapping[str, Any]], None],
        halt: Halt,
        more: Mapping[str, str],
    ) -> Ended:
        words = list(command)
        at = words.index("span") if "span" in words else words.index("merge")
        spans = words[words.index("--span") + 1] if "--span" in words else "merge"
        name = f"{Path(words[at + 1]).stem} {spans}"
        with self._lock:
            self.begun.append(name)
            self.given.append(more)
            codes = self._codes.get(name, [])
            code = codes.pop(0) if codes else 0
        if spans != "merge":
            tell(STEP)
        if name == self._halts_at:
            halt.leave.set()
        return Ended(code, "stmatte: It is broken." if code else "")


def ran(
    machine: Machine, *jobs: ShotJob, count: int = 1, told: list[Moment] | None = None, **how: Any
) -> tuple[ShotOutcome, ...]:
    tell = [] if told is None else told
    slots = [{"SLOT": str(n)} for n in range(count)]
    return run_jobs(jobs, Path("/s"), slots=slots, tell=tell.append, start=machine, **how)


def test_a_shot_is_written_when_its_spans_are_there_before_the_next_is_begun() -> None:
    machine = Machine()

    outcomes = ran(machine, job("a", [1], [2, 3]), job("b", [1]))

    assert machine.begun == ["a 1", "a 2-3", "a merge", "b 1", "b merge"]
    assert [outcome.code for outcome in outcomes] == [0, 0]
    assert [span.task.span for span in outcomes[0].spans] == [1, 2, 3]


def test_a_shot_that_is_fresh_is_only_written() -> None:
    machine = Machine()

    assert ran(machine, job("a"))[0].code == 0
    assert machine.begun == ["a merge"]


def test_a_command_that_was_killed_is_begun_again_and_the_bytes_are_written() -> None:
    machine = Machine({"a 1": [-9, -9], "a merge": [-9]})

    outcome = ran(machine, job("a", [1]))[0]

    assert machine.begun == ["a 1", "a 1", "a 1", "a merge", "a merge"]
    assert (outcome.code, outcome.spans[0].ok, outcome.spans[0].tries) == (0, True, 3)


def test_one_that_is_always_killed_is_given_up_and_the_others_are_done() -> None:
    machine = Machine({"a 1": [-9] * 9, "b merge": [-9] * 9})

    broken, unwritten, whole = ran(machine, job("a", [1], [2]), job("b", [1]), job("c", [1]))

    assert machine.begun.count("a 1") == machine.begun.count("b merge") == 3
    assert "a merge" not in machine.begun
    assert (broken.code, [span.ok for span in broken.spans]) == (1, [False, True])
    assert unwritten.code == -9
    assert whole.code == 0


def test_of_a_command_that_fails_every_span_is_tried_alone() -> None:
    machine = Machine({"a 1-3": [1], "a 2": [1]})

    outcome = ran(machine, job("a", [1, 2, 3]))[0]

    assert machine.begun == ["a 1-3", "a 1", "a 2", "a 3"]
    assert [(span.task.span, span.ok, span.words) for span in outcome.spans] == [
        (1, True, ""),
        (2, False, "It is broken."),
        (3, True, ""),
    ]
    assert outcome.code == 1


def test_where_the_network_learns_first_one_span_goes_before_the_others() -> None:
    class Watching(Machine):
        def __call__(self, command: Sequence[str], **how: Any) -> Ended:
            alone.append(len(self.begun))
            return super().__call__(command, **how)

    alone: list[int] = []
    machine = Watching()

    ran(machine, job("a", [1], [2], [3], learns=True), count=3)

    assert machine.begun[0] == "a 1"
    assert alone[0] == 0
    assert sorted(machine.begun[1:3]) == ["a 2", "a 3"]


def test_every_slot_gives_its_own_environment() -> None:
    machine = Machine()

    ran(machine, job("a", [1], [2], [3], [4]), count=2)

    assert {given["SLOT"] for given in machine.given} <= {"0", "1"}


def test_who_is_asked_to_leave_begins_nothing_more() -> None:
    machine = Machine({"a 2": [130]}, halts_at="a 2")

    one, other = ran(machine, job("a", [1], [2], [3]), job("b", [1]))

    assert machine.begun == ["a 1", "a 2"]
    assert (one.code, other.code) == (130, 130)
    assert [(span.task.span, span.ok) for span in one.spans] == [(1, True), (2, False)]


def test_progress_counts_the_frames_of_all_shots() -> None:
    told: list[Moment] = []

    ran(Machine(), job("a", [1]), job("b", [1, 2]), told=told)

    # a step is half of its command: 5 of 10, then 10 and 10 of 20 more
    assert [(now.event, now.done, now.frames) for now in told] == [
        ("step", 5, 30),
        ("span", 10, 30),
        ("written", 10, 30),
        ("step", 20, 30),
        ("span", 30, 30),
        ("written", 30, 30),
    ]
