# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stmatte.errors import StmatteError
from stmatte.images import Box, fit_key, read_key, read_matte, write_mattes
from stmatte.shot import MatteFile

SIZE = (4, 6)
LABELS = np.array(
    [[0, 0, 1, 1, 0, 0], [0, 2, 1, 1, 0, 0], [0, 2, 2, 0, 0, 0], [0, 0, 0, 0, 0, 0]], np.uint8
)
SOFT = np.linspace(0, 255, 24).reshape(SIZE).astype(np.uint8)
DAVIS = Path(__file__).resolve().parents[4] / "shared" / "data" / "davis_dev" / "Annotations"


def is_label(matte: Any, label: int) -> bool:
    return matte.dtype == np.float32 and bool((matte == (label == LABELS)).all())


@pytest.mark.parametrize("depth", [2, 4, 8])
def test_palette_indices_are_labels(tmp_path: Path, write_palette_png: Any, depth: int) -> None:
    path = write_palette_png(tmp_path / "k.png", LABELS, depth=depth)

    key = read_key(path, ["hero", "car"], SIZE)

    assert list(key) == ["hero", "car"]
    assert is_label(key["hero"], 1)
    assert is_label(key["car"], 2)


def test_a_one_bit_palette_is_one_object(tmp_path: Path, write_palette_png: Any) -> None:
    path = write_palette_png(tmp_path / "k.png", LABELS % 2, depth=1)

    assert is_label(read_key(path, [], SIZE)["object1"], 1)


def test_a_palette_of_nothing_and_all_is_a_mask(tmp_path: Path, write_palette_png: Any) -> None:
    path = write_palette_png(tmp_path / "k.png", np.uint8(255) * (LABELS == 1))

    assert is_label(read_key(path, [], SIZE)["object1"], 1)


def test_label_255_of_a_palette_is_background(tmp_path: Path, write_palette_png: Any) -> None:
    path = write_palette_png(tmp_path / "k.png", np.where(LABELS == 2, 255, LABELS).astype("u1"))

    key = read_key(path, [], SIZE)

    assert list(key) == ["object1"]
    assert is_label(key["object1"], 1)


@pytest.mark.parametrize("kind", ["uint8", "uint16"])
def test_small_grey_numbers_are_labels(tmp_path: Path, write_picture: Any, kind: str) -> None:
    path = write_picture(tmp_path / "k.png", LABELS.astype(kind))

    key = read_key(path, [], SIZE)

    assert list(key) == ["object1", "object2"]
    assert is_label(key["object2"], 2)


def test_a_label_that_is_not_there_says_nothing(tmp_path: Path, write_picture: Any) -> None:
    path = write_picture(tmp_path / "k.png", np.uint8(2) * (LABELS == 2))

    key = read_key(path, ["hero", "car"], SIZE)

    assert list(key) == ["car"]


@pytest.mark.parametrize(("kind", "scale"), [("uint8", 1), ("uint16", 257)])
def test_a_grey_mask_keeps_its_softness(
    tmp_path: Path, write_picture: Any, kind: str, scale: int
) -> None:
    path = write_picture(tmp_path / "k.png", SOFT.astype(kind) * scale)

    assert read_key(path, ["hero"], SIZE)["hero"] == pytest.approx(SOFT / 255)


def test_a_hard_mask_in_three_equal_channels_is_a_mask(tmp_path: Path, write_picture: Any) -> None:
    rgb = np.repeat(np.uint8(255) * (LABELS == 1)[:, :, None], 3, axis=2)

    assert is_label(read_key(write_picture(tmp_path / "k.png", rgb), [], SIZE)["object1"], 1)


def test_alpha_is_the_matte_where_it_is_not_one(tmp_path: Path, write_picture: Any) -> None:
    alpha = SOFT.astype(np.float32) / 255
    rgba = np.dstack([alpha * 0.2, alpha * 0.3, alpha * 0.4, alpha])
    path = write_picture(tmp_path / "k.exr", rgba, channels=("R", "G", "B", "A"), kind="float")

    assert np.array_equal(read_key(path, ["hero"], SIZE)["hero"], alpha)


