# SPDX-License-Identifier: Apache-2.0
"""Held files: what is missing shows the nearest, and never passes for a matte."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stmatte_blender import held
from stmatte_blender.exr_header import blank

SHOT = range(1001, 1011)


def matte(folder: Path, frame: int, stem: str = "a") -> Path:
    """Write a file as the engine does: beside, then renamed."""
    path = held.matte_path(folder, stem, frame)
    beside = folder / f".{frame}.exr"
    beside.write_bytes(blank(["hero.V"], (2, 2), {held.DIGEST: f"digest of {frame}"}))
    return beside.replace(path)


def shown(folder: Path) -> dict[int, int | None]:
    """Return frame -> the frame that it shows, None for its own matte."""
    return {frame: held.held_from(path) for frame, path in held.files_in(folder, "a").items()}


def test_what_is_missing_shows_the_frame_that_arrived(tmp_path: Path) -> None:
    matte(tmp_path, 1005)

    assert held.hold(tmp_path, "a", SHOT, 1005) == tuple(f for f in SHOT if f != 1005)

    assert shown(tmp_path) == {f: None if f == 1005 else 1005 for f in SHOT}
    assert list(held.finished_in(tmp_path, "a")) == [1005]
    assert len(list(tmp_path.iterdir())) == len(SHOT)  # nothing is left beside them


def test_a_frame_that_is_much_nearer_is_shown_instead(tmp_path: Path) -> None:
    for frame in (1001, 1009):
        matte(tmp_path, frame)
        held.hold(tmp_path, "a", SHOT, frame)

    # 1006 is 5 from 1001 and 3 from 1009, which is not less than half
    expected = {1006: 1001, 1007: 1009, 1008: 1009, 1010: 1009}
    assert {f: s for f, s in shown(tmp_path).items() if f in expected} == expected


def test_a_held_file_is_not_held_in_turn(tmp_path: Path) -> None:
    matte(tmp_path, 1001)
    held.hold(tmp_path, "a", SHOT, 1001)

    assert held.hold(tmp_path, "a", range(1001, 1020), 1005) == ()
    assert held.hold(tmp_path, "a", SHOT, 2000) == ()


def test_release_leaves_only_mattes(tmp_path: Path) -> None:
    matte(tmp_path, 1001)
    held.hold(tmp_path, "a", SHOT, 1001)
    matte(tmp_path, 1002)

    assert held.release(tmp_path, "a") == tuple(range(1003, 1011))

    assert shown(tmp_path) == {1001: None, 1002: None}


@settings(max_examples=25, deadline=None)
@given(order=st.permutations(list(SHOT)))
def test_when_all_have_arrived_none_is_held_whatever_the_order(
    tmp_path_factory: pytest.TempPathFactory, order: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("mattes")
    for frame in order:
        matte(folder, frame)
        held.hold(folder, "a", SHOT, frame)
        assert set(shown(folder)) == set(SHOT)  # never black

    assert shown(folder) == dict.fromkeys(SHOT)


def test_a_matte_that_arrives_between_look_and_removal_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    matte(tmp_path, 1001)
    held.hold(tmp_path, "a", SHOT, 1001)
    matte(tmp_path, 1010)
    looked = held._nearer

    def engine_is_quicker(there: dict[int, Path], frame: int, arrived: int) -> bool:
        nearer = looked(there, frame, arrived)
        if frame == 1009:
            matte(tmp_path, 1009)
        return nearer

    monkeypatch.setattr(held, "_nearer", engine_is_quicker)
    held.hold(tmp_path, "a", SHOT, 1010)

    assert shown(tmp_path)[1009] is None


def test_other_takes_and_other_files_are_left_alone(tmp_path: Path) -> None:
    matte(tmp_path, 1001)
    (tmp_path / "a.1002.exr").write_text("somebody's own")
    (tmp_path / "ab.1003.exr").write_text("another take")

    held.hold(tmp_path, "a", SHOT, 1001)
    held.release(tmp_path, "a")

    assert (tmp_path / "a.1002.exr").read_text() == "somebody's own"
    assert (tmp_path / "ab.1003.exr").read_text() == "another take"


def test_where_the_disk_has_no_links_files_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("os.link", refused)
    matte(tmp_path, 1001)

    held.hold(tmp_path, "a", range(1001, 1004), 1001)

    assert shown(tmp_path) == {1001: None, 1002: 1001, 1003: 1001}


def test_a_take_is_copied_without_what_is_held(tmp_path: Path) -> None:
    matte(tmp_path, 1001)
    held.hold(tmp_path, "a", SHOT, 1001)

    assert held.copy_mattes(tmp_path, "a", tmp_path, "b") == 1

    assert list(held.files_in(tmp_path, "b")) == [1001]


def test_no_folder_is_no_files(tmp_path: Path) -> None:
    assert held.files_in(tmp_path / "not there", "a") == {}
    assert held.hold(tmp_path / "not there", "a", SHOT, 1001) == ()
