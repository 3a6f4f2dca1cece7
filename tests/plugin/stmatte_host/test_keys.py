# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from stmatte_host import DrawnKey, KeyFile, key_files, key_path

drawn = st.builds(
    DrawnKey, st.integers(-20, 2000), st.sampled_from(["hero", "car"]), st.text(max_size=20)
)


def test_a_key_that_was_never_rasterised_is_to_be_rasterised(tmp_path: Path) -> None:
    key = DrawnKey(1010, "hero", "a square")

    files, lacking = key_files(tmp_path, [key], channel="hero.A")

    path = key_path(tmp_path, key)
    assert files == (KeyFile(1010, "hero", str(path), "hero.A"),)
    assert lacking == ((key, path),)
    assert path.name.startswith("hero.1010.")


def test_a_key_that_did_not_change_is_not_rasterised_again(tmp_path: Path) -> None:
    key = DrawnKey(1010, "hero", "a square")
    key_path(tmp_path, key).touch()

    assert key_files(tmp_path, [key])[1] == ()


def test_undo_finds_the_old_file(tmp_path: Path) -> None:
    square, circle = (DrawnKey(1010, "hero", shape) for shape in ("a square", "a circle"))
    key_path(tmp_path, square).touch()
    key_path(tmp_path, circle).touch()

    files, lacking = key_files(tmp_path, [square])

    assert files[0].path == str(key_path(tmp_path, square))
    assert lacking == ()


@given(drawn, drawn)
def test_two_keys_share_a_file_only_if_they_are_the_same(one: DrawnKey, two: DrawnKey) -> None:
    assert (key_path(Path("/k"), one) == key_path(Path("/k"), two)) == (one == two)
