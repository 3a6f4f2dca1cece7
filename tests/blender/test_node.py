# SPDX-License-Identifier: Apache-2.0
"""The node in real Blenders: what its outputs render is what stands in the files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813  the name that all its documents use
import pytest
from numpy.typing import NDArray

from blenders import Blender
from stmatte.images.cryptomatte import write_cryptomatte

WIDE, HIGH = 64, 48
LAYERS = {"Hero": "Hero", "Car": "Car", "Uncertainty": "uncertainty"}


def plane(layer: str, frame: int) -> NDArray[np.float16]:
    """Return a matte that is another for every layer, frame and pixel."""
    y, x = np.mgrid[0:HIGH, 0:WIDE]
    seed = {"Hero": 1, "Car": 2, "uncertainty": 3}[layer]
    return np.asarray((x * seed + y * 3 + frame * 7) % 97 / 97, np.float16)


def write(path: Path, frame: int, layers: tuple[str, ...] = ("Hero", "Car", "uncertainty")) -> None:
    """Write a file of mattes as the engine does for Blender."""
    path.parent.mkdir(parents=True, exist_ok=True)
    spec = oiio.ImageSpec(WIDE, HIGH, len(layers), "half")
    spec.channelnames = tuple(f"{layer}.V" for layer in layers)
    spec.attribute("compression", "zip")
    spec.attribute("stmatte/digest", f"digest of {frame}")
    output: Any = oiio.ImageOutput.create("openexr")
    beside = path.with_name(f".{path.name}")
    assert output.open(str(beside.with_suffix(".exr")), spec)
    pixels = np.stack([plane(layer, frame) for layer in layers], -1)
    assert output.write_image(np.ascontiguousarray(pixels))
    assert output.close()
    beside.with_suffix(".exr").replace(path)


def rendered(folder: Path, frame: int) -> NDArray[np.float16]:
    """Return what was rendered on a scene frame, to half precision: grey is a sum of colours."""
    picture: Any = oiio.ImageBuf(str(folder / f"f_{frame}.exr"))
    assert picture.spec().nchannels, picture.geterror()
    return np.asarray(picture.get_pixels("float")[:, :, 0], np.float16)


@pytest.mark.parametrize(("offset", "first"), [(1000, 1), (0, 1001), (100, -20)])
def test_outputs_are_the_files_pixels_and_still_are_without_the_add_on(
    blender: Blender, tmp_path: Path, offset: int, first: int
) -> None:
    frames = range(first, first + 3)
    for frame in frames:
        write(tmp_path / "mattes" / f"a.{frame + offset:04d}.exr", frame)

    ran = blender.run("node_renders.py", tmp_path, offset, first, frames[-1])
    plain = blender.run("plain_render.py", tmp_path, first, frames[-1])

    assert ran.told["kinds"] == ["CompositorNodeImage", "NodeGroupOutput"]
    assert ran.told["outputs"] == plain.told["outputs"] == ["Hero", "Car", "Uncertainty"]
    assert ran.told["path"].startswith("//mattes/a.")
    for how in ("with", "without"):
        for label, layer in LAYERS.items():
            for frame in frames:
                found = rendered(tmp_path / how / label, frame)
                assert np.array_equal(found, plane(layer, frame)), (how, label, frame)


def test_objects_come_and_go_and_what_is_linked_stays(blender: Blender) -> None:
    told = blender.run("node_sockets.py").told

    both = {"Hero": "Hero", "Car": "Car", "Uncertainty": "Uncertainty"}
    assert told["nothing to do"] is False
    changed, objects, outputs, linked, inner = told["added"]
    assert changed
    assert objects == [["Hero", "Hero"], ["Car", "Car"], ["Dog_2", "Dog 2"]]
    assert outputs == ["Hero", "Car", "Dog 2", "Uncertainty"]
    assert linked == both
    assert inner == [
        ["Car", "Car"],
        ["Dog_2", "Dog 2"],
        ["Hero", "Hero"],
        ["uncertainty", "Uncertainty"],
    ]
    named = {**both, "Hero": "The hero"}
    assert told["labelled"] == [
        ["The hero", "Car", "Dog 2", "Uncertainty"],
        named,
        [["Hero", "Hero"], ["Car", "Car"], ["Dog_2", "Dog 2"]],
    ]
    lorry = {**named, "Car": "Lorry"}
    assert told["layer renamed"] == [
        True,
        [["Hero", "Hero"], ["Car", "Lorry"], ["Dog_2", "Dog 2"]],
        ["The hero", "Lorry", "Dog 2", "Uncertainty"],
        lorry,
    ]
    # nobody used the dog; the lorry is linked, and stays
    assert told["layers away"] == [
        True,
        [["Hero", "Hero"], ["Car", "Lorry"]],
        ["The hero", "Lorry", "Uncertainty"],
        lorry,
    ]
    assert told["gone"] == ["Car"]
    assert told["layer back"] == [False, [["Hero", "Hero"], ["Car", "Lorry"]], lorry]
    assert told["mended"][0] == ["The hero", "Lorry", "Uncertainty"]
    assert ["uncertainty", "Uncertainty"] in told["mended"][1]
    assert told["mask renamed"] == "another name"
    assert told["mask removed"] == [None, False, 2]
    assert told["active"]
    assert told["found again"]
    assert told["active then"] == [None, 0]


def test_frames_that_are_not_there_show_the_nearest_until_they_are(
    blender: Blender, tmp_path: Path
) -> None:
    for frame in range(1001, 1005):
        write(tmp_path / "made" / f"a.{frame}.exr", frame, ("Hero", "uncertainty"))
        write(tmp_path / "made again" / f"a.{frame}.exr", frame + 50)

    told = blender.run("node_files.py", tmp_path).told

    def shows(folder: str, frame: int, layer: str, plate: int) -> bool:
        return np.array_equal(rendered(tmp_path / folder, frame), plane(layer, plate))

    assert told["path"] == "//mattes/a.1001.exr"
    assert told["nothing"] == [1, 2, 3, 4]
    assert told["one"] == [2, 3, 4]  # held is not there
    assert all(shows("one", frame, "Hero", 1001) for frame in (1, 2, 4, 9, -9))
    assert shows("no car yet hero", 1, "Hero", 1001)
    assert told["three"] == [4]
    assert shows("three", 1, "Hero", 1051)  # the correction is seen
    assert shows("three", 3, "Hero", 1053)
    assert shows("three", 4, "Hero", 1053)  # the nearest
    assert shows("car", 1, "Car", 1051)
    assert shows("car", 3, "Car", 1053)
    assert told["released"] == [1004]
    assert told["left"] == ["a.1001.exr", "a.1002.exr", "a.1003.exr"]
    assert shows("released", 3, "Hero", 1053)
    assert not rendered(tmp_path / "nothing", 2).any()
    assert not rendered(tmp_path / "no car yet", 1).any()
    if "4.2." not in blender.python:  # it shows a gap in a sequence as white
        assert not rendered(tmp_path / "released", 4).any()


@pytest.mark.parametrize("when", ["there", "late"])
def test_the_cryptomatte_beside_is_picked_by_name(
    blender: Blender, tmp_path: Path, when: str
) -> None:
    for frame in (1, 2):
        write(tmp_path / "mattes" / f"a.{1000 + frame}.exr", frame)
        path = tmp_path / "mattes" / f"a_crypto.{1000 + frame}.exr"
        write_cryptomatte(path, partition(frame))

    told = blender.run("node_crypto.py", tmp_path, when).told

    assert told["node"] == ["CryptoSTMatte", "Hero,Car", "//mattes/a_crypto.1001.exr"]
    for frame in (1, 2):
        expected = partition(frame)["Car"].astype(np.float16)
        assert np.allclose(rendered(tmp_path / "with", frame), expected, atol=0.0005)
        assert np.allclose(rendered(tmp_path / "again", frame), expected, atol=0.0005)


def partition(frame: int) -> dict[str, NDArray[np.float32]]:
    """Return two mattes that make 1 together."""
    hero = plane("Hero", frame).astype(np.float32)
    return {"Hero": hero, "Car": 1 - hero}


def test_a_copy_gets_a_take_of_its_own_and_shows_what_it_showed(
    blender: Blender, tmp_path: Path
) -> None:
    for frame in (1, 2):
        write(tmp_path / "mattes" / f"a.{1000 + frame}.exr", frame)

    told = blender.run("node_takes.py", tmp_path).told

    assert told["two"] == ["a", "a_2"]
    assert told["nothing to settle"] == told["again"] == []
    assert len(told["settled"]) == 1
    assert 'its take is "a_2" now' in told["settled"][0]
    assert told["takes"] == ["a", "a_2"]
    assert told["paths"] == ["//mattes/a.1001.exr", "//mattes/a_2.1001.exr"]
    assert told["crypto"] == ["//mattes/a_crypto.1001.exr", "//mattes/a_2_crypto.1001.exr"]
    for frame in (1, 2):
        assert np.array_equal(rendered(tmp_path / "copy", frame), plane("Hero", frame))
    copied, settled = told["scene copied"]
    assert copied - 2 == len(settled)  # whatever Blender copied of them is settled
    assert told["none"] == 0
    assert told["linked"] == [0, []]
    assert told["appended"][0] == 1
    assert len(told["appended"][1]) == 1
    assert told["appended take"] not in ("a", "a_2")
    assert told["newer"][0] == 0
    assert "another version" in told["newer"][1]
    assert told["kept"]


def test_the_add_menu_and_what_comes_from_other_files(blender: Blender, tmp_path: Path) -> None:
    for frame in (1, 2):
        write(tmp_path / "mattes" / f"a.{1000 + frame}.exr", frame)

    told = blender.run("node_elsewhere.py", tmp_path).told

    assert (told["entries"], told["entries then"]) == (1, 0)
    assert told["without a node"] == [["[stmatte.add_node]"], []]
    assert told["with nodes"] == ["[stmatte.add_node]", "[stmatte.add_cryptomatte]"]
    assert told["inside one"]
    assert told["active node's"]
    assert "CompositorNodeRLayers" in told["begun"]
    assert "CompositorNodeGroup" in told["begun"]
    assert told["ends"]
    assert told["take"] == "Scene"
    assert told["several"] == ["Scene", "Scene_2"]
    assert told["which"] is None  # of two, none is meant
    assert "Save the file" in told["never saved"]
    assert told["linked mask"] == ["Hero", "Car", "Uncertainty"]
    assert told["its file"]
    assert told["folder"] == told["its folder"] == str(tmp_path / "mattes")
    assert told["patterns"] == [
        str(tmp_path / "mattes" / name) for name in ("a.####.exr", "a_crypto.####.exr")
    ]
    assert told["linked node"] == ["Hero", "Car", "Uncertainty"]
    assert told["ours"] == 0
    assert told["mask away"] == [False, 0]
    assert told["left"] == ["Hero", "Car"]
    written = sorted((tmp_path / "out").iterdir())
    assert len(written) == 2
    for frame, path in zip((1, 2), written, strict=True):
        assert np.array_equal(rendered(tmp_path / "linked", frame), plane("Car", frame))
        found = layers_in(path)
        assert set(found) == {"Hero", "Car"}
        for name, pixels in found.items():
            assert np.array_equal(pixels, plane(name, frame))


def layers_in(path: Path) -> dict[str, NDArray[np.float16]]:
    """Return layer -> pixels of an EXR of one part, or of several as Blender 5 writes."""
    source: Any = oiio.ImageInput.open(str(path))
    found, part = {}, 0
    while source.seek_subimage(part, 0):
        pixels = source.read_image("half")
        for number, name in enumerate(source.spec().channelnames):
            found[name.split(".")[0]] = np.asarray(pixels[:, :, number], np.float16)
        part += 1
    source.close()
    return found
