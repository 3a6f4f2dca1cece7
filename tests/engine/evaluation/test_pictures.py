# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.evaluation.pictures import read_labels, read_mask, read_picture, write_mask

from .conftest import write_png

LABELS = np.array([[0, 1, 2, 3], [3, 2, 1, 0]], np.uint8)


def palette_png(labels: NDArray[np.uint8], depth: int, colours: list[int]) -> bytes:
    """A PNG with a palette, written by hand; rows are packed to `depth` bits a place."""
    height, width = labels.shape
    bits = np.unpackbits(labels[..., None], axis=2)[..., 8 - depth :].reshape(height, -1)
    rows = b"".join(b"\0" + np.packbits(row).tobytes() for row in bits)
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, depth, 3, 0, 0, 0),
        b"PLTE": bytes(colours),
        b"IDAT": zlib.compress(rows),
        b"IEND": b"",
    }
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts.items()
    )


@pytest.mark.parametrize("depth", [2, 4, 8])
def test_a_palette_png_gives_its_indices_even_where_two_share_a_colour(
    tmp_path: Path, depth: int
) -> None:
    path = tmp_path / "labels.png"
    path.write_bytes(palette_png(LABELS, depth, [0, 0, 0, 128, 0, 0, 128, 0, 0, 0, 128, 0]))

    np.testing.assert_array_equal(read_labels(path), LABELS)
    np.testing.assert_array_equal(read_mask(path), LABELS != 0)


def test_a_palette_of_one_bit_gives_zero_and_one(tmp_path: Path) -> None:
    path = tmp_path / "labels.png"
    path.write_bytes(palette_png(LABELS % 2, 1, [0, 0, 0, 128, 0, 0]))

    np.testing.assert_array_equal(read_labels(path), LABELS % 2)


def test_a_grey_png_gives_its_numbers(tmp_path: Path) -> None:
    write_png(tmp_path / "labels.png", LABELS)

    np.testing.assert_array_equal(read_labels(tmp_path / "labels.png"), LABELS)


def test_a_colour_png_whose_channels_agree_is_read_as_grey(tmp_path: Path) -> None:
    write_png(tmp_path / "labels.png", np.repeat(LABELS[..., None], 3, axis=2))

    np.testing.assert_array_equal(read_labels(tmp_path / "labels.png"), LABELS)


def test_colours_without_a_palette_make_a_mask_but_no_labels(tmp_path: Path) -> None:
    colours = np.zeros((2, 2, 3), np.uint8)
    colours[0, 1, 2] = 128
    write_png(tmp_path / "labels.png", colours)

    assert read_mask(tmp_path / "labels.png").tolist() == [[False, True], [False, False]]
    with pytest.raises(StmatteError, match="no palette that would number them"):
        read_labels(tmp_path / "labels.png")


def test_opacity_is_not_taken_for_the_object(tmp_path: Path) -> None:
    opaque = np.zeros((2, 2, 4), np.uint8)
    opaque[..., 3] = 255
    write_png(tmp_path / "mask.png", opaque)

    assert not read_mask(tmp_path / "mask.png").any()


def test_a_mask_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_mask(tmp_path / "mask.png", LABELS > 1)

    np.testing.assert_array_equal(read_labels(tmp_path / "mask.png"), (LABELS > 1) * 255)
    assert [path.name for path in tmp_path.iterdir()] == ["mask.png"]  # no draft is left


def test_an_unwritable_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(StmatteError, match=r"nowhere.mask\.png cannot be written"):
        write_mask(tmp_path / "nowhere" / "mask.png", LABELS > 1)


@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_a_picture_that_was_cut_short_is_named(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"frame.{ending}"
    write_png(path, np.random.default_rng(0).integers(0, 255, (32, 32, 3), dtype=np.uint8))
    path.write_bytes(path.read_bytes()[:-80])

    with pytest.raises(StmatteError, match=rf"frame\.{ending} cannot be used: it ends too early"):
        read_picture(path)


def test_a_missing_mask_is_named(tmp_path: Path) -> None:
    with pytest.raises(StmatteError, match=r"mask\.png cannot be read: No such file"):
        read_mask(tmp_path / "mask.png")


def test_labels_that_are_no_png_are_refused(tmp_path: Path) -> None:
    (tmp_path / "labels.png").write_bytes(b"not a picture")

    with pytest.raises(StmatteError, match="it is no PNG"):
        read_labels(tmp_path / "labels.png")
