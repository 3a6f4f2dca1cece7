# SPDX-License-Identifier: Apache-2.0
"""Shots as a job of OpenCue: the same commands as in a bundle, written by OpenCue's own library.

A layer's frames are span numbers. A chunk is what the queue calls a chunk: chunks of as many
spans each, one after the other, share a layer, so that the queue cuts them as we did. Another
layer writes a shot's mattes, and depends on those. No Cuebot was ever asked.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from stmatte.errors import StmatteError
from stmatte.farm.chunks import UNTIMED, Chunk
from stmatte.farm.commands import INSTALLED, merge_command, span_command
from stmatte.farm.jobs import MIB, ShotJob, budget_of, memory_of, time_limit

FIRST, LAST, ONLY = "#FRAME_START#", "#FRAME_END#", "#IFRAME#"
"""What the queue puts a chunk's first and last frame for, and the frame where it has one."""

MOST_LAYERS = 1000
"""Layers that a Cuebot takes of one job."""

_UNNAMED = re.compile(r"[^a-z0-9_.]")


@dataclass(frozen=True)
class Run:
    """Chunks that share a layer: of as many spans each, one after the other."""

    chunks: tuple[Chunk, ...]

    @property
    def size(self) -> int:
        """How many spans each has."""
        return len(self.chunks[0].tasks)

    @property
    def range(self) -> str:
        """Its spans as the queue writes frames: "1-6", "7-7"."""
        return f"{self.chunks[0].first}-{self.chunks[-1].last}"


def runs_of(chunks: Sequence[Chunk]) -> tuple[Run, ...]:
    """Return chunks as layers have them, in their order."""
    found: list[list[Chunk]] = [[chunk] for chunk in chunks[:1]]
    for before, chunk in pairwise(chunks):
        if len(before.tasks) == len(chunk.tasks) and before.last + 1 == chunk.first:
            found[-1].append(chunk)
        else:
            found.append([chunk])
    return tuple(Run(tuple(run)) for run in found)


def layer_name(job: ShotJob, *words: str) -> str:
    """Return a layer's name as the queue spells it: small letters, digits, underscores, dots."""
    return _UNNAMED.sub("_", "_".join((job.name, *words)).lower())


def check_layers(jobs: Sequence[ShotJob]) -> None:
    """Prove that a queue can tell the layers apart. Raises StmatteError if not."""
    named: dict[str, ShotJob] = {}
    for job in jobs:
        name = layer_name(job)
        if name in named:
            raise StmatteError(
                f'Shots "{named[name].name}" and "{job.name}" are one for OpenCue',
                value=name,
                allowed="it knows small letters, digits, underscores and dots",
                repair="Rename one of the documents, or give them to two jobs",
            )
        named[name] = job
    layers = sum(1 + sum(len(runs_of(stage)) for stage in job.stages) for job in jobs)
    if layers > MOST_LAYERS:
        raise StmatteError(
            f"The job has {layers} layers",
            value=layers,
            allowed=f"OpenCue takes {MOST_LAYERS} of one job",
            repair="Give it fewer shots at once",
        )


def specification(
    jobs: Sequence[ShotJob],
    store: Path,
    *,
    name: str = "stmatte",
    program: Sequence[str] = INSTALLED,
    limit: int | None = None,
    how: Sequence[str] = (),
    user: str = "",
) -> str:
    """Return the whole job specification, an XML text, as a Cuebot takes it.

    store    the folder that all machines share
    program  what runs STMatte on a machine of the farm
    limit    seconds after which a command is ended; None follows the forecast
    how      further words for writing
    user     whose job it is; "" is who runs this

    Show, shot and facility are those that OpenCue's own configuration and variables name.
    Raises StmatteError if the queue would not take it, or the extra is not installed.
    """
    check_layers(jobs)
    library = _library()
    script = library.outline(name=name)
    for job in jobs:
        done: list[Any] = []
        for stage in job.stages:
            waits = tuple(done)
            for run in runs_of(stage):
                words = _span_words(job, run, store.absolute(), program)
                longest = max(chunk.seconds for chunk in run.chunks)
                layer = library.shell(
                    layer_name(job, "spans", run.range),
                    command=_quoted(words),
                    range=run.range,
                    chunk=run.size,
                    **_needs(job, limit or time_limit(longest)),
                )
                done.append(_added(script, layer, waits))
        merge = library.shell(
            layer_name(job, "merge"),
            command=_quoted(_merge_words(job, store.absolute(), program, how)),
            range="1-1",
            **_needs(job, limit or time_limit(job.frames * UNTIMED)),
        )
        _added(script, merge, done)
    flags = {"user": user} if user else {}
    text: str = library.serialize(library.launcher(script, nomail=True, **flags))
    return text


def _span_words(job: ShotJob, run: Run, store: Path, program: Sequence[str]) -> list[str]:
    task = replace(run.chunks[0].tasks[0], shot=job.shot)
    words = span_command(task, store, program=program, budget=budget_of(job.memory))
    words[words.index("--span") + 1] = ONLY if run.size == 1 else f"{FIRST}-{LAST}"
    return words


def _merge_words(
    job: ShotJob, store: Path, program: Sequence[str], how: Sequence[str]
) -> list[str]:
    return merge_command(job.shot, store, job.out, device=job.device, program=program, more=how)


def _needs(job: ShotJob, seconds: int) -> dict[str, Any]:
    """Return what a layer asks for. The queue counts minutes, and memory in whole units."""
    machine, gpu = memory_of(job)
    needs: dict[str, Any] = {"timeout": -(-seconds // 60), "cores": 1, "service": "shell"}
    if machine is not None:
        needs["memory"] = f"{machine // MIB}m"
    if job.device == "cuda":
        needs["gpus"] = 1
    if gpu is not None:
        needs["gpu_memory"] = f"{gpu // MIB}m"
    return needs


def _added(script: Any, layer: Any, waits: Iterable[Any]) -> Any:
    script.add_layer(layer)
    for other in waits:
        layer.depend_all(other)
    return layer


def _quoted(words: Sequence[str]) -> list[str]:
    """Return words as the shell of a machine takes them: the library puts spaces between."""
    return [shlex.quote(word) for word in words]


@dataclass(frozen=True)
class _Library:
    outline: Any
    shell: Any
    launcher: Any
    serialize: Any


def _library() -> _Library:
    try:
        from outline import Outline
        from outline.backend.cue import serialize_simple
        from outline.cuerun import OutlineLauncher
        from outline.modules.shell import Shell
    except ImportError as error:
        raise StmatteError(
            "Jobs for OpenCue cannot be written here",
            value=error.name,
            allowed="they need the packages opencue-pyoutline and packaging, which are not both "
            "installed",
            repair="Run: pip install 'stmatte[opencue]'",
        ) from None
    Outline.current = None  # else every layer would go into it, too
    return _Library(Outline, Shell, OutlineLauncher, serialize_simple)
