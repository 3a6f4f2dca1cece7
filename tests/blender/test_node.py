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
