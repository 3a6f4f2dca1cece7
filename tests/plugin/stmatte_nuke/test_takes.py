# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

from stmatte_nuke.out_path import OutPath
from stmatte_nuke.takes import bring_along, is_free


def put(path: Path, words: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(words)


def take(folder: Path, name: str) -> OutPath:
    return OutPath(f"{folder.as_posix()}/{name}/{name}.####.exr")


def test_a_copied_take_has_the_mattes_and_what_was_locked_under_its_own_name(
    tmp_path: Path,
) -> None:
    old, new = take(tmp_path, "hero"), take(tmp_path, "hero_2")
    put(old.path(1001), b"first")
    put(old.path(1002), b"second")
    put(old.crypto.path(1001), b"crypto")
    put(old.beside / "locked" / "hero.1001.exr", b"approved")
    put(old.beside / "keys" / "hero.1001.0123.exr", b"key")

    assert bring_along(old, new) == 2

    assert {frame: path.read_bytes() for frame, path in new.files().items()} == {
        1001: b"first",
        1002: b"second",
    }
    assert new.crypto.path(1001).read_bytes() == b"crypto"
    assert (new.beside / "locked" / "hero.1001.exr").read_bytes() == b"approved"
    assert (new.beside / "keys" / "hero.1001.0123.exr").read_bytes() == b"key"


def test_a_matte_that_is_replaced_afterwards_leaves_the_other_takes_alone(tmp_path: Path) -> None:
    old, new = take(tmp_path, "hero"), take(tmp_path, "hero_2")
    put(old.path(1001), b"first")
    bring_along(old, new)

    put(tmp_path / "beside", b"newer")
    (tmp_path / "beside").replace(old.path(1001))  # so the engine does it

    assert new.path(1001).read_bytes() == b"first"


def test_what_stands_under_the_new_name_stays(tmp_path: Path) -> None:
    old, new = take(tmp_path, "hero"), take(tmp_path, "hero_2")
    put(old.path(1001), b"first")
    put(new.path(1001), b"mine")

    assert bring_along(old, new) == 0
    assert new.path(1001).read_bytes() == b"mine"
    assert bring_along(old, old) == 0


def test_a_take_is_free_where_nothing_lies(tmp_path: Path) -> None:
    shared = OutPath(f"{tmp_path.as_posix()}/hero.####.exr")
    assert is_free(shared)

    put(shared.path(1001), b"")
    assert not is_free(shared)
    assert is_free(OutPath(f"{tmp_path.as_posix()}/car.####.exr"))
    put(tmp_path / "car" / "locked" / "car.1001.exr", b"")
    assert not is_free(OutPath(f"{tmp_path.as_posix()}/car.####.exr"))
