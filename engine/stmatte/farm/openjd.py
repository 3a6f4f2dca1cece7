# SPDX-License-Identifier: Apache-2.0
"""Shots as a job bundle of Open Job Description, which several queues take as it is.

A step a shot computes its spans, and a step that depends on it writes its mattes: what goes
wrong with one shot keeps no other from being done. A step's tasks are chunks of spans. All
paths that a command is given are of type PATH, so that a queue can say where they lie on its
machines. Nothing here runs or sends anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from stmatte.errors import StmatteError
from stmatte.farm.chunks import UNTIMED, Chunk
from stmatte.farm.commands import INSTALLED, merge_command, span_command
from stmatte.farm.files import files_of
from stmatte.farm.jobs import MIB, ShotJob, budget_of, folder_of, memory_of, time_limit
from stmatte.placing import placed

NOTICE = 60
"""Seconds that a command has to finish its frame before it is ended."""

MOST_TASKS = 1024
"""Values that a task parameter may have."""

MOST_LETTERS = 1024
"""Letters that a value may have."""

STORE, SHOT, SPANS, OUT = "Store", "Shot", "Spans", "Out"
"""The parameters: of the job, of a task that computes, and of one that writes."""


def template(
    jobs: Sequence[ShotJob],
    *,
    name: str = "stmatte",
    program: Sequence[str] = INSTALLED,
    limit: int | None = None,
    how: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the job template.

    name     what the job is called
    program  what runs STMatte on a machine of the farm
    limit    seconds after which a command is ended; None follows the forecast
    how      further words for writing, such as "--compression", "piz"

    Raises StmatteError if a path cannot stand in a template, or a shot has too many tasks.
    """
    steps = [step for job in jobs for step in _steps(job, program, limit, how)]
    return {
        "specificationVersion": "jobtemplate-2023-09",
        "name": name,
        "parameterDefinitions": [
            {
                "name": STORE,
                "type": "PATH",
                "objectType": "DIRECTORY",
                "dataFlow": "INOUT",
                "description": "Folder that keeps what is computed; all machines must share it.",
            }
        ],
        "steps": steps,
    }


def parameter_values(store: Path) -> dict[str, Any]:
    """Return what the job's parameters are."""
    return {"parameterValues": [{"name": STORE, "value": _value(store.absolute())}]}


def asset_references(jobs: Sequence[ShotJob]) -> dict[str, Any]:
    """Return which files are read, and in which folders files are written."""
    read = dict.fromkeys(path for job in jobs for path in files_of(job.shot))
    return {
        "assetReferences": {
            "inputs": {"filenames": sorted(map(str, read)), "directories": []},
            "outputs": {"directories": sorted({str(folder_of(job)) for job in jobs})},
            "referencedPaths": [],
        }
    }


def write_bundle(folder: Path, parts: dict[str, dict[str, Any]]) -> None:
    """Write a bundle, after the standard's own checker has read its template.

    folder  is made; must be empty
    parts   what the files template, parameter_values and asset_references say

    Raises StmatteError if the folder is not empty or cannot be written, or if the extra is not
    installed.
    """
    yaml = _library()
    check_empty(folder)
    _check(parts["template"])
    for name, part in parts.items():
        with placed(folder / f"{name}.yaml") as beside:
            text = yaml.safe_dump(part, sort_keys=False, allow_unicode=True, width=100)
            beside.write_text(text, "utf-8")


