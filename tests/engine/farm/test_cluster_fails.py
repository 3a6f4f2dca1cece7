# SPDX-License-Identifier: Apache-2.0
"""What goes wrong on a cluster of two workers: nothing is lost, and nothing computed twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from farming import mattes_in, write_document
from shots import cut_short
from stmatte.errors import StmatteError
from stmatte.farm.cluster import Cluster, Wanted, cluster
from stmatte.farm.files import files_of, weights_of
from stmatte.farm.jobs import ShotJob, jobs_of
from stmatte.farm.processes import Halt
from stmatte.farm.running import Moment, ShotOutcome, run_jobs
from stmatte.farm.workers import asking
from stmatte.store import DiskStore
from stmatte.store.entry import FRAME

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="it has no SIGKILL and no tmpfs"),
]
pytest.importorskip("distributed", reason="the extra cluster is not installed")

NAMES = ("sh010", "sh020")
FRAMES = range(1001, 1025)
KEYS = (1001, 1012, 1024)


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    # else the store would keep to a share of what a small disk has free, and throw away the rest
    monkeypatch.setenv("STMATTE_STORE_LIMIT", "1G")
    with cluster("local:2", Wanted(wait=60)) as made:
        yield made


@pytest.fixture
def shots(tmp_path: Path) -> list[Path]:
    return [write_document(tmp_path, name, frames=FRAMES, keys=KEYS) for name in NAMES]


def jobs(shots: list[Path], store: Path) -> tuple[ShotJob, ...]:
    out = str(shots[0].parent / "made/{shot}/m.####.exr")
    return jobs_of(shots, DiskStore(store, 10**9), out, seconds=0)


def alone(shots: list[Path]) -> dict[str, bytes]:
    """Return the mattes as one process makes them."""
    folder = shots[0].parent / "alone"
    for shot in shots:
        out = str(folder / shot.stem / "m.####.exr")
        words = ["propagate", str(shot), "--out", out, "--store", "none"]
        subprocess.run([sys.executable, "-m", "stmatte", *words], check=True, capture_output=True)
    return mattes_in(folder)


def entries(store: Path) -> dict[str, int]:
    """Return what a store has computed, each with what changes when it is written again."""
    return {path.name: path.stat().st_ino for path in store.rglob(f"*{FRAME.suffix}")}


def codes(outcomes: tuple[ShotOutcome, ...]) -> list[int]:
    return [outcome.code for outcome in outcomes]


def test_a_worker_that_is_killed_costs_no_frame(
    two: Cluster, shots: list[Path], tmp_path: Path
) -> None:
    store = tmp_path / "store"
    before: dict[str, int] = {}

    def kill(now: Moment) -> None:
        if now.event == "step" and not before:
            busy = [worker for worker, keys in two.client.processing().items() if keys]
            (pid,) = two.client.run(os.getpid, workers=busy[:1]).values()
            before.update(entries(store))
            os.kill(pid, signal.SIGKILL)

    outcomes = run_jobs(jobs(shots, store), store, slots=two.slots, start=two.start, tell=kill)

    assert codes(outcomes) == [0, 0]
    assert before
    assert before.items() <= entries(store).items()
    assert mattes_in(tmp_path / "made") == alone(shots)


def test_a_span_that_always_fails_is_named_and_the_others_are_done(
    two: Cluster, shots: list[Path], tmp_path: Path
) -> None:
    store = tmp_path / "store"
    cut_short(tmp_path / "sh010/sh010.1017.png")  # in the second span, in its midst

    first, second = run_jobs(jobs(shots, store), store, slots=two.slots, start=two.start)

    assert [(each.task.span, each.ok) for each in first.spans] == [(1, True), (2, False)]
    assert "1017" in first.spans[1].words
    assert (first.code, second.code) == (1, 0)
    whole = {name: data for name, data in alone(shots[1:]).items() if name.startswith("sh020")}
    assert mattes_in(tmp_path / "made") == whole


def test_what_is_stopped_leaves_and_goes_on_where_it_was(
    two: Cluster, shots: list[Path], tmp_path: Path
) -> None:
    store, halt = tmp_path / "store", Halt()
    given = jobs(shots[:1], store)

    def stop(now: Moment) -> None:
        if now.event == "step":
            halt.leave.set()

    stopped = run_jobs(given, store, slots=two.slots[:1], start=two.start, tell=stop, halt=halt)
    before = entries(store)

    assert codes(stopped) == [130]
    assert before
    assert not (tmp_path / "made").exists()
    with cluster("local:2", Wanted(wait=60)) as others:
        again = run_jobs(given, store, slots=others.slots, start=others.start)
    assert codes(again) == [0]
    assert before.items() <= entries(store).items()
    assert mattes_in(tmp_path / "made") == alone(shots[:1])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Lend a disk with room for a few frames; the test is skipped where none can be had."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(disk)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a small disk can be mounted by root alone")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_is_told_and_what_was_done_is_not_done_again(
    two: Cluster, shots: list[Path], tmp_path: Path, small_disk: Path
) -> None:
    store = small_disk / "store"
    (full, other) = run_jobs(jobs(shots, store), store, slots=two.slots, start=two.start)
    before = entries(store)
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)

    again = run_jobs(jobs(shots, store), store, slots=two.slots, start=two.start)

    assert (full.code, other.code) == (1, 1)
    assert "space" in " ".join(each.words for each in (*full.spans, *other.spans)).lower()
    assert codes(again) == [0, 0]
    assert before.items() <= entries(store).items()
    assert mattes_in(tmp_path / "made") == alone(shots)


def without_weights(folder: Path) -> Path:
    """Return a folder with a STMatte whose weights are not there."""
    import stmatte

    whole = Path(stmatte.__file__).parent
    partial = folder / "partial/stmatte"
    partial.mkdir(parents=True)
    for entry in whole.iterdir():
        if entry.name != "weights":
            (partial / entry.name).symlink_to(entry)
    (partial / "weights").mkdir()
    return partial.parent


def test_a_worker_without_the_weights_is_named_before_anything_is_queued(
    two: Cluster, shots: list[Path], tmp_path: Path
) -> None:
    store = tmp_path / "store"
    files = [path for shot in shots for path in files_of(shot)]
    dask = [sys.executable, "-m", "distributed.cli.dask_worker", two.client.scheduler.address]
    worker = subprocess.Popen(
        [*dask, "--no-nanny", "--nthreads", "1", "--name", "partial", "--no-dashboard"],
        env={**os.environ, "PYTHONPATH": str(without_weights(tmp_path))},
        cwd=tmp_path,
    )
    try:
        two.client.wait_for_workers(3, timeout=120)
        with asking(store, files, [weights_of(shots[0])]) as asked:
            with pytest.raises(StmatteError) as refused:
                two.check(asked)
            assert str(refused.value).count("does not find the weights") == 1
    finally:
        worker.terminate()
        worker.wait(timeout=60)
    assert entries(store) == {}

    with asking(store, files, [weights_of(shots[0])]) as asked:
        two.check(asked)
    outcomes = run_jobs(jobs(shots, store), store, slots=two.slots, start=two.start)

    assert codes(outcomes) == [0, 0]
    assert mattes_in(tmp_path / "made") == alone(shots)
