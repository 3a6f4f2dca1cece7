# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stmatte.errors import StmatteError
from stmatte.images import matte_path, read_matte, write_mattes
from stmatte.shot import MatteFile

SIZE = (4, 6)
LABELS = np.array(
    [[0, 0, 1, 1, 0, 0], [0, 3, 1, 1, 0, 0], [0, 3, 3, 0, 0, 0], [0, 0, 0, 0, 0, 0]], np.uint8
)
SOFT = np.linspace(0, 1, 24, dtype=np.float32).reshape(SIZE)


def read(path: Path, channel: str = "", label: int = 0, *, key: bool = True) -> Any:
    file = MatteFile(str(path), channel, label)
    return read_matte(file, SIZE, frame=7, object="hero", key=key)


def sentence(path: Path, channel: str = "", label: int = 0, *, key: bool = True) -> str:
    with pytest.raises(StmatteError) as refused:
        read(path, channel, label, key=key)
    return str(refused.value)


@pytest.fixture
def two_layers(tmp_path: Path) -> Path:
    mattes = {"hero": np.full(SIZE, 0.25, np.float32), "car": np.full(SIZE, 0.5, np.float32)}
    write_mattes(tmp_path / "two.exr", mattes)
    return tmp_path / "two.exr"


# --- by channel -----------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["hero.A", "hero"])
def test_a_matte_is_found_by_its_channel_or_its_layer(two_layers: Path, channel: str) -> None:
    matte = read(two_layers, channel)

    assert matte.dtype == np.float32
    assert np.unique(matte).tolist() == [0.25]


@pytest.mark.parametrize("channel", ["hero", "Layer.hero", "hero.A", "Layer.hero.A"])
def test_a_layer_of_a_renderer_is_found_by_the_objects_name(
    tmp_path: Path, write_picture: Any, channel: str
) -> None:
    names = ("hero.A",) if channel == "hero.A" else ("Layer.hero.A", "Layer.hero.R")
    numbers = np.broadcast_to(np.float32([0.25, 0.5])[: len(names)], (*SIZE, len(names)))
    path = write_picture(tmp_path / "k.exr", numbers, channels=names)

    assert np.unique(read(path, channel)).tolist() == [0.25]


@pytest.mark.parametrize(("channel", "value"), [("R", 51), ("B", 153), ("A", 255)])
def test_any_channel_of_a_picture_can_be_a_matte(
    tmp_path: Path, write_picture: Any, channel: str, value: int
) -> None:
    rgba = np.broadcast_to(np.uint8([51, 102, 153, 255]), (*SIZE, 4))
    path = write_picture(tmp_path / "k.png", rgba)

    assert read(path, channel)[0, 0] == pytest.approx(value / 255)


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("channel", ["car", "car.V"])
def test_a_matte_is_found_in_its_part(
    tmp_path: Path, write_parts: Any, named: bool, channel: str
) -> None:
    path = write_parts(
        tmp_path / "k.exr",
        ("main", ("R", "G", "B", "A"), 0.1),
        ("hero", ("hero.A" if named else "A",), 0.25),
        ("car", ("car.V" if named else "V",), 0.5),
        size=SIZE,
    )

    assert np.unique(read(path, channel)).tolist() == [0.5]


def test_a_name_that_several_parts_have_is_asked_for_in_full(
    tmp_path: Path, write_parts: Any
) -> None:
    path = write_parts(tmp_path / "k.exr", ("hero", ("A",), 0.25), ("car", ("A",), 0.5), size=SIZE)

    assert sentence(path, "A") == (
        'Key "k.exr" at frame 7 of object "hero" has several channels that are "A": they are '
        "hero.A, car.A. Give the full name of one of them."
    )


