# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptomattes import float_id, hex_of, murmur, read_cryptomatte
from stmatte.errors import StmatteError
from stmatte.images.cryptomatte import levels_for, object_id, ranked, write_cryptomatte
from stmatte.images.mattes import Windows
from stmatte.images.windows import Box

NAMES = ("hero", "car", "dog", "cat", "tree", "sky", "sea")
SOFT = np.linspace(0, 1, 24, dtype=np.float32).reshape(4, 6)
TWO = {"hero": SOFT, "car": 1 - SOFT}


def header(path: Path) -> Any:
    source = oiio.ImageInput.open(str(path))
    spec = source.spec()
    assert not source.seek_subimage(1, 0)
    source.geterror()
    return spec


def written(folder: Path, mattes: dict[str, Any], **how: Any) -> Path:
    write_cryptomatte(folder / "crypto.exr", mattes, **how)
    return folder / "crypto.exr"


# --- ids ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "number"),
    [  # the vectors of Psyop's own tests, with "plane" in Bulgarian and "girl" in German
        ("hello", 6.0705627102400005616e-17),
        ("cube", -4.08461912519e15),
        ("sphere", 2.79018604383e15),
        ("plane", 3.66557617593e-11),
        ("\u0440\u0430\u0432\u043d\u0438\u043d\u0430", -1.3192631212399999468e-25),
        ("m\u00e4dchen", 6.2361298211599995797e25),
    ],
)
def test_ids_are_those_of_the_specification(name: str, number: float) -> None:
    assert np.array(object_id(name), np.uint32).view(np.float32) == np.float32(number)
    assert np.float32(float_id(name)) == np.float32(number)


@given(name=st.text(max_size=20))
def test_an_id_is_the_hash_of_the_name_as_a_number(name: str) -> None:
    number = np.array(object_id(name), np.uint32).view(np.float32)

    assert number == np.float32(float_id(name))
    assert np.isfinite(number)
    assert abs(number) >= np.finfo(np.float32).tiny  # hosts may take what is smaller as 0


def test_a_hash_that_is_no_number_is_changed_in_one_bit() -> None:
    names = [f"object{i}" for i in range(2000)]
    odd = [name for name in names if murmur(name.encode()) >> 23 & 255 in (0, 255)]

    assert odd  # about one in 128
    for name in odd:
        assert object_id(name) == murmur(name.encode()) ^ 1 << 23


# --- pixels ---------------------------------------------------------------------------


def test_a_pixel_ranks_its_objects_by_coverage() -> None:
    mattes = {
        "hero": np.array([[0.2, 0.5, 1.0, 0.0]], np.float32),
        "car": np.array([[0.7, 0.5, 0.0, 0.0]], np.float32),
    }
    hero, car = (np.array(object_id(n), np.uint32).view(np.float32) for n in ("hero", "car"))

    pixels = ranked(mattes)

    assert pixels[0].tolist() == [
        [car, np.float32(0.7), hero, np.float32(0.2)],
        [car, 0.5, hero, 0.5],  # equals by name
        [hero, 1, 0, 0],
        [0, 0, 0, 0],
    ]


@st.composite
def mixtures(draw: st.DrawFn) -> dict[str, Any]:
    """Soft mattes that sum to 1 at most, many of them exactly 0 or 1."""
    count = draw(st.integers(1, 6))
    size = (draw(st.integers(1, 9)), draw(st.integers(1, 9)))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    weights = random.random((count + 1, *size)) * (random.random((count + 1, *size)) < 0.5)
    weights[0] += weights.sum(axis=0) == 0
    shares = (weights / weights.sum(axis=0)).astype(np.float32)
    return {NAMES[i]: shares[i + 1] for i in range(count)}


@given(mattes=mixtures())
def test_every_matte_comes_back_exactly(
    tmp_path_factory: pytest.TempPathFactory, mattes: dict[str, Any]
) -> None:
    read = read_cryptomatte(written(tmp_path_factory.mktemp("law"), mattes))

    for name, matte in mattes.items():
        assert np.array_equal(read.matte(name), matte)
    assert not read.matte("nobody").any()


@given(mattes=mixtures())
def test_ranks_fall_and_end_with_nothing(mattes: dict[str, Any]) -> None:
    pixels = ranked(mattes)
    ids, coverage = pixels[:, :, 0::2], pixels[:, :, 1::2]

    assert (np.diff(coverage, axis=2) <= 0).all()
    assert ((ids == 0) == (coverage == 0)).all()
    assert (coverage.sum(axis=2) <= 1 + 1e-6).all()


