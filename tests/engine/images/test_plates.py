# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813
import pytest

from stmatte.errors import StmatteError
from stmatte.images import Box, open_plate
from stmatte.images.colour import SRGB

RAMP = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3) * 3


def noise(size: int = 64) -> Any:
    return np.random.default_rng(1).random((size, size, 3), np.float32)


@pytest.mark.parametrize("extension", ["png", "tif", "bmp"])
def test_eight_bits_are_srgb_and_exact(tmp_path: Path, write_picture: Any, extension: str) -> None:
    write_picture(tmp_path / f"p.1001.{extension}", RAMP)

    plate = open_plate(str(tmp_path))
    picture = plate.read(1001)

    assert (plate.frames, plate.size, plate.pixel_aspect) == ((1001,), (4, 6), 1.0)
    assert picture.space == SRGB
    assert picture.pixels.dtype == np.float32
    assert np.array_equal(picture.pixels, RAMP.astype(np.float32) / np.float32(255))


def test_sixteen_bits_are_srgb_and_exact(tmp_path: Path, write_picture: Any) -> None:
    write_picture(tmp_path / "p.1.png", RAMP.astype(np.uint16) * 200)

    pixels = open_plate(str(tmp_path)).read(1).pixels

    assert np.array_equal(pixels, (RAMP.astype(np.float32) * 200) / np.float32(65535))


def test_ten_bit_dpx_spans_zero_to_one(tmp_path: Path, write_picture: Any) -> None:
    write_picture(
        tmp_path / "p.1.dpx",
        np.array([[[0, 65535, 32767]]], np.uint16),
        attributes={"oiio:BitsPerSample": 10},
    )

    picture = open_plate(str(tmp_path)).read(1)

    assert picture.space == "ocio:acescct_ap1_scene"
    assert picture.pixels.ravel() == pytest.approx([0, 1, 0.5], abs=1 / 1023)


@pytest.mark.parametrize(
    ("extension", "kind"), [("exr", "half"), ("exr", "float"), ("tif", "float")]
)
def test_floating_point_is_linear_and_keeps_every_number(
    tmp_path: Path, write_picture: Any, extension: str, kind: str
) -> None:
    numbers = np.array([[[-0.25, 0.5, 30.0]]], np.float32)
    write_picture(tmp_path / f"p.1.{extension}", numbers, kind=kind)

    picture = open_plate(str(tmp_path)).read(1)

    assert picture.space == "lin_ap1_scene"
    assert np.array_equal(picture.pixels, numbers)


def test_grey_becomes_three_channels(tmp_path: Path, write_picture: Any) -> None:
    write_picture(tmp_path / "p.1.png", RAMP[:, :, 0])

    pixels = open_plate(str(tmp_path)).read(1).pixels

    assert np.array_equal(pixels, np.repeat(RAMP[:, :, :1], 3, axis=2) / np.float32(255))


def test_alpha_is_not_multiplied_into_the_colour(tmp_path: Path, write_picture: Any) -> None:
    write_picture(
        tmp_path / "p.1.png",
        np.array([[[200, 100, 50, 128]]], np.uint8),
        attributes={"oiio:UnassociatedAlpha": 1},
    )

    pixels = open_plate(str(tmp_path)).read(1).pixels

    assert (pixels * 255).ravel() == pytest.approx([200, 100, 50])


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        (("hero.A", "Z", "B", "R", "G"), [3, 4, 2]),
        (("depth.Z", "diffuse.blue", "diffuse.green", "diffuse.red"), [3, 2, 1]),
        (("Y", "A"), [0, 0, 0]),
        (("beauty.Y", "Z"), [0, 0, 0]),
    ],
)
def test_colour_is_found_by_name(
    tmp_path: Path, write_picture: Any, channels: tuple[str, ...], expected: list[int]
) -> None:
    numbers = np.arange(len(channels), dtype=np.float32).reshape(1, 1, -1)
    write_picture(tmp_path / "p.1.exr", numbers, channels=channels)

    assert open_plate(str(tmp_path)).read(1).pixels.ravel().tolist() == expected


