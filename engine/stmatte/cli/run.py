# SPDX-License-Identifier: Apache-2.0
"""`stmatte run`: shots on this machine or one's own cluster, in as many processes as one likes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import click

from stmatte.cli import asked, clustered, kept, output
from stmatte.cli.stopping import stopping
from stmatte.cli.told import Told, told
from stmatte.cli.told import option as progress_option
from stmatte.errors import StmatteError, raise_all
from stmatte.output import Output

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stmatte.farm.jobs import ShotJob
    from stmatte.farm.processes import Halt
    from stmatte.farm.running import Moment, ShotOutcome, Start
    from stmatte.store import Store

FAILED, CANCELLED = 1, 130

LOOKED = 0.1
"""Seconds between two looks at whether a signal came."""


@click.command()
@click.argument(
    "shots", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SHOT..."
)
@click.option("--out", required=True, help='Such as "mattes/{shot}/{shot}.####.exr".')
@click.option(
    "--jobs",
    type=click.IntRange(1),
    help="How many processes compute at the same time; one a GPU, or one, if left out.",
)
@clustered.options
@output.options
@kept.shared_option
@asked.device_option
@kept.budget_option
@progress_option
def run(
    shots: tuple[Path, ...],
    out: str,
    jobs: int | None,
    store: str | None,
    device: str | None,
    budget: str | None,
    kind: str,
    **said: Any,
) -> None:
    """Make the mattes of SHOT... (shot documents) with several processes at once.

    Each process is a `stmatte span`, and `stmatte merge` writes the mattes of a shot when its
    spans are there. In --out, {shot} is the name of the document. A span that fails is told, and
    the others are done. The exit code is 0 if all mattes are there, 1 if some are not, 2 if
    nothing could be begun, 130 if it was stopped.

    With --cluster, the workers of a cluster start these processes, and every one of them is asked
    first whether it sees the store, the files and the weights that this machine sees.
    """
    name = clustered.named(said)
    if name.address and jobs is not None:
        raise click.UsageError("--jobs is for this machine: a cluster has as many as its workers.")
    with stopping() as stop, told(kind) as shown:
        words = output.as_words(said)
        wanted = output.taken(said, out)
        opened = kept.open_shared(store)
        allowed = kept.parse_budget(budget)

        from stmatte.farm.jobs import jobs_of
        from stmatte.farm.running import run_jobs

        _check(shots, wanted, device, opened)
        found = jobs_of(shots, opened, out, device=device or "", budget=allowed)
        folder = opened.folder.absolute()
        with _halting(stop) as halt, _started(name, jobs, found, folder) as (slots, start):
            outcomes = run_jobs(
                found,
                folder,
                slots=slots,
                how=words,
                budget=budget or "",
                tell=_teller(shown),
                halt=halt,
                start=start,
            )
        _leave(shown, outcomes)


def _check(shots: Sequence[Path], wanted: Output, device: str | None, store: Store) -> None:
    """Refuse what cannot be made or written, of all shots at once."""
    from stmatte.farm.jobs import check_names
    from stmatte.pipeline.merging import check_merge

    check_names(shots, wanted.out)

    def problem(shot: Path) -> StmatteError | None:
        try:
            check_merge(asked.read(shot, device), output.named(wanted, shot), store)
        except StmatteError as error:
            return error
        return None

    raise_all(found for shot in shots if (found := problem(shot)) is not None)


@contextmanager
def _started(
    name: clustered.Named, jobs: int | None, found: Sequence[ShotJob], store: Path
) -> Iterator[tuple[Sequence[Mapping[str, str]], Start]]:
    """Lend the slots of processes, and what starts one: here, or on a cluster."""
    from stmatte.farm.processes import run_child

    if name.address:
        with clustered.reached(name, found, store) as (slots, start):
            yield slots, start
    else:
        yield _slots(jobs, gpu=any(job.device == "cuda" for job in found)), run_child


def _slots(jobs: int | None, *, gpu: bool) -> list[Mapping[str, str]]:
    """Return the environment of each process that runs at the same time: a GPU of its own."""
    if not gpu:
        return [{} for _ in range(jobs or 1)]
    import torch

    named = os.environ.get("CUDA_VISIBLE_DEVICES", "").strip()
    gpus = named.split(",") if named else [str(n) for n in range(torch.cuda.device_count())]
    several = len(gpus) > 1
    return [
        {"CUDA_VISIBLE_DEVICES": gpus[n % len(gpus)]} if several else {}
        for n in range(jobs or max(1, len(gpus)))
    ]


@contextmanager
def _halting(stop: Callable[[], bool]) -> Iterator[Halt]:
    """Lend what asks children to leave as soon as a signal asked this process to."""
    from stmatte.farm.processes import Halt

    halt, over = Halt(), Event()

    def watch() -> None:
        while not over.wait(LOOKED):
            if stop():
                halt.leave.set()
                return

    watching = Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield halt
    finally:
        over.set()
        watching.join()


def _teller(shown: Told) -> Callable[[Moment], None]:
    def tell(now: Moment) -> None:
        if now.event == "step":
            shown.step(now.done, max(1, now.frames), now.words, **now.entries)
        else:
            shown.word(now.event, f"{now.words}.".replace("..", "."), **now.entries)

    return tell


def _leave(shown: Told, outcomes: Sequence[ShotOutcome]) -> None:
    """Tell what became of it all, and leave with what that means."""
    from stmatte.farm.outcomes import report

    if any(outcome.code == CANCELLED for outcome in outcomes):
        shown.word("cancelled", "Stopped. What is done is kept: run it again to go on.")
        sys.exit(CANCELLED)
    failed = [outcome for outcome in outcomes if outcome.code]
    whole = len(outcomes) - len(failed)
    count = f"{whole} of {len(outcomes)} {'shot is' if len(outcomes) == 1 else 'shots are'} done."
    shown.word("done", count, shots=whole, failed=[str(each.job.shot) for each in failed])
    if not failed:
        return
    lines = [f"{each.job.shot.name}: {each.words}" for each in failed if each.words]
    spans = [span for each in failed for span in each.spans]
    if any(not span.ok for span in spans):
        lines.append(report(spans))
    words = "\n".join(lines)
    shown.failed(words)
    click.echo(f"stmatte: {words}", err=True)
    sys.exit(FAILED)
