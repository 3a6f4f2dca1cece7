# SPDX-License-Identifier: Apache-2.0
"""The models that ship, on the plate that ships: do mattes stay with their objects?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stmatte import FrameRange, Key, Settings, Shot, propagate
from stmatte.images import read_key
from stmatte.networks.registry import names_that_ship

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "demo"
OBJECTS = ("goat", "stone", "gem")


@pytest.mark.slow
@pytest.mark.parametrize("model", names_that_ship())
def test_a_shipped_model_keeps_the_objects_of_the_demo(model: str) -> None:
    key = read_key(DEMO / "key.1001.png", OBJECTS, (256, 448))
    settings = Settings(model, device="cpu")
    shot = Shot(str(DEMO / "plate.####.jpg"), (Key(1001, key),), FrameRange(1001, 1008), settings)

    mattes = dict(propagate(shot))

    assert list(mattes) == list(range(1001, 1009))
    for name in OBJECTS:
        assert np.array_equal(mattes[1001][name], key[name])
        areas = [float(matte[name].sum()) for matte in mattes.values()]
        # in eight frames nothing here doubles its size or loses half of it
        assert all(0.5 < area / areas[0] < 2 for area in areas), (name, areas)
    for frame in range(1002, 1009):
        together = sum(mattes[frame].values())
        assert float(np.max(together)) <= 1 + 1e-5
        # each object still covers most of the places it covered a frame before
        for name in OBJECTS:
            before, now = mattes[frame - 1][name] >= 0.5, mattes[frame][name] >= 0.5
            assert (before & now).sum() / (before | now).sum() > 0.6, (name, frame)