def test_two_layers_whose_last_names_are_alike_are_told_apart(
    tmp_path: Path, write_picture: Any
) -> None:
    numbers = np.broadcast_to(np.float32([0.25, 0.5]), (*SIZE, 2))
    path = write_picture(tmp_path / "k.exr", numbers, channels=("near.hero.A", "far.hero.A"))

    assert "they are far.hero.A, near.hero.A" in sentence(path, "hero")
    assert np.unique(read(path, "far.hero")).tolist() == [0.5]


def test_a_channel_that_is_not_there_is_told_with_those_that_are(two_layers: Path) -> None:
    assert sentence(two_layers, "hero.a") == (
        'Key "two.exr" at frame 7 of object "hero" has no channel "hero.a": its channels are '
        'car.A, hero.A. Write "hero.A".'
    )
    assert sentence(two_layers, "dog").endswith("car.A, hero.A. Name one of them.")


def test_a_layer_without_alpha_is_no_matte_but_its_channels_are(
    tmp_path: Path, write_picture: Any
) -> None:
    numbers = np.broadcast_to(np.float32([0.25, 0.5]), (*SIZE, 2))
    path = write_picture(tmp_path / "k.exr", numbers, channels=("fog.R", "fog.G"))

    assert (
        'has several channels in layer "fog", and none is alpha: its channels are '
        "fog.R, fog.G. Name one of them."
    ) in sentence(path, "fog")
    assert np.unique(read(path, "fog.G")).tolist() == [0.5]


# --- by label -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["palette", "uint8", "uint16"])
def test_a_matte_is_found_by_its_label(
    tmp_path: Path, write_picture: Any, write_palette_png: Any, kind: str
) -> None:
    path = tmp_path / "k.png"
    if kind == "palette":
        write_palette_png(path, LABELS)
    else:
        write_picture(path, LABELS.astype(kind))

    assert np.array_equal(read(path, label=3), (LABELS == 3).astype(np.float32))


def test_a_label_that_is_not_there_is_an_error_in_a_key(tmp_path: Path, write_picture: Any) -> None:
    path = write_picture(tmp_path / "k.png", LABELS)

    assert sentence(path, label=2) == (
        'Key "k.png" at frame 7 of object "hero" has no label 2: its labels are 1, 3. '
        "Correct the label, or say that the object is absent."
    )
    assert not read(path, label=2, key=False).any()


def test_no_matter_of_a_palette_is_no_label(tmp_path: Path, write_palette_png: Any) -> None:
    path = write_palette_png(tmp_path / "k.png", np.uint8(255) * (LABELS == 1))

    assert "its labels are all 0" in sentence(path, label=1)
    assert not read(path, label=1, key=False).any()


def test_a_mask_has_no_labels(tmp_path: Path, write_picture: Any) -> None:
    path = write_picture(tmp_path / "k.png", (SOFT * 255).astype(np.uint8))

    assert "holds no labels: labels are a palette PNG, or a grey picture of whole" in sentence(
        path, label=1, key=False
    )


# --- the only one ---------------------------------------------------------------------


@pytest.mark.parametrize("channels", [("Y",), ("A",), ("roto.A",), ("R", "G", "B", "roto.V")])
def test_the_only_matte_needs_no_name(
    tmp_path: Path, write_picture: Any, channels: tuple[str, ...]
) -> None:
    numbers = np.repeat(SOFT[:, :, None], len(channels), axis=2)
    path = write_picture(tmp_path / "k.exr", numbers, channels=channels, kind="float")

    assert np.array_equal(read(path), SOFT)


def test_the_only_label_needs_no_number(tmp_path: Path, write_palette_png: Any) -> None:
    path = write_palette_png(tmp_path / "k.png", np.uint8(5) * (LABELS == 1))

    assert np.array_equal(read(path), (LABELS == 1).astype(np.float32))


def test_of_several_layers_one_must_be_named(two_layers: Path) -> None:
    assert sentence(two_layers) == (
        'Key "two.exr" at frame 7 of object "hero" holds 2 mattes, and nobody said which one is '
        'meant: its layers are car, hero. Name the channel, such as "car.A".'
    )


