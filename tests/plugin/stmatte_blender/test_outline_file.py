# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from stmatte_blender.stmatte_host import EngineError

from stmatte_blender.outline_file import read_outline, to_mask

POSE = [[480.0, 60.0, 480.0, 50.0, 480.0, 70.0], [960.0, 540.0] * 3]


def outline(**changed: Any) -> dict[str, Any]:
    spline = {"hole": False, "first": 1001, "last": 1002, "poses": [POSE, POSE]}
    layer = {"name": "hero", "keys": [1001, 1002], "splines": [spline]}
    said = {"format": "stmatte.outline/1", "object": "hero", "size": [1920, 1080]}
    return {**said, "layers": [layer], **changed}


def written(folder: Path, said: Any) -> Path:
    path = folder / "outline.json"
    path.write_text(json.dumps(said), "utf-8")
    return path


def test_plate_pixels_become_the_coordinates_of_masks() -> None:
    # the square is 1920 across: (480 - 960) / 1920 + 0.5, and (540 - 60) / 1920 + 0.5
    assert to_mask(POSE[:1], (1920, 1080))[0][:2] == pytest.approx((0.25, 0.75))
    # upright: (100 - 540) / 1920 + 0.5, and (960 - 1920) / 1920 + 0.5
    upright = to_mask([[100.0, 1920.0] * 3], (1080, 1920))
    assert upright[0][:2] == pytest.approx((0.5 - 440 / 1920, 0.0))


def test_an_outline_is_read_with_its_keys_on_scene_frames(tmp_path: Path) -> None:
    baked = read_outline(written(tmp_path, outline()), offset=1000)

    assert (baked.keys, baked.points, baked.first, baked.last) == ((1, 2), 2, 1, 2)
    assert baked.splines[0].poses[1][1][:2] == pytest.approx((0.5, 0.5))


@pytest.mark.parametrize(
    "said",
    [
        outline(format="stmatte.outline/2"),
        outline(layers=[]),
        outline(layers=[{"name": "hero", "keys": [1], "splines": [{"poses": []}]}]),
        outline(size=None),
        [],
        "words",
    ],
)
def test_what_is_no_outline_is_refused_in_words(tmp_path: Path, said: Any) -> None:
    with pytest.raises(EngineError, match=r'The outline "outline\.json" cannot be read'):
        read_outline(written(tmp_path, said), 0)


def test_an_outline_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot be read"):
        read_outline(tmp_path / "nowhere.json", 0)
