# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stmatte.errors import StmatteError
from stmatte.images import open_plate


def rgb(*layers: str) -> tuple[str, ...]:
    return tuple(f"{layer}.{c}" for layer in layers for c in "RGB")


def first_pixel(folder: Path, layer: str = "") -> list[float]:
    return open_plate(str(folder), layer=layer).read(1).pixels[0, 0].tolist()


@pytest.fixture
def write(tmp_path: Path, write_picture: Any) -> Any:
    """Return what writes a picture whose channels hold 0, 1, 2, ... in the order given."""

    def written(*channels: str) -> Path:
        ramp = np.broadcast_to(np.arange(len(channels), dtype=np.float32), (2, 2, len(channels)))
        write_picture(tmp_path / "p.1.exr", ramp, channels=channels)
        return tmp_path

    return written


def test_the_picture_itself_comes_before_all_layers(write: Any) -> None:
    assert first_pixel(write("R", "G", "B", *rgb("beauty"))) == [0, 1, 2]


def test_the_layer_that_is_named_as_the_picture_comes_next(write: Any) -> None:
    channels = (*rgb("ViewLayer.DiffCol"), *rgb("ViewLayer.Combined"), *rgb("ViewLayer.Emit"))

    assert first_pixel(write(*channels)) == [3, 4, 5]


def test_a_layer_is_taken_by_name_in_any_case(write: Any) -> None:
    folder = write(*rgb("diffuse", "specular"), "depth.Z", "hero.A", "uv.U", "uv.V")

    assert first_pixel(folder, "Specular") == [3, 4, 5]
    assert first_pixel(folder, "hero") == [7, 7, 7]
    assert first_pixel(folder, "depth.Z") == [6, 6, 6]


def test_of_sixty_channels_nobody_guesses(write: Any) -> None:
    folder = write(*rgb(*(f"light{i}" for i in range(20))))

    with pytest.raises(StmatteError) as refused:
        first_pixel(folder)

    assert "has 20 layers with colours, and nobody said which one is meant" in str(refused.value)
    assert "light0, light1" in refused.value.allowed
    assert refused.value.repair == "Name one of them with --layer"
    assert first_pixel(folder, "light7") == [21, 22, 23]


def test_a_layer_that_is_not_there_is_told_with_the_nearest(write: Any) -> None:
    with pytest.raises(StmatteError, match=r'has no layer "specluar".* Write "specular"'):
        first_pixel(write(*rgb("diffuse", "specular")), "specluar")


def test_one_channel_is_grey_and_an_alpha_alone_is_asked_about(write: Any) -> None:
    assert first_pixel(write("Y")) == [0, 0, 0]
    folder = write("A")
    with pytest.raises(StmatteError, match=r"has no colour: .* has A"):
        first_pixel(folder)
    assert first_pixel(folder, "A") == [0, 0, 0]