def test_colour_is_found_in_any_part(tmp_path: Path, write_parts: Any) -> None:
    path = write_parts(
        tmp_path / "p.1.exr", ("depth", ("Z",), 7.0), ("main", ("R", "G", "B"), 0.25), size=(2, 3)
    )

    plate = open_plate(str(path))

    assert plate.size == (2, 3)
    assert plate.read(1).pixels.tolist() == np.full((2, 3, 3), 0.25).tolist()


def test_a_plate_without_colour_names_its_channels(tmp_path: Path, write_picture: Any) -> None:
    write_picture(tmp_path / "p.7.exr", np.zeros((2, 2, 2)), channels=("hero.A", "car.A"))

    with pytest.raises(StmatteError, match=r"Plate frame 7 has no colour: .* has car\.A, hero\.A"):
        open_plate(str(tmp_path)).read(7)


def test_a_plate_is_read_with_its_overscan(tmp_path: Path, write_picture: Any) -> None:
    # The data window starts at 0, 0 and is 3 x 2; the display window starts at 1, 0 and is 4 x 3.
    pixels = np.arange(1, 7, dtype=np.float32).reshape(2, 3, 1).repeat(3, axis=2)
    write_picture(tmp_path / "p.1.exr", pixels, window=(1, 0, 4, 3))

    plate = open_plate(str(tmp_path))

    assert (plate.canvas, plate.display) == (Box(0, 0, 5, 3), Box(1, 0, 4, 3))
    assert plate.data(1) == Box(0, 0, 3, 2)
    assert plate.size == (3, 5)
    assert plate.read(1).pixels[:, :, 0].tolist() == [
        [1, 2, 3, 0, 0],
        [4, 5, 6, 0, 0],
        [0, 0, 0, 0, 0],
    ]


def test_the_canvas_holds_the_overscan_of_every_frame(tmp_path: Path, write_picture: Any) -> None:
    write_picture(tmp_path / "p.1.exr", np.zeros((2, 2, 3)))
    write_picture(tmp_path / "p.2.exr", np.zeros((4, 3, 3)), window=(0, 0, 2, 2))

    plate = open_plate(str(tmp_path))

    assert plate.canvas == Box(0, 0, 3, 4)
    assert plate.read(1).pixels.shape == plate.read(2).pixels.shape == (4, 3, 3)
    assert (plate.data(1), plate.data(2)) == (Box(0, 0, 2, 2), Box(0, 0, 3, 4))


def test_a_frame_whose_pixels_are_all_outside_its_picture_is_an_error(
    tmp_path: Path, write_picture: Any
) -> None:
    write_picture(tmp_path / "p.1.exr", np.zeros((2, 2, 3)), window=(10, 0, 4, 3))

    with pytest.raises(StmatteError, match="Plate frame 1 has no pixel in its picture"):
        open_plate(str(tmp_path)).read(1)


def test_pixel_aspect_comes_from_the_first_frame(tmp_path: Path, write_picture: Any) -> None:
    write_picture(tmp_path / "p.1.exr", np.zeros((2, 2, 3)), attributes={"PixelAspectRatio": 2.0})

    assert open_plate(str(tmp_path)).pixel_aspect == 2.0


def test_a_missing_frame_is_named_with_its_neighbours(tmp_path: Path, write_picture: Any) -> None:
    for frame in (1001, 1002, 1005):
        write_picture(tmp_path / f"p.{frame}.png", RAMP)
    plate = open_plate(str(tmp_path))

    with pytest.raises(
        StmatteError, match=r"frame 1003 is missing .* exist are 1002 and 1005"
    ) as e:
        plate.read(1003)
    assert e.value.value == 1003
    with pytest.raises(StmatteError, match=r"1006 is .* frames 1001-1005, of which 2 are missing"):
        plate.read(1006)


def test_a_frame_of_another_size_is_an_error(tmp_path: Path, write_picture: Any) -> None:
    write_picture(tmp_path / "p.1.png", RAMP)
    write_picture(tmp_path / "p.2.png", RAMP[:2])

    with pytest.raises(StmatteError, match="Plate frame 2 is 6x2: frame 1 is 6x4"):
        open_plate(str(tmp_path)).read(2)


