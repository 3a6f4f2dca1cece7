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

from stmatte.errors import StmatteError
from stmatte.images import read_mattes, write_mattes
from stmatte.naming import proposed

SOFT = np.linspace(0, 1, 24, dtype=np.float32).reshape(4, 6)


def header(path: Path) -> Any:
    source = oiio.ImageInput.open(str(path))
    spec = source.spec()
    assert not source.seek_subimage(1, 0)
    source.geterror()
    return spec


@given(
    seed=st.integers(0, 99),
    size=st.tuples(st.integers(1, 20), st.integers(1, 20)),
    names=st.sets(
        st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,40}", fullmatch=True).map(proposed),
        min_size=1,
        max_size=5,
    ),
    ending=st.sampled_from(["A", "V"]),
)
def test_mattes_come_back_as_half_floats(
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    size: tuple[int, int],
    names: set[str],
    ending: str,
) -> None:
    path = tmp_path_factory.mktemp("law") / "m.-0005.exr"
    random = np.random.default_rng(seed)
    mattes = {name: random.random(size, np.float32) for name in names}

    write_mattes(path, mattes, ending=ending)
    back = read_mattes(path)

    assert set(back) == {f"{name}.{ending}" for name in names}
    for name, matte in mattes.items():
        assert np.array_equal(back[f"{name}.{ending}"], matte.astype(np.float16))


def test_the_file_is_what_every_host_reads(tmp_path: Path) -> None:
    write_mattes(
        tmp_path / "m.exr",
        {"hero": SOFT, "car": SOFT},
        pixel_aspect=2.0,
        attributes={"stmatte/model": "stm"},
    )

    spec = header(tmp_path / "m.exr")

    assert set(spec.channelnames) == {"hero.A", "car.A"}
    assert (str(spec.format), len(spec.channelformats)) == ("half", 0)
    assert spec.getattribute("compression") == "zips"
    assert (spec.x, spec.y, spec.width, spec.height) == (0, 0, 6, 4)
    assert (spec.full_x, spec.full_y, spec.full_width, spec.full_height) == (0, 0, 6, 4)
    assert spec.getattribute("PixelAspectRatio") == 2.0
    assert spec.getattribute("stmatte/model") == "stm"


def test_the_same_mattes_are_the_same_bytes(tmp_path: Path) -> None:
    write_mattes(tmp_path / "a.exr", {"hero": SOFT, "car": 1 - SOFT})
    time.sleep(1.1)  # the clock of an EXR counts seconds
    write_mattes(tmp_path / "b.exr", {"car": 1 - SOFT, "hero": SOFT})

    assert (tmp_path / "a.exr").read_bytes() == (tmp_path / "b.exr").read_bytes()


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    write_mattes(tmp_path / "new" / "m.exr", {"hero": SOFT})
    write_mattes(tmp_path / "new" / "m.exr", {"hero": 1 - SOFT})

    assert [p.name for p in tmp_path.rglob("*.exr")] == ["m.exr"]
    assert read_mattes(tmp_path / "new" / "m.exr")["hero.A"][0, 0] == 1


@pytest.mark.parametrize(
    ("mattes", "ending", "words"),
    [
        ({"hero": SOFT * 1.01}, "A", r'Matte of "hero" .* runs from 0 to 1\.01'),
        ({"hero": SOFT - np.float32(0.01)}, "A", r"runs from -0\.01"),
        ({"hero": np.full((4, 6), np.nan)}, "A", "runs from nan"),
        ({"hero": SOFT, "car": SOFT[:2]}, "A", r'Matte of "hero" .* shape|of "car" .* shape'),
        ({"hero": SOFT[None]}, "A", "shape"),
        ({}, "A", "no matte to write"),
        ({"he.ro": SOFT}, "A", "cannot become a layer name"),
        ({"hero": SOFT}, "A.B", 'Channel ending "A.B"'),
    ],
)
def test_what_is_no_matte_leaves_no_file(
    tmp_path: Path, mattes: dict[str, Any], ending: str, words: str
) -> None:
    with pytest.raises(StmatteError, match=words):
        write_mattes(tmp_path / "m.exr", mattes, ending=ending)

    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    noise = np.random.default_rng(1).random((200, 200), np.float32)
    write_mattes(tmp_path / "m.exr", {"hero": SOFT})
    before = (tmp_path / "m.exr").read_bytes()

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))  # as if the disk ended there
    try:
        with pytest.raises(StmatteError, match=r'Cannot write ".*m\.exr"'):
            write_mattes(tmp_path / "m.exr", {"hero": noise})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert [p.name for p in tmp_path.iterdir()] == ["m.exr"]
    assert (tmp_path / "m.exr").read_bytes() == before


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StmatteError, match=r'Cannot write ".*m\.exr"'):
        write_mattes(tmp_path / "file" / "m.exr", {"hero": SOFT})


def test_a_truncated_matte_file_is_an_error(tmp_path: Path) -> None:
    write_mattes(tmp_path / "m.exr", {"hero": np.random.default_rng(1).random((64, 64))})
    content = (tmp_path / "m.exr").read_bytes()
    (tmp_path / "m.exr").write_bytes(content[: len(content) // 2])

    with pytest.raises(StmatteError, match="Matte file cannot be read"):
        read_mattes(tmp_path / "m.exr")
