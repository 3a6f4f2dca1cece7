# SPDX-License-Identifier: Apache-2.0
"""A .blend is read by its own description, and a damaged one is refused in words."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stmatte_blender.blend_dna import BlendFileError, CompressedBlendError, DamagedBlendError
from stmatte_blender.blend_file import blend_file
from stmatte_blender.mask_shapes import mask_shapes

RECORDED = Path(__file__).parent / "recorded"
WRITTEN = {
    version: gzip.decompress((RECORDED / f"mask-{version}.blend.gz").read_bytes())
    for version in ("4.5", "5.2")  # the last with the old header, and one with the new
}


@pytest.mark.parametrize(("said", "number"), [("4.5", 405), ("5.2", 502)])
def test_both_forms_of_the_header_are_read(said: str, number: int) -> None:
    file = blend_file(WRITTEN[said])

    assert file.version == number
    assert [mask.record("id").text("name") for mask in file.records("MS", "Mask")] == ["MSM"]


@pytest.mark.parametrize("version", WRITTEN)
def test_a_list_is_followed_in_its_order(version: str) -> None:
    (mask,) = blend_file(WRITTEN[version]).records("MS", "Mask")

    layers = [layer.text("name") for layer in mask.chained("masklayers", "MaskLayer")]

    assert layers == ["hero", "car"]
    assert mask.number("masklay_tot") == 2


@pytest.mark.parametrize("data", [gzip.compress(WRITTEN["4.5"]), b"\x28\xb5\x2f\xfd" + b"x" * 90])
def test_a_compressed_file_is_told_from_a_damaged_one(data: bytes) -> None:
    with pytest.raises(CompressedBlendError, match="compressed"):
        blend_file(data)


def test_another_file_is_no_blend() -> None:
    with pytest.raises(BlendFileError, match="doesn't begin") as caught:
        blend_file(b"v/1\x01 an EXR, say")

    assert not isinstance(caught.value, DamagedBlendError)


def test_a_header_of_the_future_is_named() -> None:
    with pytest.raises(BlendFileError, match="form 02"):
        blend_file(WRITTEN["5.2"].replace(b"BLENDER17-01", b"BLENDER17-02", 1))


def test_what_a_structure_does_not_have_is_named() -> None:
    (mask,) = blend_file(WRITTEN["5.2"]).records("MS", "Mask")

    with pytest.raises(DamagedBlendError, match='"Mask" has no field "colour"'):
        mask.number("colour")
    with pytest.raises(DamagedBlendError, match=r'"Mask.id" is not a number'):
        mask.number("id")
    with pytest.raises(DamagedBlendError, match=r'"Mask.flag" holds no address'):
        mask.pointer("flag")


def test_a_list_that_runs_in_a_circle_ends() -> None:
    data = bytearray(WRITTEN["4.5"])
    (mask,) = blend_file(WRITTEN["4.5"]).records("MS", "Mask")
    first, second = mask.chained("masklayers", "MaskLayer")
    data[second.place("next") : second.place("next") + 8] = data[
        second.place("prev") : second.place("prev") + 8
    ]

    with pytest.raises(DamagedBlendError, match="runs in a circle"):
        mask_shapes(bytes(data), "M")
    assert first.pointer("prev") == 0


@pytest.mark.parametrize("version", WRITTEN)
@settings(max_examples=6, deadline=None)
@given(part=st.floats(0, 0.999))
def test_a_file_that_breaks_off_anywhere_is_damaged(version: str, part: float) -> None:
    whole = WRITTEN[version].rindex(b"ENDB")  # the end mark says that all is there

    with pytest.raises(DamagedBlendError):
        mask_shapes(WRITTEN[version][: int(part * whole)], "M")


@pytest.mark.parametrize("version", WRITTEN)
@settings(max_examples=6, deadline=None)
@given(place=st.floats(0, 0.999), byte=st.integers(0, 255))
def test_a_wrong_byte_is_read_or_refused_and_never_a_crash(
    version: str, place: float, byte: int
) -> None:
    data = bytearray(WRITTEN[version])
    data[int(place * len(data))] = byte

    try:
        layers = mask_shapes(bytes(data), "M")
    except BlendFileError as error:
        assert str(error)  # noqa: PT017 (most bytes don't matter, then nothing is raised)
    else:
        assert all(shape.points >= 0 for layer in layers.values() for shape in layer.shapes)