def check_empty(folder: Path) -> None:
    """Prove that nothing is in the way of a bundle. Raises StmatteError if something is."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StmatteError(
            f'Folder "{folder}" is not empty' if folder.is_dir() else f'"{folder}" is no folder',
            value=str(folder),
            allowed="a bundle has a folder of its own: all that is in it belongs to the job",
            repair="Name another one, or empty it",
        )


def _steps(
    job: ShotJob, program: Sequence[str], limit: int | None, how: Sequence[str]
) -> Iterable[dict[str, Any]]:
    before = ""
    for number, stage in enumerate(job.stages):
        first = number == 0 and len(job.stages) > 1
        step = _computing(job, stage, program, limit)
        yield _after(before, {"name": f"{job.name} {'learn' if first else 'spans'}", **step})
        before = f"{job.name} {'learn' if first else 'spans'}"
    yield _after(before, {"name": f"{job.name} merge", **_merging(job, program, limit, how)})


def _after(before: str, step: dict[str, Any]) -> dict[str, Any]:
    return {**step, "dependencies": [{"dependsOn": before}]} if before else step


def _computing(
    job: ShotJob, chunks: Sequence[Chunk], program: Sequence[str], limit: int | None
) -> dict[str, Any]:
    if len(chunks) > MOST_TASKS:
        raise StmatteError(
            f"{job.shot.name} has {len(chunks)} commands",
            value=len(chunks),
            allowed=f"a step has at most {MOST_TASKS}",
            repair="Let a command have more work with --chunk",
        )
    task = replace(chunks[0].tasks[0], shot=Path(_param("Task", SHOT)))
    budget = budget_of(job.memory)
    store = Path(_param("", STORE))
    words = span_command(task, store, "openjd", program=program, budget=budget)
    words[words.index("--span") + 1] = _param("Task", SPANS)
    space = [
        {"name": SHOT, "type": "PATH", "range": [_value(job.shot)]},
        {"name": SPANS, "type": "STRING", "range": [chunk.spans for chunk in chunks]},
    ]
    longest = max(chunk.seconds for chunk in chunks)
    return {
        "parameterSpace": {"taskParameterDefinitions": space},
        "hostRequirements": {"amounts": _amounts(job)},
        "script": _script(words, limit or time_limit(longest)),
    }


def _merging(
    job: ShotJob, program: Sequence[str], limit: int | None, how: Sequence[str]
) -> dict[str, Any]:
    words = merge_command(
        Path(_param("Task", SHOT)),
        Path(_param("", STORE)),
        _param("Task", OUT),
        device=job.device,
        progress="openjd",
        program=program,
        more=how,
    )
    space = [
        {"name": SHOT, "type": "PATH", "range": [_value(job.shot)]},
        {"name": OUT, "type": "PATH", "range": [_value(job.out)]},
    ]
    return {
        "parameterSpace": {"taskParameterDefinitions": space},
        "hostRequirements": {"amounts": _amounts(job)},
        "script": _script(words, limit or time_limit(job.frames * UNTIMED)),
    }


def _amounts(job: ShotJob) -> list[dict[str, Any]]:
    machine, gpu = memory_of(job)
    amounts: list[dict[str, Any]] = [{"name": "amount.worker.vcpu", "min": 1}]
    if machine is not None:
        amounts.append({"name": "amount.worker.memory", "min": machine // MIB})
    if job.device == "cuda":
        amounts.append({"name": "amount.worker.gpu", "min": 1})
    if gpu is not None:
        amounts.append({"name": "amount.worker.gpu.memory", "min": gpu // MIB})
    return amounts


def _script(words: Sequence[str], limit: int) -> dict[str, Any]:
    cancelation = {"mode": "NOTIFY_THEN_TERMINATE", "notifyPeriodInSeconds": NOTICE}
    command, *args = words
    run = {"command": command, "args": args, "timeout": limit, "cancelation": cancelation}
    return {"actions": {"onRun": run}}


def _param(scope: str, name: str) -> str:
    return "{{" + (f"{scope}." if scope else "") + f"Param.{name}" + "}}"


def _value(path: str | Path) -> str:
    """Return a path as a value of the template, which takes it as it is."""
    text = str(path)
    if "{{" in text or len(text) > MOST_LETTERS or not text.isprintable():
        raise StmatteError(
            f'"{text[:100]}" cannot stand in a job template',
            value=text,
            allowed=f"a path has at most {MOST_LETTERS} letters, no {{{{ and no line breaks",
            repair="Rename the file or folder",
        )
    return text


def _check(described: dict[str, Any]) -> None:
    """Let the standard's own checker read a template: what it refuses, every queue would."""
    from openjd.model import DecodeValidationError, decode_job_template

    try:
        decode_job_template(template=described)
    except DecodeValidationError as error:
        raise StmatteError(
            "The job cannot be described",
            value=str(error),
            allowed=str(error).rstrip("."),
            repair="Give the shots plainer names, or fewer of them to one job",
        ) from None


def _library() -> Any:
    try:
        import openjd.model  # noqa: F401
        import yaml
    except ImportError as error:
        raise StmatteError(
            "Job bundles cannot be written here",
            value=error.name,
            allowed="they need the package openjd-cli, which is not installed",
            repair="Run: pip install 'stmatte[farm]'",
        ) from None
    return yaml
