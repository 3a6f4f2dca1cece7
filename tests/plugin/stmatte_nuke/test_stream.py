# SPDX-License-Identifier: Apache-2.0
"""What a script's STMatte node gives downstream, from real files of the engine's writers."""

from __future__ import annotations

from pathlib import Path

import nuke
import numpy as np
import paths  # noqa: F401 (it puts the plug-in on the path)
import pytest
import seat
from nk_stream import Evaluation, Stream, plate_of
from tcl_check import read_script

from stmatte.images.cryptomatte import object_id, write_cryptomatte
from stmatte.images.mattes import write_mattes
from stmatte_nuke import inside, knobs
from stmatte_nuke.gizmo_text import group_text
from stmatte_nuke.knob_list import SHOWS
from stmatte_nuke.wiring import crypto_levels_for

FRAME = 1002
SIZE = (3, 4)
HERO = np.full(SIZE, 0.25, np.float32)
CAR = np.full(SIZE, 0.5, np.float32)
DOUBT = np.full(SIZE, 0.75, np.float32)
RED, GREEN, BLUE = (np.full(SIZE, each, np.float32) for each in (0.8, 0.4, 0.2))


def written(folder: Path) -> None:
    """Put the files of frame 1002 where a fresh node's `out` has them, in a script's folder."""
    out = folder / "mattes" / "STMatte"
    out.mkdir(parents=True)
    mattes = {"hero": HERO, "car": CAR}
    write_mattes(out / f"STMatte.{FRAME}.exr", mattes | {"uncertainty": DOUBT})
    write_cryptomatte(out / f"STMatte_crypto.{FRAME}.exr", mattes)


def stream(
    folder: Path, frame: int = FRAME, objects: tuple[str, ...] = ("hero", "car"), **said: str
) -> Stream:
    crypto = crypto_levels_for(len(objects)) if said.get("cryptomatte") == "true" else 0
    range_ = {"first": "1001", "last": "1003"}
    text = group_text(
        "STMatte1",
        {**range_, **said},
        objects,
        uncertainty=said.get("uncertainty") == "true",
        crypto_levels=crypto,
    )
    script = read_script(text)
    assert script.problems == []
    plate = plate_of(RED, GREEN, BLUE, timecode="01:00:00:00")
    return Evaluation(script, script.nodes[0], plate, frame, folder).output()


def test_the_plate_comes_out_with_each_object_in_its_layer_and_the_chosen_one_in_alpha(
    tmp_path: Path,
) -> None:
    written(tmp_path)

    out = stream(tmp_path, object="car")

    assert set(out.channels) == {
        *("rgba.red", "rgba.green", "rgba.blue", "rgba.alpha", "hero.alpha", "car.alpha"),
    }
    np.testing.assert_array_equal(out["hero.alpha"], HERO)
    np.testing.assert_array_equal(out["car.alpha"], CAR)
    np.testing.assert_array_equal(out["rgba.alpha"], CAR)
    np.testing.assert_array_equal(out["rgba.red"], RED)
    assert out.metadata == {"timecode": "01:00:00:00"}


def test_uncertainty_is_a_layer_where_it_is_written(tmp_path: Path) -> None:
    written(tmp_path)

    out = stream(tmp_path, uncertainty="true")

    np.testing.assert_array_equal(out["uncertainty.alpha"], DOUBT)


@pytest.mark.parametrize("show", SHOWS)
def test_what_is_shown(tmp_path: Path, show: str) -> None:
    written(tmp_path)

    out = stream(tmp_path, object="hero", show=show, tint="1 0 0.5")

    red, green, blue = (out[f"rgba.{colour}"][0, 0] for colour in ("red", "green", "blue"))
    assert {  # hero covers 0.25, so that an overlay mixes in an eighth of the tint
        "plate with mattes": pytest.approx((0.8, 0.4, 0.2)),
        "matte": pytest.approx((0.25, 0.25, 0.25)),
        "premultiplied plate": pytest.approx((0.2, 0.1, 0.05)),
        "overlay": pytest.approx((0.8 + 0.2 / 8, 0.4 - 0.4 / 8, 0.2 + 0.3 / 8)),
    }[show] == (red, green, blue)
    np.testing.assert_array_equal(out["rgba.alpha"], HERO)
    np.testing.assert_array_equal(out["car.alpha"], CAR)


