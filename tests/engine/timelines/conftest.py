# SPDX-License-Identifier: Apache-2.0
"""A show on disk: a plate of twenty frames, keys of two shots, and a cut of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from cutting import clip, external, gap, save, sequence, span, timeline
from shots import Copying, soft_disc, write_grey, write_plate
from stmatte.output import Output
from stmatte.timelines.batch import Outcome, propagate_all
from stmatte.timelines.opening import Cut, open_cut
from stmatte.timelines.shots import Order, TimelineShot, shots_of

FRAMES = range(1001, 1021)


@dataclass(frozen=True)
class Show:
    """A folder with plate/plate.1001-1020.png, and keys/{a,b}/hero.1006.png."""

    folder: Path

    @property
    def out(self) -> str:
        return str(self.folder / "mattes" / "{shot}" / "{shot}.####.exr")

    def key(self, shot: str, frame: int, name: str = "hero") -> Path:
        """Write a key where it is looked for."""
        path = self.folder / "keys" / shot / f"{name}.{frame}.png"
        return write_grey(path, soft_disc(30 + 2 * (frame % 20)))

    def cut(self, *tracks: Sequence[object] | otio.schema.Track) -> Cut:
        """Write a timeline and open it; without tracks, one of shot a, a gap, and shot b."""
        tracks = tracks or ([a(), gap(3), b()],)
        return open_cut(save(timeline(*tracks), self.folder / "cut.otio"))

    def order(self, out: str = "", **more: Any) -> Order:
        return Order(Output(out or self.out), **({"keys": self.folder / "keys"} | more))

    def shots(self, *tracks: Sequence[object], **order: Any) -> list[TimelineShot]:
        return shots_of(self.cut(*tracks), self.order(**order))

    def propagated(self, cut: Cut, order: Order, **how: Any) -> list[Outcome]:
        """Make the mattes with a network that copies."""
        how = {"network": Copying()} | how
        return list(propagate_all(shots_of(cut, order), order, **how))


def a() -> otio.schema.Clip:
    """Frames 1003-1008 of the plate, by frame numbers."""
    return clip("a", external("plate/plate.####.png", span(1001, 20)), span(1003, 6))


def b() -> otio.schema.Clip:
    """Frames 1005-1009 of the plate, by time code."""
    return clip("b", sequence(1001, span(86400, 20)), span(86404, 5))


@pytest.fixture
def show(tmp_path: Path) -> Show:
    write_plate(tmp_path / "plate", FRAMES)
    made = Show(tmp_path)
    made.key("a", 1006)
    made.key("b", 1006)
    return made
