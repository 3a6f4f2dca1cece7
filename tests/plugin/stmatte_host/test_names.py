# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte.naming import check_object_name
from stmatte_host.names import MOST_LETTERS, object_name, take_name


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        ("Hero", "Hero"),
        ("MaskLayer.001", "MaskLayer_001"),
        ("left arm", "left_arm"),
        ("2nd car", "nd_car_2"),
        ("Größe", "Groe"),
        ("車", "object"),
        ("mask", "mask_object"),
        ("Uncertainty", "Uncertainty_object"),
        ("V", "V_object"),
    ],
)
def test_a_layer_gets_a_name_that_files_can_carry(layer: str, name: str) -> None:
    assert object_name(layer) == name


def test_names_differ_without_regard_to_capitals() -> None:
    assert object_name("HERO", ["hero", "hero_2"]) == "HERO_3"


@given(layers=st.lists(st.text(max_size=80), max_size=8))
def test_the_engine_takes_every_name_and_no_two_are_alike(layers: list[str]) -> None:
    names: list[str] = []
    for layer in layers:
        names.append(object_name(layer, names))

    assert [check_object_name(name) for name in names] == names
    assert len({name.lower() for name in names}) == len(names)
    assert all(len(name) <= MOST_LETTERS for name in names)


@pytest.mark.parametrize(
    ("text", "name"),
    [("Scene", "Scene"), ("Scene.001", "Scene_001"), ("sh010-v2", "sh010-v2"), ("...", "take")],
)
def test_a_take_is_part_of_a_files_name(text: str, name: str) -> None:
    assert take_name(text) == name


def test_a_take_that_is_there_gets_a_number() -> None:
    assert take_name("a", ["A", "a_2"]) == "a_3"