def test_grey_counts_where_alpha_is_one(tmp_path: Path, write_picture: Any) -> None:
    rgba = np.dstack([SOFT, SOFT, SOFT, np.full_like(SOFT, 255)])

    assert read_key(write_picture(tmp_path / "k.png", rgba), [], SIZE)["object1"] == pytest.approx(
        SOFT / 255
    )


@pytest.mark.parametrize("channel", ["Y", "A", "R"])
def test_one_float_channel_is_a_mask(tmp_path: Path, write_picture: Any, channel: str) -> None:
    soft = SOFT.astype(np.float32) / 255
    path = write_picture(tmp_path / "k.exr", soft, channels=(channel,), kind="float")

    assert np.array_equal(read_key(path, [], SIZE)["object1"], soft)


@pytest.mark.parametrize("ending", ["A", "V", "Y", "alpha"])
def test_layers_are_objects(tmp_path: Path, write_picture: Any, ending: str) -> None:
    channels = (f"hero.{ending}", f"ViewLayer.car.{ending}", "R", "G", "B", "fog.R", "fog.G")
    numbers = np.broadcast_to(np.arange(7, dtype=np.float32) / 8, (*SIZE, 7))
    path = write_picture(tmp_path / "k.exr", numbers, channels=channels)

    key = read_key(path, [], SIZE)

    assert {name: float(matte[0, 0]) for name, matte in key.items()} == {"hero": 0, "car": 1 / 8}
    assert list(read_key(path, ["fish", "car"], SIZE)) == ["car"]


def test_what_was_written_as_mattes_is_a_key(tmp_path: Path) -> None:
    mattes = {"hero": np.full(SIZE, 0.25, np.float32), "gone": np.zeros(SIZE, np.float32)}
    write_mattes(tmp_path / "m.exr", mattes)

    key = read_key(tmp_path / "m.exr", [], SIZE)

    assert {name: float(matte.max()) for name, matte in key.items()} == {"hero": 0.25, "gone": 0}


@pytest.mark.parametrize("named", [True, False])
def test_parts_are_objects_too(tmp_path: Path, write_parts: Any, named: bool) -> None:
    path = write_parts(
        tmp_path / "k.exr",
        ("main", ("R", "G", "B", "A"), 0.1),
        ("depth", ("depth.Z" if named else "Z",), 7.0),
        ("hero", ("hero.A" if named else "A",), 0.25),
        ("car", ("car.V" if named else "V",), 0.5),
        size=SIZE,
    )

    key = read_key(path, [], SIZE)

    assert {name: float(matte[0, 0]) for name, matte in key.items()} == {"hero": 0.25, "car": 0.5}


def test_depth_is_no_key(tmp_path: Path, write_picture: Any) -> None:
    path = write_picture(tmp_path / "k.exr", np.full(SIZE, 0.5), channels=("Z",))

    with pytest.raises(StmatteError, match="has no matte"):
        read_key(path, [], SIZE)


def test_one_layer_serves_one_name(tmp_path: Path) -> None:
    write_mattes(tmp_path / "m.exr", {"roto": np.ones(SIZE, np.float32)})

    assert list(read_key(tmp_path / "m.exr", ["hero"], SIZE)) == ["hero"]


def test_names_that_no_layer_has_are_an_error(tmp_path: Path) -> None:
    write_mattes(tmp_path / "m.exr", {n: np.ones(SIZE, np.float32) for n in ("hero", "car")})

    with pytest.raises(StmatteError, match="none of the objects dog: its layers are car, hero"):
        read_key(tmp_path / "m.exr", ["dog"], SIZE)


def test_more_labels_than_names_is_an_error(tmp_path: Path, write_picture: Any) -> None:
    path = write_picture(tmp_path / "k.png", LABELS)

    with pytest.raises(StmatteError) as caught:
        read_key(path, ["hero"], SIZE, frame=1001)
    assert str(caught.value) == (
        'Key at frame 1001 "k.png" has label 2, but only 1 object is named: labels run from 1 '
        "to the number of names (hero). Name every label with --object, in the order of the labels."
    )


