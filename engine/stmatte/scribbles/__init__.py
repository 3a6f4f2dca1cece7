# SPDX-License-Identifier: Apache-2.0
"""Strokes on frames: as an artist or the DAVIS challenge gives them, drawn, and by a robot."""

from stmatte.scribbles.davis_json import from_davis, read_scribbles, to_davis
from stmatte.scribbles.drawing import NOTHING, draw_scribbles, draw_strokes
from stmatte.scribbles.robot import JUDGE, Hand, robot_strokes
from stmatte.scribbles.strokes import (
    Scribbles,
    Stroke,
    fused,
    no_scribbles,
    scribbled_frames,
    with_strokes,
)

__all__ = [
    "JUDGE",
    "NOTHING",
    "Hand",
    "Scribbles",
    "Stroke",
    "draw_scribbles",
    "draw_strokes",
    "from_davis",
    "fused",
    "no_scribbles",
    "read_scribbles",
    "robot_strokes",
    "scribbled_frames",
    "to_davis",
    "with_strokes",
]
