# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from shots import cut_short
from stmatte.errors import StmatteError
from stmatte.images.mattes import write_mattes
from stmatte.images.stored import StoredMattes, read_stored
from stmatte.images.windows import Box

Write = Callable[..., Path]


def stored(path: Path) -> StoredMattes:
    return read_stored(path, "The file")


def planes(*values: float) -> np.ndarray:  # type: ignore[type-arg]
    return np.stack([np.full((6, 8), value, np.float32) for value in values], axis=2)


def test_what_we_write_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "m.1.exr"
    write_mattes(path, {"hero": planes(0.25)[:, :, 0], "car": planes(1)[:, :, 0]}, pixel_aspect=2)

    found = stored(path)

    assert (found.format, found.compression) == ("openexr", "zips")
    assert (found.display, found.data, found.pixel_aspect) == (Box(0, 0, 8, 6),) * 2 + (2.0,)
    assert found.channels == ("car.A", "hero.A")
    hero = found.mattes["hero"]
    assert (hero.layer, hero.channel, hero.kind) == ("hero", "hero.A", "half")
    assert (hero.pixels == 0.25).all()
    assert (found.mattes["car"].pixels == 1).all()


def test_windows_and_kinds_are_those_of_the_file(tmp_path: Path, write_picture: Write) -> None:
    path = write_picture(
        tmp_path / "m.1.exr",
        planes(0.5),
        channels=("hero.V",),
        kind="float",
        window=(2, 1, 20, 10),
        attributes={"compression": "dwaa"},
    )

    found = stored(path)

    assert (found.data, found.display) == (Box(0, 0, 8, 6), Box(2, 1, 20, 10))
    assert (found.mattes["hero"].kind, found.compression) == ("float", "dwaa")
    assert found.mattes["hero"].on(Box(0, 0, 9, 6)).sum() == 0.5 * 8 * 6


def test_parts_are_layers_too(tmp_path: Path, write_parts: Write) -> None:
    path = tmp_path / "m.1.exr"
    write_parts(path, ("hero", ("A",), 0.5), ("car", ("A",), 1.0), size=(6, 8))

    found = stored(path)

    assert found.channels == ("car.A", "hero.A")
    assert {name: float(m.pixels[0, 0]) for name, m in found.mattes.items()} == {
        "hero": 0.5,
        "car": 1.0,
    }


@pytest.mark.parametrize(
    ("channels", "names"),
    [
        (("A",), ["A"]),
        (("Y",), ["Y"]),
        (("R", "G", "B", "A"), ["A"]),
        (("R", "G", "B"), ["R", "G", "B"]),
        (("R", "G", "B", "hero.A"), ["hero"]),
        (("hero.A", "uncertainty.A"), ["hero"]),
        (("U", "V"), []),
    ],
)
def test_channels_are_taken_for_mattes(
    tmp_path: Path, write_picture: Write, channels: tuple[str, ...], names: list[str]
) -> None:
    path = write_picture(tmp_path / "m.1.exr", planes(*range(len(channels))), channels=channels)

    found = stored(path)

    assert list(found.mattes) == names
    assert all(m.pixels[0, 0] == channels.index(m.channel) for m in found.mattes.values())


def test_a_cryptomatte_holds_no_matte(tmp_path: Path, write_picture: Write) -> None:
    channels = ("CryptoObject00.r", "CryptoObject00.g", "CryptoObject00.b", "CryptoObject00.a")
    path = write_picture(
        tmp_path / "m.1.exr",
        planes(0, 0, 0, 1, 0.5),
        channels=(*channels, "hero.A"),
        attributes={"cryptomatte/3ae39a5/name": "CryptoObject"},
    )

    assert list(stored(path).mattes) == ["hero"]


def test_a_file_that_was_cut_short_is_refused(tmp_path: Path, write_picture: Write) -> None:
    noise = np.random.default_rng(1).random((64, 64)).astype(np.float32)
    path = write_picture(tmp_path / "m.1.exr", noise, channels=("hero.A",))
    cut_short(path)

    with pytest.raises(StmatteError, match="The file cannot be read"):
        stored(path)
