# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shots import SIZE, pictures, soft_disc
from stmatte.errors import StmatteError
from stmatte.images import Box
from stmatte.networks.protocol import Network
from stmatte.networks.registry import load_network
from stmatte.pipeline.checks import check_shot
from stmatte.pipeline.planned import PlannedShot, plan_shot
from stmatte.pipeline.scribbling import key_from_strokes
from stmatte.pipeline.stroke_keys import _free, on_canvas
from stmatte.scribbles import Stroke
from stmatte.settings import Settings
from stmatte.shot import Key, Shot
from stmatte.store import RamStore

FRAME = 1003
DISC = soft_disc(36)
CORNER = np.zeros(SIZE, np.float32)
CORNER[:10, 80:] = 0.7


@pytest.fixture(scope="module")
def network() -> Network:
    return load_network("stmatte-s", "cpu")


@pytest.fixture
def planned(network: Network) -> PlannedShot:
    keys = (Key(1001, {"hero": soft_disc(32), "corner": CORNER}),)
    settings = Settings(device="cpu", edges="off")
    shot = Shot(pictures(range(1001, 1006)), keys, None, settings)
    return plan_shot(check_shot(shot), network, RamStore())


def line(left: int, right: int, number: int, row: int = 32) -> Stroke:
    path = tuple((x / (SIZE[1] - 1), row / (SIZE[0] - 1)) for x in (left, right))
    return Stroke(path, number)


def half() -> np.ndarray:
    matte = DISC.copy()
    matte[:, 36:] = 0
    return matte


def test_only_objects_that_change_get_a_key(planned: PlannedShot, network: Network) -> None:
    now = {"hero": half(), "corner": CORNER}

    made = key_from_strokes(planned, network, FRAME, [line(38, 45, 1)], now)

    assert set(made) == {"hero"}
    assert made["hero"].shape == SIZE
    assert made["hero"].dtype == np.float32
    assert 0 <= made["hero"].min() < made["hero"].max() <= 1


def test_away_from_the_strokes_a_matte_stays_to_the_bit(
    planned: PlannedShot, network: Network
) -> None:
    now = half()
    now[50:, :20] = 0.3

    made = key_from_strokes(planned, network, FRAME, [line(38, 45, 1)], {"hero": now})

    assert (made["hero"][50:, :20] == now[50:, :20]).all()
    assert (made["hero"][:, 70:] == now[:, 70:]).all()


def test_a_stroke_on_one_object_takes_away_from_another(
    planned: PlannedShot, network: Network
) -> None:
    made = key_from_strokes(planned, network, FRAME, [line(30, 42, 2)], {"hero": DISC})

    assert made["corner"][32, 36] == 1
    assert made["hero"][32, 36] == 0


def test_strokes_on_what_is_held_are_refused_and_others_leave_it_alone(
    planned: PlannedShot, network: Network
) -> None:
    held = {"hero": StmatteError("The hero is held")}
    now = {"hero": DISC, "corner": CORNER}

    for stroke in (line(30, 42, 1), line(30, 42, 0)):  # on it, and away from it
        with pytest.raises(StmatteError, match="The hero is held"):
            key_from_strokes(planned, network, FRAME, [stroke], now, held)
    made = key_from_strokes(planned, network, FRAME, [line(30, 42, 2)], now, held)
    assert set(made) == {"corner"}


def test_on_overscan_nothing_can_be_drawn() -> None:
    canvas, display = Box(-10, -5, 120, 60), Box(0, 0, 100, 50)
    corners = Stroke(((0.0, 0.0), (1.0, 1.0)), 1)

    (moved,) = on_canvas([corners], canvas, display)

    assert moved.path == ((10 / 120, 5 / 60), (110 / 120, 55 / 60))
    assert on_canvas([corners], display, display) == (corners,)


def test_a_key_s_file_is_never_written_over(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        path = _free(tmp_path, "hero.1003")
        path.touch()
        names.append(path.name)

    assert names == ["hero.1003.exr", "hero.1003_2.exr", "hero.1003_3.exr"]