@pytest.mark.parametrize("name", ["exr", "png", "jpg", "tif", "dpx"])
@pytest.mark.parametrize("part", [0.0, 0.5, 0.9])
def test_a_truncated_picture_names_frame_and_file(
    tmp_path: Path, write_picture: Any, name: str, part: float
) -> None:
    pixels = noise() if name == "exr" else (noise() * 255).astype(np.uint8)
    write_picture(tmp_path / f"p.1.{name}", pixels)
    path = write_picture(tmp_path / f"p.2.{name}", pixels)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])

    with pytest.raises(StmatteError, match=rf"Plate frame 2 cannot be read from .*p\.2\.{name}"):
        open_plate(str(tmp_path)).read(2)


def test_a_deep_picture_is_refused(tmp_path: Path) -> None:
    spec = oiio.ImageSpec(2, 2, 5, "float")
    spec.channelnames = ("R", "G", "B", "A", "Z")
    spec.deep = True
    samples = oiio.DeepData()
    samples.init(spec)
    output = oiio.ImageOutput.create("openexr")
    output.open(str(tmp_path / "p.1.exr"), spec)
    output.write_deep_image(samples)
    output.close()

    with pytest.raises(StmatteError, match="Plate frame 1 is a deep picture"):
        open_plate(str(tmp_path)).read(1)


def test_pixels_that_are_no_numbers_are_counted(tmp_path: Path, write_picture: Any) -> None:
    pixels = np.zeros((4, 6, 3), np.float32)
    pixels[1, 2, 0] = np.nan
    pixels[3, 5] = np.inf
    write_picture(tmp_path / "p.9.exr", pixels)

    with pytest.raises(StmatteError, match=r"frame 9 has 2 pixels .* x 2, y 1") as caught:
        open_plate(str(tmp_path)).read(9)
    assert caught.value.value == 2


def test_huge_finite_numbers_are_no_error() -> None:
    pixels = np.full((8, 8, 3), 3e38, np.float32)

    assert open_plate({1: pixels}).read(1).pixels.max() == np.float32(3e38)


def test_arrays_are_taken_like_files() -> None:
    plate = open_plate({-5: RAMP, 3: RAMP})
    linear = open_plate({1: RAMP.astype(np.float16)})

    assert (plate.frames, plate.size) == ((-5, 3), (4, 6))
    assert plate.read(-5).space == SRGB
    assert np.array_equal(plate.read(-5).pixels, RAMP.astype(np.float32) / np.float32(255))
    assert linear.read(1).space == "lin_ap1_scene"
    assert np.array_equal(linear.read(1).pixels, RAMP)


@pytest.mark.parametrize(
    "array",
    [np.zeros((4, 6)), np.zeros((4, 6, 4)), np.zeros((4, 6, 3), np.int64), np.zeros((0, 6, 3))],
)
def test_an_array_that_is_no_picture_is_named(array: Any) -> None:
    with pytest.raises(StmatteError, match="Plate frame 2 is an array of shape"):
        open_plate({1: RAMP, 2: array}).read(2)


def test_a_plate_without_frames_is_an_error() -> None:
    with pytest.raises(StmatteError, match="has no frames"):
        open_plate({})


CMYK_JPEG = base64.b64decode(
    "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwANCQoLCggNCwoLDg4NDxMgFRMSEhMnHB4XIC4pMTAuKS0sMzpKPjM2RjcsLUBX"
    "QUZMTlJTUjI+WmFaUGBKUVJP/8AAFAgACAAQBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYH"
    "CAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBka"
    "JSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeo"
    "qaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkASwAAPwDrPEH8"
    "VQLFotxEqQpaWjBs74UgJI9PnlYY/DPFJavJregzQ3bNJe2TbJHbkupyUYnHXgjuflyetdtXmHiD+KnSRtZ75YWtprdM"
    "YbdAZDnH8CRsep7Z454p9gP7V8NvaSjNxp2IW46x/wAB6AdAV7n5cnrRX//Z"
)
"""16 x 8, from Pillow."""


def test_a_picture_for_print_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.1.jpg").write_bytes(CMYK_JPEG)

    with pytest.raises(StmatteError, match="Plate frame 1 is a CMYK picture, made for print"):
        open_plate(str(tmp_path)).read(1)