def test_mattes_that_overlap_share_the_pixel_in_proportion() -> None:
    drawn = {
        "hero": np.array([[1.0, 0.5]], np.float32),
        "car": np.array([[0.25, 0.25]], np.float32),
    }

    coverage = ranked(drawn)[0, :, 1::2]

    # 1 and 1/4 are 5/4 together: 4/5 and 1/5 of the pixel; the other pixel stays as drawn
    assert coverage.tolist() == [[np.float32(0.8), np.float32(0.2)], [0.5, 0.25]]


def test_mattes_that_meet_within_rounding_stay_as_they_are() -> None:
    half = {name: matte.astype(np.float16).astype(np.float32) for name, matte in TWO.items()}

    coverage = ranked(half)[:, :, 1::2]

    assert np.array_equal(coverage.max(axis=2), np.maximum(half["hero"], half["car"]))


def test_the_least_of_seven_objects_in_one_pixel_is_left_out() -> None:
    shares = np.array([7, 6, 5, 4, 3, 2, 1], np.float32) / 28
    mattes = {name: np.full((1, 1), share) for name, share in zip(NAMES, shares, strict=True)}

    coverage = ranked(mattes)[0, 0, 1::2]

    assert coverage.tolist() == shares[:6].tolist()


@pytest.mark.parametrize(("objects", "levels"), [(1, 1), (2, 1), (3, 2), (4, 2), (6, 3), (99, 3)])
def test_layers_depend_on_the_number_of_objects_alone(objects: int, levels: int) -> None:
    nothing = {f"object{i}": np.zeros((1, 1), np.float32) for i in range(objects)}

    assert levels_for(objects) == levels
    assert ranked(nothing).shape == (1, 1, 4 * levels)


# --- the file -------------------------------------------------------------------------


def test_the_file_says_what_its_ids_mean(tmp_path: Path) -> None:
    read = read_cryptomatte(written(tmp_path, TWO))

    assert read.name == "CryptoSTMatte"
    assert read.manifest == {name: hex_of(float_id(name)) for name in TWO}


def test_the_file_is_lossless_and_has_the_windows_of_the_plate(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        TWO,
        windows=Windows(canvas=Box(-1, -2, 6, 4), data=Box(0, 0, 3, 2), display=Box(0, 0, 4, 2)),
        pixel_aspect=2.0,
        attributes={"stmatte/digest": "abc"},
    )

    spec = header(path)

    assert set(spec.channelnames) == {f"CryptoSTMatte00.{c}" for c in "RGBA"}
    assert (str(spec.format), len(spec.channelformats)) == ("float", 0)
    assert spec.getattribute("compression") == "zips"
    assert (spec.x, spec.y, spec.width, spec.height) == (-1, -2, 6, 4)
    assert (spec.full_x, spec.full_y, spec.full_width, spec.full_height) == (0, 0, 4, 2)
    assert spec.getattribute("PixelAspectRatio") == 2.0
    assert spec.getattribute("stmatte/digest") == "abc"
    assert np.array_equal(read_cryptomatte(path).matte("hero"), SOFT)


def test_the_same_mattes_are_the_same_bytes(tmp_path: Path) -> None:
    first = written(tmp_path / "a", TWO).read_bytes()
    time.sleep(1.1)  # the clock of an EXR counts seconds

    assert written(tmp_path / "b", dict(reversed(TWO.items()))).read_bytes() == first


@pytest.mark.parametrize(
    ("mattes", "words"),
    [
        ({"hero": SOFT * 1.01}, r'Matte of "hero" .* runs from 0 to 1\.01'),
        ({"hero": np.full((4, 6), np.nan)}, "runs from nan"),
        ({"hero": SOFT, "car": SOFT[:2]}, "has shape"),
        ({}, "no matte to write"),
        ({"he.ro": SOFT}, "cannot become a layer name"),
        # found by trying: two names that fall together
        (
            {"object87560": SOFT, "object154030": SOFT},
            'Objects "object87560" and "object154030" have the same id',
        ),
    ],
)
def test_what_is_no_matte_leaves_no_file(
    tmp_path: Path, mattes: dict[str, Any], words: str
) -> None:
    with pytest.raises(StmatteError, match=words):
        written(tmp_path, mattes)

    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    noise = np.random.default_rng(1).random((200, 200), np.float32)
    before = written(tmp_path, TWO).read_bytes()

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))  # as if the disk ended there
    try:
        with pytest.raises(StmatteError, match=r'Cannot write ".*crypto\.exr"'):
            written(tmp_path, {"hero": noise})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert [p.name for p in tmp_path.iterdir()] == ["crypto.exr"]
    assert (tmp_path / "crypto.exr").read_bytes() == before
