# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.evaluation.measuring import Kept, measured
from stmatte.evaluation.pictures import write_labels, write_matte

from .conftest import write_png

SIZE = (96, 160)
FRAMES = 8


def still() -> NDArray[np.uint8]:
    noise = np.random.default_rng(1).standard_normal((*SIZE, 3)).astype(np.float32)
    return np.clip(128 + cv2.GaussianBlur(noise, (0, 0), 2) * 300, 0, 255).astype(np.uint8)


def disc(radius: float, x: float) -> NDArray[np.float32]:
    rows, columns = np.indices(SIZE, np.float32)
    return np.clip((radius - np.hypot(rows - 48, columns - x)) / 4 + 0.5, 0, 1).astype(np.float32)


def labels(*radii: float) -> NDArray[np.uint8]:
    """Objects 1 and 2 as discs of these radii, 80 pixels apart."""
    found = np.zeros(SIZE, np.uint8)
    for number, radius in enumerate(radii, start=1):
        found[disc(radius, 40 + 80 * (number - 1)) >= 0.5] = number
    return found


def kept(
    folder: Path, masks: list[NDArray[np.uint8]], truths: list[NDArray[np.uint8]], **more: object
) -> Kept:
    """Write a sequence whose plate stands still."""
    paths = {
        kind: tuple(folder / kind / f"{n:05d}.png" for n in range(len(masks)))
        for kind in ("plate", "mask", "truth")
    }
    for path in paths["plate"]:
        write_png(path, still())
    for kind, pictures in (("mask", masks), ("truth", truths)):
        for path, picture in zip(paths[kind], pictures, strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_labels(path, picture)
    return Kept("a", paths["plate"], paths["mask"], paths["truth"], **more)  # type: ignore[arg-type]


def test_the_truth_itself_is_steady_and_lies_where_it_should(tmp_path: Path) -> None:
    truths = [labels(24, 24)] * FRAMES

    found = measured(kept(tmp_path, truths, truths))

    assert sorted(found) == [1, 2]
    for number in (1, 2):
        one = found[number]
        assert one["jitter"] == pytest.approx(0, abs=0.01)
        assert (one["offset"], one["offset-spread"]) == (
            pytest.approx(0, abs=0.02),
            pytest.approx(0, abs=0.01),
        )
        assert (one["strayed"], one["switches"]) == (0, 0)


def test_objects_that_swap_numbers_switch_once_each(tmp_path: Path) -> None:
    truths = [labels(24, 24)] * FRAMES
    swapped = np.array([0, 2, 1], np.uint8)[labels(24, 24)]

    found = measured(kept(tmp_path, truths[:5] + [swapped] * 3, truths))

    assert [found[n]["switches"] for n in (1, 2)] == [1, 1]
    assert [found[n]["strayed"] for n in (1, 2)] == [3, 3]


def test_a_mask_that_jumps_at_its_key_pops_by_as_much(tmp_path: Path) -> None:
    truths = [labels(24)] * FRAMES
    masks = [labels(24), *[labels(21)] * 3, labels(24), *[labels(21)] * 3]

    found = measured(kept(tmp_path, masks, truths, keys=(4,)))[1]

    assert found["pop"] == pytest.approx(3, abs=0.3)
    assert found["truth-pop"] == pytest.approx(0, abs=0.01)


def test_an_edge_that_is_always_off_by_the_same_is_not_spread(tmp_path: Path) -> None:
    found = measured(kept(tmp_path, [labels(26)] * FRAMES, [labels(24)] * FRAMES))[1]

    assert found["offset"] == pytest.approx(2, abs=0.2)
    assert found["offset-spread"] == pytest.approx(0, abs=0.01)


def test_soft_mattes_are_compared_with_soft_truth(tmp_path: Path) -> None:
    truths = [labels(24)] * FRAMES
    soft = cv2.GaussianBlur(disc(24, 40), (0, 0), 3)
    for frame in range(FRAMES):
        name = f"{frame:05d}.png"
        write_png(tmp_path / "alpha" / name, np.dstack([0 * still()[..., :2], as_red(soft)]))
        (tmp_path / "mattes").mkdir(exist_ok=True)
        write_matte(tmp_path / "mattes" / name, soft if frame % 2 else disc(24, 40))
    files = {
        kind: tuple(tmp_path / kind / f"{n:05d}.png" for n in range(FRAMES))
        for kind in ("mattes", "alpha")
    }

    more = {"mattes": {1: files["mattes"]}, "alphas": files["alpha"]}
    found = measured(kept(tmp_path, truths, truths, **more))[1]

    # 4 of the 7 frames beside the key are exact, 3 are too crisp
    assert 0 < found["alpha-error"] < 0.1
    assert 0.5 < found["alpha-softness"] < 1
    assert "switches" not in found  # one object has nobody to be taken for


def as_red(matte: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return a matte as the last of OpenCV's channels."""
    return np.clip(matte * 255 + 0.5, 0, 255).astype(np.uint8)[..., None]


def test_pictures_of_several_sizes_are_named(tmp_path: Path) -> None:
    small = kept(tmp_path, [labels(24)[:48]] * 3, [labels(24)] * 3)

    with pytest.raises(StmatteError, match=r'Frame 00000 of sequence "a" comes in several sizes'):
        measured(small)


def test_an_object_that_is_never_found_has_no_numbers(tmp_path: Path) -> None:
    found = measured(kept(tmp_path, [labels()] * FRAMES, [labels(24)] * FRAMES))[1]

    assert np.isnan([found["jitter"], found["offset"], found["pop"]]).all()
