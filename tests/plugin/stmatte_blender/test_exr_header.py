# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813  the name that all its documents use
import pytest
from stmatte_blender.stmatte_host import EngineError

from stmatte_blender.exr_header import blank, read_header, with_words


def written(path: Path, compression: str = "zip", **words: str) -> Path:
    """Write two mattes of 40 × 50, which is several chunks in every compression."""
    spec = oiio.ImageSpec(50, 40, 2, "half")
    spec.channelnames = ("hero.V", "car.V")
    spec.attribute("compression", compression)
    for name, word in words.items():
        spec.attribute(name.replace("__", "/"), word)
    pixels = (np.arange(4000).reshape(40, 50, 2) / 4000).astype(np.float16)
    output: Any = oiio.ImageOutput.create("openexr")
    assert output.open(str(path), spec)
    assert output.write_image(pixels)
    assert output.close()
    return path


def pixels_of(path: Path) -> Any:
    picture: Any = oiio.ImageBuf(str(path))
    assert picture.read(0, 0, True), picture.geterror()
    return picture.get_pixels("half")


@pytest.mark.parametrize("compression", ["none", "rle", "zips", "zip", "piz"])
def test_other_words_leave_the_pixels_as_they_are(tmp_path: Path, compression: str) -> None:
    path = written(tmp_path / "a.exr", compression, stmatte__digest="old", stmatte__model="m")
    before = pixels_of(path)

    other = tmp_path / "b.exr"
    words = {"stmatte/digest": "a much longer word than there was before"}
    other.write_bytes(with_words(path.read_bytes(), words, without="stmatte/"))

    assert np.array_equal(pixels_of(other), before)
    header = read_header(other)
    assert header.word("stmatte/digest") == words["stmatte/digest"]
    assert header.word("stmatte/model") == ""
    assert header.word("oiio:ColorSpace") == read_header(path).word("oiio:ColorSpace")


def test_a_header_says_size_and_channels(tmp_path: Path) -> None:
    header = read_header(written(tmp_path / "a.exr"))

    assert header.size == (50, 40)
    assert header.channels == ("car.V", "hero.V")  # EXR keeps them sorted


@pytest.mark.parametrize(("size", "fine"), [((1, 1), False), ((70, 33), False), ((5, 16), True)])
def test_a_blank_file_is_read_by_others(tmp_path: Path, size: tuple[int, int], fine: bool) -> None:
    path = tmp_path / "blank.exr"
    path.write_bytes(blank(["hero.V", "car.V"], size, {"stmatte/digest": "none"}, fine))

    assert read_header(path).size == size
    assert set(oiio.ImageBuf(str(path)).spec().channelnames) == {"hero.V", "car.V"}
    assert str(oiio.ImageBuf(str(path)).spec().format) == ("float" if fine else "half")
    assert pixels_of(path).shape == (size[1], size[0], 2)
    assert not pixels_of(path).any()


def test_what_is_no_whole_exr_is_refused(tmp_path: Path) -> None:
    whole = written(tmp_path / "a.exr").read_bytes()
    for number, text in enumerate((b"", b"no EXR at all", whole[:60])):
        path = tmp_path / f"{number}.exr"
        path.write_bytes(text)
        with pytest.raises(EngineError, match="no whole EXR"):
            read_header(path)
