# SPDX-License-Identifier: Apache-2.0
"""Does a real Blender pick our objects from our Cryptomatte?

STMATTE_BLENDER_PYTHON names one Python that has Blender's module `bpy`, or several with the
system's path separator between them; without it these tests are skipped.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813
import pytest
from numpy.typing import NDArray

from stmatte.images.cryptomatte import LAYER, write_cryptomatte
from stmatte.images.mattes import Windows
from stmatte.images.windows import Box

PYTHONS = [p for p in os.environ.get("STMATTE_BLENDER_PYTHON", "").split(os.pathsep) if p]
SCRIPT = Path(__file__).parents[2] / "blender_picks.py"
SIZE = (90, 160)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not PYTHONS,
        reason="STMATTE_BLENDER_PYTHON names no Python that has bpy (pip install bpy==4.5.*)",
    ),
]


def disc(x: float, y: float, radius: float, soft: float) -> NDArray[np.float32]:
    rows, columns = np.indices(SIZE, np.float32)
    ramp: NDArray[np.float32] = (radius - np.hypot(rows - y, columns - x)) / soft + 0.5
    return np.clip(ramp, 0, 1).astype(np.float32)


def soft_objects() -> dict[str, NDArray[np.float32]]:
    """Three discs, one over the other, their edges eight pixels soft."""
    near, middle, far = disc(60, 45, 25, 8), disc(85, 40, 28, 8), disc(72, 60, 30, 8)
    car = middle * (1 - near)
    return {"hero": near, "car_2": car, "Dog": far * (1 - near - car).clip(0, 1)}


def picked(python: str, file: Path, picks: list[str]) -> tuple[str, dict[str, Any]]:
    """Return what Blender printed, and (H, W) for every pick."""
    folder = file.parent / "picks"
    folder.mkdir()
    done = subprocess.run(
        [python, str(SCRIPT), str(file), str(folder), *picks],
        env={**os.environ, "SIZE": f"{SIZE[1]}x{SIZE[0]}", "PYTHONPATH": ""},
        cwd=file.parent,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    mattes = {}
    for pick in picks:
        source = oiio.ImageInput.open(str(folder / f"{pick}.exr"))
        mattes[pick] = source.read_image(0, 0, 0, 1, "float")[:, :, 0]
        source.close()
    return done.stdout, mattes


@pytest.mark.parametrize("python", PYTHONS)
def test_blender_picks_the_mattes_that_were_written(python: str, tmp_path: Path) -> None:
    mattes = soft_objects()
    shared = (mattes["hero"] > 0.1) & (mattes["car_2"] > 0.1)
    assert shared.sum() > 50  # soft edges of two objects in one pixel
    write_cryptomatte(tmp_path / "crypto.1001.exr", mattes)

    said, found = picked(python, tmp_path / "crypto.1001.exr", [*mattes, "hero,Dog"])

    assert f"layer: {LAYER}" in said
    for name, matte in mattes.items():
        assert np.abs(found[name] - matte).max() <= 1e-3
    assert np.abs(found["hero,Dog"] - mattes["hero"] - mattes["Dog"]).max() <= 1e-3


@pytest.mark.parametrize("python", PYTHONS)
def test_blender_sees_the_canvas_of_a_plate_with_overscan(python: str, tmp_path: Path) -> None:
    mattes = soft_objects()
    height, width = SIZE
    # ten pixels more on either side than are shown, and six above and below
    write_cryptomatte(
        tmp_path / "crypto.1001.exr",
        mattes,
        windows=Windows(
            canvas=Box(-10, -6, width, height),
            data=Box(-10, -6, width, height),
            display=Box(0, 0, width - 20, height - 12),
        ),
    )

    _, found = picked(python, tmp_path / "crypto.1001.exr", ["hero"])

    assert np.abs(found["hero"] - mattes["hero"]).max() <= 1e-3
