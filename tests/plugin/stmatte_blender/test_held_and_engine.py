# SPDX-License-Identifier: Apache-2.0
"""Held files and the engine itself: none is left when it is done, none passes for a matte."""

from __future__ import annotations

from pathlib import Path

from delivering import deliver
from shots import Copying, pictures, soft_disc
from stmatte import FrameRange, Key, Settings, Shot
from stmatte.layout import Layout
from stmatte.pipeline import Progress
from stmatte_blender import held

FRAMES = range(1, 9)
SHOT = Shot(
    pictures(FRAMES),
    (Key(3, {"hero": soft_disc(36), "car": soft_disc(80)}),),
    None,
    Settings(device="cpu"),
)


def mattes(folder: Path, shot: Shot, *, holding: bool = True) -> list[bool]:
    """Have the engine write a shot's mattes; return for each frame whether it was there already."""
    fresh = []

    def tell(progress: Progress) -> None:
        fresh.append(progress.fresh)
        for stem in ("a", "a_crypto") if holding else ():
            held.hold(folder, stem, FRAMES, progress.frame)

    out = str(folder / "a.####.exr")
    layout = Layout("object.V", "zip")
    deliver(
        shot, out, layout=layout, uncertainty=True, cryptomatte=True, network=Copying(), tell=tell
    )
    return fresh


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def part(first: int, last: int) -> Shot:
    return Shot(SHOT.plate, SHOT.keys, FrameRange(first, last), SHOT.settings)


def test_when_the_engine_is_done_the_files_are_those_without_holding(tmp_path: Path) -> None:
    mattes(tmp_path / "held", SHOT)
    mattes(tmp_path / "plain", SHOT, holding=False)

    assert contents(tmp_path / "held") == contents(tmp_path / "plain")


def test_what_is_held_when_work_stops_is_known_and_computed_the_next_time(tmp_path: Path) -> None:
    mattes(tmp_path / "held", part(2, 4))
    assert sorted(held.finished_in(tmp_path / "held", "a")) == [2, 3, 4]
    assert sorted(held.files_in(tmp_path / "held", "a")) == list(FRAMES)

    fresh = mattes(tmp_path / "held", SHOT, holding=False)

    mattes(tmp_path / "plain", SHOT, holding=False)
    assert fresh.count(True) == 3
    assert contents(tmp_path / "held") == contents(tmp_path / "plain")
