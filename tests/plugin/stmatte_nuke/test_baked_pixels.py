# SPDX-License-Identifier: Apache-2.0
"""A baked Roto renders what the mattes show: the engine's own outline, drawn by the fake Nuke.

The fake draws exact coverage, which is what was seen of Nuke 17.1: a square of whole pixels that
is moved by four differs in exactly four columns on either side, so Nuke draws nothing wider than
its curve. Hence an inset of 0.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nuke
import numpy as np
import pytest
import seat
from numpy.typing import NDArray

import footage
from stmatte.images.mattes import write_mattes
from stmatte.outlines import contours
from stmatte.pipeline.outlining import outlining
from stmatte_host.outline import read_outline
from stmatte_nuke.baked_roto import new_roto
from stmatte_nuke.baking import INSET
from stmatte_nuke.roto_outline import roto_shapes

SIZE = (160, 96)
FRAMES = range(1001, 1009)

Matte = NDArray[np.float32]


def disc(x: float, y: float, radius: float) -> Matte:
    """Return a disc's coverage, its edge as soft as a pixel; places from the upper left."""
    row, column = np.mgrid[0 : SIZE[1], 0 : SIZE[0]] + 0.5
    return np.asarray(np.clip(radius - np.hypot(column - x, row - y) + 0.5, 0, 1), np.float32)


def moving(frame: int) -> Matte:
    """A disc that goes right, down and grows."""
    t = frame - FRAMES[0]
    return disc(50 + 5 * t, 40 + 2 * t, 24 + t)


def with_a_hole(frame: int) -> Matte:
    """A ring, something that stands in its middle, and on three frames something beside it."""
    t = frame - FRAMES[0]
    ring = np.minimum(disc(50 + 4 * t, 48, 34), 1 - disc(50 + 4 * t, 48, 18))
    inside = disc(50 + 4 * t, 48, 8)
    beside = disc(132, 24, 11 + t) if 2 <= t <= 4 else np.zeros_like(ring)
    return np.maximum(np.maximum(ring, inside), beside)


def rendered(roto: Any, frame: int, path: Path) -> Matte:
    """Return what Nuke writes of a Roto's alpha on a frame."""
    write = nuke.nodes.Write()
    write.setInput(0, roto)
    for knob, value in (
        ("file", path.as_posix()),
        ("file_type", "exr"),
        ("channels", "alpha"),
        ("datatype", "32 bit float"),
        ("raw", True),
    ):
        write[knob].setValue(value)
    nuke.execute(write, frame, frame, 1)
    nuke.delete(write)
    return footage.channel(path, "A")


def farthest(drawn: Matte, matte: Matte) -> float:
    """Return how far the drawn edge at 0.5 is from the matte's where it is worst, in pixels."""
    ours = np.concatenate(contours(drawn, 16.0))
    theirs = np.concatenate(contours(matte, 16.0))
    away = np.hypot(*(ours[:, None] - theirs[None]).transpose(2, 0, 1))
    return float(max(away.min(axis=1).max(), away.min(axis=0).max()))


@pytest.mark.parametrize("matte", [moving, with_a_hole])
def test_the_edge_of_a_baked_roto_is_the_mattes_within_the_tolerance(
    matte: Any, tmp_path: Path
) -> None:
    seat.new_script(tmp_path / "comp.nk", size=SIZE, first=FRAMES[0], last=FRAMES[-1])
    for frame in FRAMES:
        write_mattes(tmp_path / f"m.{frame}.exr", {"hero": matte(frame)})
    json, tolerance = tmp_path / "hero.json", 1.0
    pattern = str(tmp_path / "m.####.exr")
    asked = outlining(pattern, "hero", json, lambda found: found, tolerance, INSET)
    asked.made(lambda *_: None)
    outline = read_outline(json)

    roto, dense = new_roto(nuke.nodes.NoOp(), "hero_roto", "", roto_shapes(outline), outline.size)

    assert not dense
    assert len(outline.keys) < len(FRAMES)
    for frame in FRAMES:
        drawn = rendered(roto, frame, tmp_path / f"drawn.{frame}.exr")
        assert drawn.shape == matte(frame).shape
        assert drawn.min() >= 0.0
        assert drawn.max() <= 1.0
        assert farthest(drawn, matte(frame)) <= tolerance
        # A quarter of a pixel too far within would be 2 % of the disc's area, 3 % of the ring's.
        assert drawn.sum() == pytest.approx(matte(frame).sum(), rel=0.005)
        assert footage.iou(drawn, matte(frame)) > 0.99