def test_of_several_labels_one_must_be_given(tmp_path: Path, write_picture: Any) -> None:
    path = write_picture(tmp_path / "k.png", LABELS)

    assert "holds 2 labels, and nobody said which one is meant: its labels are 1, 3" in sentence(
        path
    )


def test_a_colour_picture_holds_no_matte(tmp_path: Path, write_picture: Any) -> None:
    rgb = np.random.default_rng(1).integers(0, 255, (*SIZE, 3), np.uint8)
    path = write_picture(tmp_path / "k.png", rgb)

    assert "is a colour picture: a lock is a label PNG" in sentence(path, key=False)


# --- what holds for every matte -------------------------------------------------------


def test_an_empty_matte_is_an_error_in_a_key_and_none_in_a_lock(
    tmp_path: Path, write_picture: Any
) -> None:
    path = write_picture(tmp_path / "k.exr", np.zeros(SIZE, np.float32), channels=("hero.A",))

    assert sentence(path, "hero.A") == (
        'Key "k.exr" at frame 7 of object "hero" is empty: a key holds at least one pixel that '
        "is not 0. Draw the object, or choose a frame where it is seen."
    )
    assert read(path, "hero.A", key=False).tolist() == np.zeros(SIZE).tolist()


@pytest.mark.parametrize("wrong", [np.nan, 2.0, -1.0])
@pytest.mark.parametrize("channel", ["", "Y"])
def test_numbers_that_are_no_matte_are_an_error(
    tmp_path: Path, write_picture: Any, wrong: float, channel: str
) -> None:
    soft = SOFT.copy()
    soft[1, 1] = wrong
    path = write_picture(tmp_path / "k.exr", soft, channels=("Y",))

    assert "every number of a matte is in [0, 1]" in sentence(path, channel, key=False)


def test_a_matte_of_the_plates_aspect_is_scaled_and_said(
    tmp_path: Path, write_picture: Any, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_picture(tmp_path / "k.png", LABELS)
    file = MatteFile(str(path), label=3)

    small = read_matte(file, (2, 3), frame=7, object="hero")

    assert small.tolist() == [[0.25, 0, 0], [0.25, 0.25, 0]]  # one or two of four pixels
    assert 'Key "k.png" at frame 7 of object "hero" is 6x4 and is scaled' in caplog.text


@pytest.mark.parametrize(("key", "noun"), [(True, "Key"), (False, "Lock")])
def test_a_matte_of_another_aspect_is_an_error(
    tmp_path: Path, write_picture: Any, key: bool, noun: str
) -> None:
    path = write_picture(tmp_path / "k.png", np.full((6, 6), 255, np.uint8))

    assert sentence(path, key=key) == (
        f'{noun} "k.png" at frame 7 of object "hero" is 6x6, the plate is 6x4: a {noun.lower()} '
        f"has the plate's size, or its aspect. Render the {noun.lower()} through the plate's "
        "Reformat."
    )


@pytest.mark.parametrize("pattern", ["m.####.exr", "m.%04d.exr", "m.0007.exr"])
def test_the_frame_takes_its_place_in_the_path(tmp_path: Path, pattern: str) -> None:
    write_mattes(tmp_path / "m.0007.exr", {"hero": SOFT})

    assert read(tmp_path / pattern, "hero").max() == 1
    assert matte_path(MatteFile(str(tmp_path / pattern)), 7) == tmp_path / "m.0007.exr"


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path: Path) -> None:
    write_mattes(tmp_path / "take#2.exr", {"hero": SOFT})

    assert matte_path(MatteFile(str(tmp_path / "take#2.exr")), 7) == tmp_path / "take#2.exr"


def test_a_picture_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert sentence(tmp_path / "m.####.exr", key=False).startswith(
        f'Lock at frame 7 of object "hero" does not exist, "{tmp_path / "m.0007.exr"}"'
    )