def test_a_cryptomatte_goes_along_bit_for_bit_with_its_header(tmp_path: Path) -> None:
    written(tmp_path)

    out = stream(tmp_path, cryptomatte="true")

    first = out["CryptoSTMatte00.red"].view(np.uint32)
    assert (first == object_id("car")).all()  # the object that covers most
    np.testing.assert_array_equal(out["CryptoSTMatte00.green"], CAR)
    np.testing.assert_array_equal(out["CryptoSTMatte00.alpha"], HERO)
    said = {key.rsplit("/", 1)[1] for key in out.metadata if key.startswith("exr/cryptomatte/")}
    assert said == {"name", "hash", "conversion", "manifest"}
    assert len(out.metadata) == 5  # and the plate's own word; nothing else of the file


@pytest.mark.parametrize("frame", [1001, 1003, 1000, 1004])
def test_a_frame_without_a_matte_is_black_and_never_another_frames(
    tmp_path: Path, frame: int
) -> None:
    written(tmp_path)

    out = stream(tmp_path, frame)

    assert not out["hero.alpha"].any()
    assert not out["rgba.alpha"].any()
    np.testing.assert_array_equal(out["rgba.red"], RED)


def test_a_frame_outside_the_range_is_black_though_a_file_is_there(tmp_path: Path) -> None:
    written(tmp_path)

    out = stream(tmp_path, first="1003", last="1003")

    assert not out["hero.alpha"].any()


def test_without_objects_the_plate_goes_through(tmp_path: Path) -> None:
    out = stream(tmp_path, objects=())

    assert set(out.channels) == {"rgba.red", "rgba.green", "rgba.blue", "rgba.alpha"}
    np.testing.assert_array_equal(out["rgba.alpha"], np.ones(SIZE))


def test_twenty_objects_are_all_there(tmp_path: Path) -> None:
    names = [f"object_{number}" for number in range(1, 21)]
    out_folder = tmp_path / "mattes" / "STMatte"
    out_folder.mkdir(parents=True)
    mattes = {name: np.full(SIZE, at / 32, np.float32) for at, name in enumerate(names, 1)}
    write_mattes(out_folder / f"STMatte.{FRAME}.exr", mattes)

    out = stream(tmp_path, objects=tuple(names), object="object_20")

    for name in names:
        np.testing.assert_array_equal(out[f"{name}.alpha"], mattes[name])
    np.testing.assert_array_equal(out["rgba.alpha"], mattes["object_20"])


def test_a_saved_script_with_two_nodes_gives_the_same_streams(
    script: seat.Seat, tmp_path: Path
) -> None:
    written(tmp_path)
    for chosen in ("hero", "car"):
        node = nuke.createNode("STMatte", "", False)
        inside.arrange(node, ["hero", "car"], uncertainty=True, crypto_levels=1)
        knobs.put(node, "first", 1001)
        knobs.put(node, "last", 1003)
        knobs.put(node, "object", chosen)
    nuke.scriptSave()

    read = read_script(Path(nuke.root()["name"].value()).read_text(encoding="utf-8"))

    assert read.problems == []
    for node, matte in zip([n for n in read.nodes if n.kind == "Group"], (HERO, CAR), strict=True):
        out = Evaluation(read, node, plate_of(RED, GREEN, BLUE), FRAME, tmp_path).output()
        np.testing.assert_array_equal(out["rgba.alpha"], matte)
        np.testing.assert_array_equal(out["uncertainty.alpha"], DOUBT)
        np.testing.assert_array_equal(out["CryptoSTMatte00.green"], CAR)
        assert sum(key.startswith("exr/cryptomatte/") for key in out.metadata) == 4
