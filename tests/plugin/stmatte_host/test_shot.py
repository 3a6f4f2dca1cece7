# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from stmatte_host import AbsentFrames, HostShot, KeyFile, LockedFrames

SHOT = HostShot(
    plate="/p/plate.####.exr",
    objects=("hero", "car"),
    out="/o/matte.####.exr",
    base="/p",
    frames="1001-1100",
    keys=(
        KeyFile(1050, "hero", "k/hero.1050.exr", channel="hero.A"),
        KeyFile(1001, "car", "k/both.1001.png", label=2),
        KeyFile(1001, "hero", "k/hero.1001.exr"),
    ),
    absences=(AbsentFrames("car", "1030-1044"),),
    locks=(LockedFrames("hero", "1001-1010", "l/hero.####.exr", "hero.A"),),
    cuts=(1060, 1020),
    settings={"working_height": 576},
)


def test_a_shot_becomes_the_document_that_the_engine_reads() -> None:
    assert SHOT.document() == {
        "format": "stmatte.shot/1",
        "plate": "/p/plate.####.exr",
        "frames": "1001-1100",
        "objects": [{"name": "hero"}, {"name": "car"}],
        "keys": [
            {"frame": 1001, "object": "car", "matte": {"path": "k/both.1001.png", "label": 2}},
            {"frame": 1001, "object": "hero", "matte": {"path": "k/hero.1001.exr"}},
            {
                "frame": 1050,
                "object": "hero",
                "matte": {"path": "k/hero.1050.exr", "channel": "hero.A"},
            },
        ],
        "absences": [{"object": "car", "frames": "1030-1044"}],
        "locks": [
            {
                "object": "hero",
                "frames": "1001-1010",
                "mattes": {"path": "l/hero.####.exr", "channel": "hero.A"},
            }
        ],
        "cuts": [1020, 1060],
        "settings": {"working_height": 576},
    }
    assert json.loads(json.dumps(SHOT.document())) == SHOT.document()


def test_all_frames_of_the_plate_are_meant_where_none_are_said() -> None:
    assert "frames" not in replace(SHOT, frames="").document()


def test_the_order_in_which_a_host_finds_its_keys_makes_no_difference() -> None:
    assert replace(SHOT, keys=SHOT.keys[::-1]).document() == SHOT.document()


@pytest.mark.parametrize(
    "change",
    [
        {"plate": "b.####.exr"},
        {"frames": "1001-1101"},
        {"out": "b.####.exr"},
        {"base": "/b"},
        {"choices": {"channels": "object.V"}},
    ],
)
def test_where_things_lie_is_said_at_the_opening(change: dict[str, Any]) -> None:
    assert replace(SHOT, **change).needs_opening_after(SHOT)


@pytest.mark.parametrize(
    "change", [{"keys": ()}, {"objects": ("hero",)}, {"cuts": ()}, {"settings": {}}, {}]
)
def test_what_is_said_of_objects_is_an_update(change: dict[str, Any]) -> None:
    assert not replace(SHOT, **change).needs_opening_after(SHOT)
