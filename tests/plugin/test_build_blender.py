# SPDX-License-Identifier: Apache-2.0
"""The zip for Blender, as it is built where no Blender is."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "plugin" / "build_blender.py"


def build(folder: Path, *words: str) -> zipfile.ZipFile:
    done = subprocess.run(
        [sys.executable, str(BUILD), str(folder), *words],
        capture_output=True,
        text=True,
        check=True,
    )
    return zipfile.ZipFile(done.stdout.strip())


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = build(tmp_path / "a"), build(tmp_path / "b")

    assert Path(first.filename or "").read_bytes() == Path(second.filename or "").read_bytes()


def test_every_module_is_in_the_zip_and_the_hosts_side_lies_inside(tmp_path: Path) -> None:
    with build(tmp_path) as archive:
        names = set(archive.namelist())

    modules = {path.name for path in (ROOT / "plugin" / "stmatte_blender").glob("*.py")}
    inside = {f"stmatte_host/{path.name}" for path in (ROOT / "plugin/stmatte_host").glob("*.py")}
    assert names == modules | inside | {"LICENSE", "blender_manifest.toml"}


def test_the_engines_wheel_goes_along_with_its_pins_where_one_is_given(tmp_path: Path) -> None:
    wheel = tmp_path / "stmatte-0.1.0-py3-none-any.whl"
    wheel.write_bytes(b"a wheel")

    with build(tmp_path, "--engine", str(wheel)) as archive:
        assert archive.read(f"wheel/{wheel.name}") == b"a wheel"
        assert b"torch==" in archive.read("wheel/constraints.txt")


def test_a_stage_is_made_anew_and_no_other_folder_is_taken_for_one(tmp_path: Path) -> None:
    words = [sys.executable, str(BUILD), "--stage"]
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "dear").touch()

    first = subprocess.run([*words, str(tmp_path / "stage")], check=False)
    (tmp_path / "stage" / "old.py").touch()
    second = subprocess.run([*words, str(tmp_path / "stage")], check=False)
    third = subprocess.run([*words, str(mine)], capture_output=True, check=False)

    assert (first.returncode, second.returncode) == (0, 0)
    assert not (tmp_path / "stage" / "old.py").exists()
    assert third.returncode != 0
    assert (mine / "dear").exists()


def test_a_python_without_blender_is_an_error_and_no_zip(tmp_path: Path) -> None:
    words = [sys.executable, str(BUILD), str(tmp_path), "--blender", sys.executable]

    done = subprocess.run(words, capture_output=True, text=True, check=False)

    if done.returncode == 0:
        pytest.skip("this Python has Blender")
    assert "No module named 'bpy'" in done.stderr
    assert list(tmp_path.iterdir()) == []
