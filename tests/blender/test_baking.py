# SPDX-License-Identifier: Apache-2.0
"""Mattes to a mask that can be edited, in a real Blender with the real engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import footage
from blenders import Blender


@pytest.mark.slow
def test_a_baked_mask_renders_what_the_mattes_show(blender: Blender, tmp_path: Path) -> None:
    footage.write_plate(tmp_path / "plate")
    places = json.dumps({frame: footage.place(frame) for frame in footage.FRAMES})

    told = blender.run("bakes_mask.py", tmp_path, places, seconds=300).told

    assert '"Hero" has no mattes yet. Press Propagate first' in told["too early"]
    assert 'The node has no object "nobody": its objects are Hero' in told["nobody"]
    keys = told["keys"]["Hero baked"]
    assert (keys[0], keys[-1]) == (1, 8)
    assert len(keys) < 8
    assert sum(told["points"]) <= 12
    assert len(told["layers"]) == 2
    scores = [
        footage.iou(
            footage.channel(tmp_path / "baked" / f"f_{frame}.exr"),
            footage.channel(tmp_path / "mattes" / f"a.{frame + footage.OFFSET:04d}.exr", "Hero.V"),
        )
        for frame in range(1, 9)
    ]
    print(f"IoU {min(scores):.4f}, {sum(told['points'])} points, keys {keys}")  # noqa: T201
    assert min(scores) > 0.96
