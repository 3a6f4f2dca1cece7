# SPDX-License-Identifier: Apache-2.0
"""A Cryptomatte beside the mattes: the same objects, frames and rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813
import pytest

from cryptomattes import read_cryptomatte
from delivering import deliver
from shots import Copying, picture, pictures, soft_disc
from stmatte import Key, Settings, Shot, StmatteError
from stmatte.images import read_mattes, read_words
from stmatte.layout import Layout
from stmatte.pipeline import Delivery
from stmatte.shot import Absence, FrameRange

CPU = Settings(device="cpu")
HERO, CAR = soft_disc(30), soft_disc(70)
SHOT = Shot(pictures(range(1, 5)), (Key(2, {"hero": HERO, "car": CAR}),), None, CPU)


def delivered(out: Path, shot: Shot = SHOT, **how: Any) -> Delivery:
    return deliver(shot, str(out), network=Copying(), **{"cryptomatte": True, **how})


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """Return what changes if a file is written again, even with the same bytes."""
    found = {str(path.relative_to(folder)): path.stat() for path in folder.rglob("*.exr")}
    return {name: (status.st_ino, status.st_mtime_ns) for name, status in found.items()}


def test_every_frame_has_a_cryptomatte_of_the_same_coverage(tmp_path: Path) -> None:
    done = delivered(tmp_path / "m.####.exr")

    assert done.files[3] == (tmp_path / "m.0003.exr", tmp_path / "m_crypto.0003.exr")
    for frame in range(1, 5):
        crypto = read_cryptomatte(tmp_path / f"m_crypto.{frame:04}.exr")
        mattes = read_mattes(tmp_path / f"m.{frame:04}.exr")
        assert set(crypto.manifest) == {"hero", "car"}
        for name in ("hero", "car"):
            assert crypto.matte(name).any()
            # the mattes are half floats
            assert np.array_equal(crypto.matte(name).astype(np.float16), mattes[f"{name}.A"])


def test_nobody_gets_a_cryptomatte_who_did_not_ask(tmp_path: Path) -> None:
    delivered(tmp_path / "m.####.exr", cryptomatte=False)

    assert not list(tmp_path.glob("*crypto*"))


def test_files_of_each_object_have_one_cryptomatte_beside(tmp_path: Path) -> None:
    delivered(tmp_path / "{object}" / "m_{object}.####.exr", uncertainty=True)

    folders = sorted(path.name for path in tmp_path.iterdir())
    crypto = read_cryptomatte(tmp_path / "crypto" / "m_crypto.0001.exr")
    assert folders == ["car", "crypto", "hero", "uncertainty"]
    assert set(crypto.manifest) == {"hero", "car"}


def test_a_frame_without_any_object_has_the_same_channels(tmp_path: Path) -> None:
    gone = (Absence("hero", FrameRange(4, 4)), Absence("car", FrameRange(4, 4)))
    delivered(tmp_path / "m.####.exr", Shot(SHOT.plate, SHOT.keys, None, CPU, absences=gone))

    channels = []
    for frame in (1, 4):
        source = oiio.ImageInput.open(str(tmp_path / f"m_crypto.{frame:04}.exr"))
        channels.append(source.spec().channelnames)
        source.close()
    assert channels[0] == channels[1]
    assert not read_cryptomatte(tmp_path / "m_crypto.0004.exr").coverage.any()


def test_objects_that_an_artist_drew_over_each_other_share_the_pixel(tmp_path: Path) -> None:
    over = Key(2, {"hero": HERO, "car": HERO * np.float32(0.5)})
    delivered(tmp_path / "m.####.exr", Shot(SHOT.plate, (over,), None, CPU))

    crypto = read_cryptomatte(tmp_path / "m_crypto.0002.exr")
    mattes = read_mattes(tmp_path / "m.0002.exr")
    inside = HERO == 1
    assert (mattes["car.A"][inside] == 0.5).all()  # as drawn
    # 1 and 1/2 are 3/2 together
    assert np.allclose(crypto.matte("hero")[inside], 2 / 3)
    assert np.allclose(crypto.matte("car")[inside], 1 / 3)


# --- what is fresh --------------------------------------------------------------------


def test_a_second_delivery_writes_nothing(tmp_path: Path) -> None:
    delivered(tmp_path / "m.####.exr")
    before = stamps(tmp_path)

    assert delivered(tmp_path / "m.####.exr").fresh == (1, 2, 3, 4)
    assert stamps(tmp_path) == before


@pytest.mark.parametrize("lost", ["m_crypto.0003.exr", "m.0003.exr"])
def test_only_the_file_that_is_missing_is_written(tmp_path: Path, lost: str) -> None:
    delivered(tmp_path / "m.####.exr")
    before = stamps(tmp_path)
    there = (tmp_path / lost).read_bytes()
    (tmp_path / lost).unlink()

    assert delivered(tmp_path / "m.####.exr").fresh == (1, 2, 4)
    after = stamps(tmp_path)
    assert {name for name in after if after[name] != before[name]} == {lost}
    assert (tmp_path / lost).read_bytes() == there


def test_another_layout_of_the_mattes_leaves_the_cryptomatte_fresh(tmp_path: Path) -> None:
    delivered(tmp_path / "m.####.exr")
    before = stamps(tmp_path)

    delivered(tmp_path / "m.####.exr", layout=Layout("object.V", "zip", "float"))

    after = stamps(tmp_path)
    assert {name for name in after if after[name] == before[name]} == {
        f"m_crypto.{frame:04}.exr" for frame in range(1, 5)
    }


def test_a_key_that_changes_makes_the_cryptomatte_stale_with_the_mattes(tmp_path: Path) -> None:
    delivered(tmp_path / "m.####.exr")
    words = read_words(tmp_path / "m_crypto.0001.exr")
    changed = Shot(SHOT.plate, (Key(2, {"hero": HERO, "car": soft_disc(60)}),), None, CPU)

    assert delivered(tmp_path / "m.####.exr", changed).fresh == ()
    assert words
    assert read_words(tmp_path / "m_crypto.0001.exr") != words


def test_the_same_delivery_elsewhere_has_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        delivered(tmp_path / folder / "m.####.exr")

    for frame in range(1, 5):
        name = f"m_crypto.{frame:04}.exr"
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


# --- what is in the way ---------------------------------------------------------------


def test_a_cryptomatte_of_somebody_else_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "m_crypto.0003.exr").write_text("a render")

    with pytest.raises(StmatteError, match=r"m_crypto\.0003\.exr.* not from STMatte"):
        delivered(tmp_path / "m.####.exr")
    assert [path.name for path in tmp_path.iterdir()] == ["m_crypto.0003.exr"]


def test_a_plate_is_not_written_over_by_a_cryptomatte(tmp_path: Path) -> None:
    for frame in range(1, 5):
        spec = oiio.ImageSpec(96, 64, 3, "half")
        output = oiio.ImageOutput.create("openexr")
        assert output.open(str(tmp_path / f"m_crypto.{frame:04}.exr"), spec)
        assert output.write_image(picture(frame).astype(np.float32) / 255)
        output.close()
    shot = Shot(str(tmp_path / "m_crypto.####.exr"), SHOT.keys, None, CPU)

    with pytest.raises(StmatteError, match="is a picture of the plate or a key"):
        delivered(tmp_path / "m.####.exr", shot)


def test_an_object_called_like_the_cryptomatte_s_files_is_refused(tmp_path: Path) -> None:
    shot = Shot(SHOT.plate, (Key(2, {"Crypto": HERO}),), None, CPU)

    with pytest.raises(StmatteError, match='Object "Crypto" bears the name of the Cryptomatte'):
        delivered(tmp_path / "{object}.####.exr", shot)
    assert delivered(tmp_path / "m.####.exr", shot).files[1]


def test_the_layer_of_doubt_keeps_its_name_in_capitals_too(tmp_path: Path) -> None:
    shot = Shot(SHOT.plate, (Key(2, {"Uncertainty": HERO}),), None, CPU)

    with pytest.raises(StmatteError, match='Object "Uncertainty" bears the name of the layer'):
        delivered(tmp_path / "m.####.exr", shot, uncertainty=True)
