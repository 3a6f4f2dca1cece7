# SPDX-License-Identifier: Apache-2.0
"""What a queue is asked for: shots as commands, with what a machine must have and how long.

What the exporters have in common. Knows no queue and starts nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from stmatte.errors import StmatteError, raise_all
from stmatte.farm.chunks import SECONDS, Chunk, chunks_of, most
from stmatte.farm.tasks import SpanTask, tasks_of
from stmatte.images.pattern import check_pattern, shot_name
from stmatte.store import Store

MIB = 2**20

PROCESS = 1024 * MIB
"""Memory of a process that has loaded all it needs, and no shot yet."""

ON_GPU = 512 * MIB
"""Memory of a GPU that a process takes before it has put anything there."""

SLOWER = 10
"""So many times longer than forecast a command may take before it is ended."""

LEAST_SECONDS = 1800
"""A command is not ended sooner: a machine may be new, and its disk far away."""


@dataclass(frozen=True)
class ShotJob:
    """A shot as a queue sees it: some commands, and then one that writes the mattes.

    shot    the document, from the root
    name    what it is called
    out     pattern of its EXR files, from the root, with the shot's name in its place
    chunks  what is stale; () if the mattes have to be written only
    device  "cpu" or "cuda"
    frames  how many frames all its spans have
    learns  whether its network learns first: then the first chunk goes before the others
    """

    shot: Path
    name: str
    out: str
    chunks: tuple[Chunk, ...]
    device: str
    frames: int
    learns: bool = False

    @property
    def memory(self) -> int | None:
        """Bytes that a chunk takes at most on its device; None where that is not known."""
        return most(chunk.memory for chunk in self.chunks)

    @property
    def stages(self) -> tuple[tuple[Chunk, ...], ...]:
        """The chunks, those that have to wait after those that they wait for."""
        if self.learns and len(self.chunks) > 1:
            return (self.chunks[:1], self.chunks[1:])
        return (self.chunks,) if self.chunks else ()


def jobs_of(
    shots: Sequence[Path],
    store: Store,
    out: str,
    *,
    device: str = "",
    budget: int | None = None,
    seconds: float = SECONDS,
) -> tuple[ShotJob, ...]:
    """Return a job for every shot. Raises StmatteError with all that is wrong with any of them.

    out      pattern of the EXR files; {shot} stands for a shot's name
    device   see `tasks_of`
    budget   bytes that a command may take on its device
    seconds  work that fills a command, see `chunks_of`
    """
    check_names(shots, out)

    def job(shot: Path) -> ShotJob | StmatteError:
        try:
            tasks = tasks_of(shot, store, device=device, budget=budget)
            raise_all(_refused(tasks))
        except StmatteError as error:
            return error
        return job_of(shot, tasks, out, seconds)

    found = [job(shot) for shot in shots]
    raise_all(each for each in found if isinstance(each, StmatteError))
    return tuple(each for each in found if isinstance(each, ShotJob))


def job_of(shot: Path, tasks: Sequence[SpanTask], out: str, seconds: float = SECONDS) -> ShotJob:
    """Return the job of a shot from its tasks; see `jobs_of`."""
    name = shot_name(str(shot))
    path = str(Path(out.replace("{shot}", name)).absolute())
    return ShotJob(
        shot.absolute(),
        name,
        path,
        chunks_of(tasks, seconds),
        tasks[0].device if tasks else "cpu",
        sum(len(task.frames) for task in tasks),
        any(task.learns for task in tasks),
    )


def check_names(shots: Sequence[Path], out: str) -> None:
    """Prove that every shot has a name of its own, and files of its own to write.

    Raises StmatteError if two shots would write the same files, or one cannot be named.
    """
    problems = []
    taken: dict[str, Path] = {}
    for shot in shots:
        name = shot_name(str(shot))
        check_pattern(out, name)
        if name in taken:
            problems.append(_alike(name, taken[name], shot))
        taken[name] = shot
    if len(shots) > 1 and not problems and "{shot}" not in out:
        problems.append(_same_files(out))
    raise_all(problems)


def time_limit(seconds: float) -> int:
    """Return the seconds after which a command is ended, from what was forecast for it."""
    return max(LEAST_SECONDS, round(SLOWER * seconds))


def memory_of(job: ShotJob) -> tuple[int | None, int | None]:
    """Return bytes that a machine and its GPU must have for a chunk; None where not known.

    What was forecast is what a device holds; a process takes some more.
    """
    if job.device == "cpu":
        return (None if job.memory is None else _even(job.memory + PROCESS)), None
    on_gpu = None if job.memory is None else _even(job.memory + ON_GPU)
    return 4 * PROCESS, on_gpu


def budget_of(memory: int | None) -> str:
    """Return what a command is told that it may take: what it was forecast to; "" if unknown.

    Left to itself it would take half of what is free, which on a farm is another job's.
    """
    return "" if memory is None else f"{-(-memory // MIB)}Mi"


def folder_of(job: ShotJob) -> Path:
    """Return the folder that all files of a job are in, at whatever depth."""
    fixed = takewhile(lambda part: "{" not in part, Path(job.out).parent.parts)
    return Path(*fixed)


def _refused(tasks: Sequence[SpanTask]) -> list[StmatteError]:
    return [
        StmatteError(f"{task.shot.name}: span {task.span} will be refused. {task.refused}")
        for task in tasks
        if task.refused and task.stale
    ]


def _alike(name: str, one: Path, other: Path) -> StmatteError:
    return StmatteError(
        f'Shots "{one}" and "{other}" have the same name, "{name}"',
        value=name,
        allowed="in one job, every shot has a name of its own",
        repair="Rename one of the documents, or give them to two jobs",
    )


def _same_files(out: str) -> StmatteError:
    return StmatteError(
        f'Output "{out}" is the same for all shots',
        value=out,
        allowed="several shots write to files of their own",
        repair='Put {shot} into it, such as "mattes/{shot}/matte.####.exr"',
    )


def _even(size: int) -> int:
    """Return the next 256 MiB: what queues are asked for should not differ from shot to shot."""
    step = 256 * MIB
    return -(-size // step) * step
