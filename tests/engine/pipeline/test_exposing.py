# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813
import pytest

from shots import pictures, soft_disc, write_plate
from stmatte import Key, Settings, Shot, StmatteError
from stmatte.images import Picture, Plate, open_plate
from stmatte.pipeline import exposing
from stmatte.pipeline.checks import check_shot
from stmatte.pipeline.exposing import MEASURED, measured_exposure
from stmatte.store import DiskStore, RamStore

FRAMES = range(1, 31)


def write_frame(folder: Path, frame: int, light: float) -> None:
    """Write a scene-linear frame of one grey, an hour ago."""
    path = folder / f"plate.{frame:04}.exr"
    pixels = np.full((16, 24, 3), light, np.float32)
    oiio.ImageBuf(pixels).write(str(path))
    hour_ago = path.stat().st_mtime - 3600
    os.utime(path, (hour_ago, hour_ago + light))


def plate_of(folder: Path, layer: str = "") -> Plate:
    return open_plate(str(folder / "plate.####.exr"), layer=layer)


@pytest.fixture
def dark(tmp_path: Path) -> Path:
    """A plate three stops under grey."""
    for frame in FRAMES:
        write_frame(tmp_path, frame, 0.18 / 8)
    return tmp_path


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many frames were looked at since it was asked last."""
    seen: list[Picture] = []
    look = exposing.stops_in

    def counted(picture: Picture) -> np.ndarray:
        seen.append(picture)
        return look(picture)

    def since() -> int:
        count = len(seen)
        seen.clear()
        return count

    monkeypatch.setattr(exposing, "stops_in", counted)
    return since


def test_it_is_measured_once_for_all_processes_that_share_a_store(
    dark: Path, tmp_path: Path, read: Callable[[], int]
) -> None:
    found = []
    for _ in range(3):
        store = DiskStore(tmp_path / "store", 10**8)
        found.append((measured_exposure(plate_of(dark), FRAMES, "", store), read()))

    assert found == [(3.0, MEASURED), (3.0, 0), (3.0, 0)]


def test_a_frame_that_is_written_again_is_looked_at_again(
    dark: Path, read: Callable[[], int]
) -> None:
    store = RamStore()
    measured_exposure(plate_of(dark), FRAMES, "", store)
    for frame in FRAMES:
        write_frame(dark, frame, 0.18 / 4)
    read()

    assert measured_exposure(plate_of(dark), FRAMES, "", store) == 2.0
    assert read() == MEASURED


def test_frames_that_it_is_not_measured_on_may_change(dark: Path, read: Callable[[], int]) -> None:
    store = RamStore()
    measured_exposure(plate_of(dark), FRAMES, "", store)
    write_frame(dark, 2, 0.18)
    read()

    assert measured_exposure(plate_of(dark), FRAMES, "", store) == 3.0
    assert read() == 0


@pytest.mark.parametrize("other", [{"frames": range(1, 11)}, {"layer": "R"}])
def test_other_frames_and_another_layer_are_measured_for_themselves(
    dark: Path, read: Callable[[], int], other: dict[str, object]
) -> None:
    store = RamStore()
    measured_exposure(plate_of(dark), FRAMES, "", store)
    read()

    frames, layer = other.get("frames", FRAMES), str(other.get("layer", ""))
    measured_exposure(plate_of(dark), frames, layer, store)  # type: ignore[arg-type]

    assert read() == MEASURED


def test_what_may_change_unseen_is_always_measured(dark: Path, read: Callable[[], int]) -> None:
    store = RamStore()
    os.utime(dark / "plate.0001.exr")  # written a moment ago
    arrays = open_plate({frame: np.full((16, 24, 3), 0.18, np.float32) for frame in FRAMES})

    for plate in (plate_of(dark), plate_of(dark), arrays, arrays):
        measured_exposure(plate, FRAMES, "", store)
        assert read() == MEASURED
    measured_exposure(plate_of(dark), FRAMES, "", None)
    assert read() == MEASURED


def test_a_frame_that_cannot_be_read_is_passed_over(dark: Path) -> None:
    (dark / "plate.0030.exr").write_bytes(b"no picture")

    assert measured_exposure(plate_of(dark), FRAMES, "", RamStore()) == 3.0


def test_what_is_display_referred_is_not_measured(tmp_path: Path, read: Callable[[], int]) -> None:
    plate = open_plate(write_plate(tmp_path, FRAMES))

    assert measured_exposure(plate, FRAMES, "", RamStore()) == 0
    assert measured_exposure(open_plate(pictures(FRAMES)), FRAMES, "", None) == 0
    assert read() == 0


def test_a_store_that_cannot_be_written_only_costs_time(dark: Path) -> None:
    class Full(RamStore):
        def keep_note(self, *_: object) -> None:
            raise StmatteError("The disk is full")

    assert measured_exposure(plate_of(dark), FRAMES, "", Full()) == 3.0


def test_a_shot_that_is_opened_again_is_seen_as_before(dark: Path, read: Callable[[], int]) -> None:
    key = Key(3, {"hero": soft_disc(12, (16, 24), 4)})
    shot = Shot(str(dark / "plate.####.exr"), (key,), settings=Settings(device="cpu"))
    store = RamStore()

    found = [(check_shot(shot, store=store).exposure, read()) for _ in range(2)]

    assert found == [(3.0, MEASURED), (3.0, 0)]
