# SPDX-License-Identifier: Apache-2.0
"""Each network works for a host: a real sequence, two keys and a correction, the real engine.

Weights are random: whether mattes are good is not asked.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from staged import Port, until

from stmatte.networks.registry import NETWORKS
from stmatte_host import HostShot, KeyFile, Patience, Propagation, Session, State

DAVIS = Path(__file__).parents[4] / "shared" / "data" / "davis_dev"
ENGINE = Path(__file__).parents[3] / "engine"
KEYED, CORRECTED, BEYOND = (0, 4), 2, (5, 6)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    if not DAVIS.is_dir():
        pytest.skip(f"needs the DAVIS development sequences in {DAVIS}")
    folder = tmp_path_factory.mktemp("engine")
    session = Session(
        words=(sys.executable, "-m", "stmatte", "serve", "--store", str(folder / "store")),
        environ={**os.environ, "OMP_NUM_THREADS": "1"},
        logs=folder / "logs",
        patience=Patience(starting=120, answering=120),
    )
    yield session
    session.close()


def key(frame: int) -> KeyFile:
    return KeyFile(frame, "skater", str(DAVIS / f"Annotations/rollerblade/{frame:05d}.png"), "", 1)


def skater(folder: Path, frames: str, keyed: Sequence[int], **settings: object) -> HostShot:
    """A shot of 64 lines, keyed on some frames, whose mattes go into a folder."""
    return HostShot(
        plate=str(DAVIS / "JPEGImages/rollerblade/#####.jpg"),
        objects=("skater",),
        out=str(folder / "matte.####.exr"),
        base=str(folder),
        frames=frames,
        keys=tuple(map(key, keyed)),
        settings={"working_height": 64, "edges": "off", **settings},
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_a_correction_changes_only_what_it_reaches(
    name: str, session: Session, tmp_path: Path
) -> None:
    torch.manual_seed(2)
    state = NETWORKS[name].make().state_dict()
    save_file({n: t.contiguous().clone() for n, t in state.items()}, tmp_path / "w.safetensors")
    model = f"{name}:{tmp_path / 'w.safetensors'}"
    shot = skater(tmp_path, "0-6", KEYED, model=model, device="cpu")
    port = Port()
    propagation = Propagation(session, port)

    propagation.propagate(shot)
    until(session, lambda: not propagation.running, 300)
    before = {frame: (tmp_path / f"matte.{frame:04d}.exr").read_bytes() for frame in range(7)}
    propagation.propagate(replace(shot, keys=(*shot.keys, key(CORRECTED))))
    until(session, lambda: not propagation.running, 300)
    after = {frame: (tmp_path / f"matte.{frame:04d}.exr").read_bytes() for frame in range(7)}

    assert port.errors == []
    assert port.progress[-1].state is State.DONE
    assert after[CORRECTED] != before[CORRECTED]
    for frame in (*KEYED, *BEYOND):
        assert after[frame] == before[frame], frame
    propagation.close()


@pytest.mark.slow
def test_who_asks_for_adapting_is_told_each_step(session: Session, tmp_path: Path) -> None:
    shot = skater(tmp_path, "0-3", (0,), model="stmatte-s", adapt=3)
    port = Port()
    propagation = Propagation(session, port)

    propagation.propagate(shot)
    until(session, lambda: not propagation.running, 300)
    told = [(p.step, p.steps) for p in port.progress if p.state is State.LEARNING]
    propagation.close()

    assert port.errors == []
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert port.progress[-1].state is State.DONE
