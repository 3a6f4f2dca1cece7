# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stmatte_host import EngineError
from stmatte_host.outline import read_outline

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


def test_an_outline_is_read_in_plate_pixels_and_plate_frames(tmp_path: Path) -> None:
    read = read_outline(written(tmp_path, outline()))

    assert (read.object, read.size, read.keys) == ("hero", (1920, 1080), (1001, 1002))
    assert [list(point) for point in read.splines[0].poses[1]] == POSE
    assert not read.splines[0].hole
    assert (read.splines[0].first, read.splines[0].last) == (1001, 1002)


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
        read_outline(written(tmp_path, said))


def test_an_outline_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot be read"):
        read_outline(tmp_path / "nowhere.json")
