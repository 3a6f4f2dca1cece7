# SPDX-License-Identifier: Apache-2.0
"""A delivery that is killed at any moment leaves whole frames and loses none."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest

from delivering import deliver
from shots import Mixing, soft_disc, write_plate
from stmatte import Key, Settings, Shot
from stmatte.store import DiskStore
from stmatte.store.entry import FRAME

FRAMES = range(1, 13)
KILLS = 200


def delivered(shot: Shot, folder: Path, store: Path) -> Mixing:
    network = Mixing()
    out = str(folder / "matte.####.exr")
    deliver(shot, out, network=network, store=DiskStore(store, 10**8))
    return network


def killed(shot: Shot, folder: Path, store: Path, seconds: float) -> bool:
    """Deliver in a child that is killed after so many seconds; tell whether it was."""
    child = os.fork()
    if child == 0:
        try:
            delivered(shot, folder, store)
        finally:
            os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")
def test_two_hundred_kills_leave_no_wrong_half_or_lost_frame(tmp_path: Path) -> None:
    moments = random.Random(12)
    keys = tuple(Key(frame, {"hero": soft_disc(30 + 2 * frame)}) for frame in (1, 12))
    shot = Shot(write_plate(tmp_path / "plate", FRAMES), keys, None, Settings(device="cpu"))
    delivered(shot, tmp_path / "right", tmp_path / "right store")
    right = {path.name: path.read_bytes() for path in (tmp_path / "right").iterdir()}
    began = time.monotonic()
    delivered(shot, tmp_path / "timed", tmp_path / "timed store")
    whole = time.monotonic() - began

    kills = rounds = 0
    while kills < KILLS:
        folder, store = tmp_path / f"out{rounds}", tmp_path / f"store{rounds}"
        there: set[str] = set()
        while killed(shot, folder, store, moments.uniform(0, whole / 2)):
            kills += 1
            now = {path.name: path.read_bytes() for path in folder.glob("matte.*.exr")}
            assert all(right[name] == found for name, found in now.items())
            assert there <= now.keys()  # none is lost again
            there = set(now)
            if kills >= KILLS:
                delivered(shot, folder, store)
                break
        rounds += 1
        assert {p.name: p.read_bytes() for p in folder.glob("matte.*.exr")} == right


@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")
def test_what_was_computed_before_a_kill_is_not_computed_again(tmp_path: Path) -> None:
    keys = tuple(Key(frame, {"hero": soft_disc(30 + 2 * frame)}) for frame in (1, 12))
    shot = Shot(write_plate(tmp_path / "plate", FRAMES), keys, None, Settings(device="cpu"))
    store = tmp_path / "store"
    killed(shot, tmp_path / "out", store, 0.2)
    kept = sum(1 for path in store.glob(f"??/*{FRAME.suffix}") if path.name[0] != ".")

    network = delivered(shot, tmp_path / "out", store)

    # 10 frames, walked over from either side; only the frame it was killed in is done again
    assert len(network.read) <= 20 - kept
    assert len(network.read) + kept >= 20