def test_a_soft_mask_in_a_palette_says_what_to_do(tmp_path: Path, write_palette_png: Any) -> None:
    with pytest.raises(StmatteError, match="Save a soft mask as a grey picture without a palette"):
        read_key(write_palette_png(tmp_path / "k.png", SOFT // 2), [], SIZE)


def test_one_mask_cannot_speak_for_two_objects(tmp_path: Path, write_picture: Any) -> None:
    with pytest.raises(StmatteError, match="holds one matte, but 2 objects are named"):
        read_key(write_picture(tmp_path / "k.png", SOFT), ["hero", "car"], SIZE)


@pytest.mark.parametrize("name", ["k.png", "k.exr"])
def test_an_empty_key_is_an_error(tmp_path: Path, write_picture: Any, name: str) -> None:
    kind = "uint8" if name == "k.png" else "half"
    path = write_picture(tmp_path / name, np.zeros(SIZE, np.float32), kind=kind)

    with pytest.raises(StmatteError, match=rf'Key "{name}" is empty'):
        read_key(path, ["hero"], SIZE)


def test_a_colour_picture_is_no_key(tmp_path: Path, write_picture: Any) -> None:
    rgb = np.random.default_rng(1).integers(0, 255, (*SIZE, 3), np.uint8)

    with pytest.raises(StmatteError, match="is a colour picture"):
        read_key(write_picture(tmp_path / "k.png", rgb), [], SIZE)


def test_channels_that_are_no_matte_are_named(tmp_path: Path, write_picture: Any) -> None:
    path = write_picture(tmp_path / "k.exr", np.ones((*SIZE, 2)), channels=("u", "v"))

    with pytest.raises(StmatteError, match=r"has no matte: .* this one has u, v"):
        read_key(path, [], SIZE)


@pytest.mark.parametrize("wrong", [np.nan, 2.0, -1.0])
def test_numbers_that_are_no_matte_are_an_error(
    tmp_path: Path, write_picture: Any, wrong: float
) -> None:
    soft = np.full(SIZE, 0.5, np.float32)
    soft[1, 1] = wrong
    path = write_picture(tmp_path / "k.exr", soft, channels=("Y",))

    with pytest.raises(StmatteError, match=r"runs from .* every number of a matte is in \[0, 1\]"):
        read_key(path, [], SIZE)


def test_a_filters_overshoot_is_clamped_and_said(
    tmp_path: Path, write_picture: Any, caplog: pytest.LogCaptureFixture
) -> None:
    soft = np.full(SIZE, 0.5, np.float32)
    soft[0, :2] = -0.06, 1.06
    path = write_picture(tmp_path / "k.exr", soft, channels=("Y",))

    matte = read_key(path, [], SIZE)["object1"]

    assert matte[0, :3].tolist() == [0, 1, 0.5]
    assert "runs from -0.060 to 1.060 in the mask and is clamped" in caplog.text


def test_a_key_of_the_plates_aspect_is_scaled_softly_and_said(
    tmp_path: Path, write_picture: Any, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_picture(tmp_path / "k.png", LABELS)

    small = read_key(path, [], (2, 3))
    large = read_key(path, [], (8, 12))

    assert small["object2"].tolist() == [[0.25, 0, 0], [0.25, 0.25, 0]]
    assert large["object1"].shape == (8, 12)
    assert large["object1"].max() == 1
    assert 'Key "k.png" is 6x4 and is scaled to the plate\'s 3x2' in caplog.text
    assert caplog.records[0].levelno == logging.WARNING


def test_a_proxy_whose_width_was_rounded_has_the_same_aspect(
    tmp_path: Path, write_picture: Any
) -> None:
    path = write_picture(tmp_path / "k.png", np.full((48, 86), 255, np.uint8))  # 85.33

    assert read_key(path, [], (108, 192))["object1"].min() == 1


def test_a_key_of_another_aspect_is_an_error(tmp_path: Path, write_picture: Any) -> None:
    path = write_picture(tmp_path / "k.png", np.full((108, 192), 255, np.uint8))

    with pytest.raises(StmatteError) as caught:
        read_key(path, ["hero"], (107, 256), frame=1042)
    assert str(caught.value) == (
        'Key at frame 1042 "k.png" is 192x108, the plate is 256x107: a key has the plate\'s size, '
        "or its aspect. Render the key through the plate's Reformat."
    )


@pytest.mark.parametrize("palette", [False, True])
def test_a_truncated_key_is_an_error(
    tmp_path: Path, write_picture: Any, write_palette_png: Any, palette: bool
) -> None:
    labels = np.random.default_rng(1).integers(0, 3, (64, 64), np.uint8)
    path = (write_palette_png if palette else write_picture)(tmp_path / "k.png", labels)
    path.write_bytes(path.read_bytes()[:-600])

    with pytest.raises(StmatteError, match=r"Key at frame 5 cannot be read from .*k\.png"):
        read_key(path, [], (64, 64), frame=5)


def test_a_key_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StmatteError, match="Key at frame 5 does not exist"):
        read_key(tmp_path / "k.png", [], SIZE, frame=5)


@pytest.mark.skipif(not DAVIS.is_dir(), reason="davis_dev does not lie beside the checkout")
@pytest.mark.parametrize("sequence", ["car-turn", "dance-jump", "tennis"])
def test_a_davis_annotation_is_one_object(sequence: str) -> None:
    key = read_key(DAVIS / sequence / "00000.png", ["hero"], (480, 854))

    assert list(key) == ["hero"]
    assert np.unique(key["hero"]).tolist() == [0, 1]
    assert 0.005 < key["hero"].mean() < 0.5


# --- overscan -------------------------------------------------------------------------

SHOWN = Box(2, 1, 4, 3)
"""A plate of 4 x 3 with overscan: two columns on the left, a row above, 8 x 5 in all."""


def on_canvas(inside: np.ndarray) -> np.ndarray:
    canvas = np.zeros((5, 8), np.float32)
    canvas[1:4, 2:6] = inside
    return canvas


def test_a_key_of_the_format_goes_where_the_format_is(tmp_path: Path, write_picture: Any) -> None:
    matte = np.arange(12, dtype=np.float32).reshape(3, 4) / 16
    write_picture(tmp_path / "k.exr", matte[:, :, None], channels=("hero.A",))

    key = read_key(tmp_path / "k.exr", (), (5, 8), shown=SHOWN)["hero"]

    assert np.array_equal(key, on_canvas(matte))
    assert np.array_equal(fit_key(matte, "hero", 1, (5, 8), SHOWN), on_canvas(matte))
    lock = MatteFile(str(tmp_path / "k.exr"), "hero.A")
    assert np.array_equal(read_matte(lock, (5, 8), frame=1, object="hero", shown=SHOWN), key)


def test_a_key_brings_its_own_overscan(tmp_path: Path, write_picture: Any) -> None:
    # pixels 6 x 4, of which the format begins at 1, 1: a column and a row reach beyond it
    matte = np.arange(1, 25, dtype=np.float32).reshape(4, 6) / 32
    write_picture(tmp_path / "k.exr", matte[:, :, None], channels=("A",), window=(1, 1, 4, 3))

    key = read_key(tmp_path / "k.exr", (), (5, 8), shown=SHOWN)["object1"]

    expected = np.zeros((5, 8), np.float32)
    expected[0:4, 1:7] = matte
    assert np.array_equal(key, expected)


def test_a_key_of_the_canvas_is_taken_as_it_is(tmp_path: Path, write_picture: Any) -> None:
    matte = np.linspace(0, 1, 40, dtype=np.float32).reshape(5, 8)
    write_picture(tmp_path / "k.exr", matte[:, :, None], channels=("A",), kind="float")

    assert np.array_equal(read_key(tmp_path / "k.exr", (), (5, 8), shown=SHOWN)["object1"], matte)


def test_a_smaller_key_of_the_formats_aspect_is_scaled_to_it(caplog: Any) -> None:
    with caplog.at_level(logging.WARNING):
        key = fit_key(np.ones((6, 8), np.float32), "hero", 1, (5, 8), SHOWN)

    assert np.array_equal(key, on_canvas(np.ones((3, 4), np.float32)))
    assert "is 8x6 and is scaled to the plate's 4x3" in caplog.text
