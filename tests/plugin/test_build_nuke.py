# SPDX-License-Identifier: Apache-2.0
"""The folder for NUKE_PATH, as it is built, and that Nuke's start finds all in it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "plugin" / "build_nuke.py"
NAME = "stmatte_for_nuke"


def build(folder: Path, *words: str) -> Path:
    done = subprocess.run(
        [sys.executable, str(BUILD), str(folder), *words],
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(done.stdout.strip())


def started(folder: Path, file: str, *before: str) -> subprocess.CompletedProcess[str]:
    """Run a start-up file as Nuke does, on a Python with nothing installed; say what it made of it.

    before  lines of Python that come first: they make the Nuke that the file sees
    """
    lines = [
        "import sys, runpy",
        *before,
        f"runpy.run_path({str(folder / file)!r})",
        "import importlib.util as u",
        "found = u.find_spec('stmatte_nuke')",
        "print(found.origin if found else 'not found', 'nuke' in sys.modules)",
    ]
    return subprocess.run(
        [sys.executable, "-S", "-E", "-B", "-c", "\n".join(lines)],
        capture_output=True,
        text=True,
        check=True,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = build(tmp_path / "a"), build(tmp_path / "b")

    assert first.read_bytes() == second.read_bytes()


def test_all_that_nuke_needs_is_in_one_folder_of_the_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(build(tmp_path)) as archive:
        names = set(archive.namelist())

    rooms = {
        f"{room}/{path.name}"
        for room in ("stmatte_nuke", "stmatte_host")
        for path in (ROOT / "plugin" / room).glob("*.py")
    }
    beside = {path.name for path in (ROOT / "nuke_gizmo").iterdir() if path.is_file()}
    assert {"init.py", "menu.py", "STMatte.gizmo", "STMatte.png", "stmatte_render.py"} <= beside
    assert names == {f"{NAME}/{name}" for name in rooms | beside | {"LICENSE"}}


def test_the_folder_is_made_anew_unpacked(tmp_path: Path) -> None:
    folder = build(tmp_path, "--folder")
    (folder / "old.py").touch()

    again = build(tmp_path, "--folder")

    assert again == folder == tmp_path.resolve() / NAME
    assert not (folder / "old.py").exists()
    assert (folder / "stmatte_host" / "__init__.py").is_file()


def test_a_start_without_a_window_finds_the_modules_and_imports_nothing(tmp_path: Path) -> None:
    folder = build(tmp_path, "--folder")

    said = started(folder, "init.py")

    assert said.stdout.split() == [str(folder / "stmatte_nuke" / "__init__.py"), "False"]
    assert said.stderr == ""


def test_a_checkout_works_too() -> None:
    said = started(ROOT / "nuke_gizmo", "init.py")

    assert said.stdout.split()[0] == str(ROOT / "plugin" / "stmatte_nuke" / "__init__.py")


def test_a_folder_with_parts_missing_is_told_and_nuke_starts(tmp_path: Path) -> None:
    (tmp_path / "init.py").write_bytes((ROOT / "nuke_gizmo" / "init.py").read_bytes())

    said = started(tmp_path, "init.py")

    assert "buttons will not work" in said.stderr
    assert "stmatte_nuke is in neither" in said.stderr
    assert "not found" in said.stdout


def test_an_old_nuke_is_told_and_starts() -> None:
    said = started(ROOT / "nuke_gizmo", "init.py", "sys.version_info = (3, 7, 7)")

    assert "Nuke 14 or later" in said.stderr


MENU = """
import types
nuke = types.ModuleType('nuke')
class Menu:
    def __init__(self, name): self.name = name
    def findItem(self, name): return Menu(name) if {draw} else None
    def addCommand(self, *words, **named): print(self.name, words, named)
nuke.menu = Menu
sys.modules['nuke'] = nuke
"""


@pytest.mark.parametrize("draw", [True, False])
def test_the_node_is_in_the_draw_menu_where_there_is_one(draw: bool) -> None:
    said = started(ROOT / "nuke_gizmo", "menu.py", MENU.format(draw=draw))

    place = "Draw" if draw else "Nodes"
    assert said.stdout.splitlines()[0] == (
        f"{place} ('STMatte', \"nuke.createNode('STMatte')\") {{'icon': 'STMatte.png'}}"
    )
    assert "buttons of STMatte nodes will not work" in said.stderr  # init.py did not run here


def test_a_menu_that_cannot_be_made_is_told_and_nuke_starts() -> None:
    said = started(ROOT / "nuke_gizmo", "menu.py", "import types", "sys.modules['nuke'] = types")

    assert "could not be put into Nuke's menu" in said.stderr


def test_start_up_files_can_be_read_by_the_python_of_any_nuke() -> None:
    """Nuke 12 had Python 2: what it cannot even read would stop it."""
    for name in ("init.py", "menu.py"):
        text = (ROOT / "nuke_gizmo" / name).read_text(encoding="utf-8")
        assert text.isascii()
        assert "f'" not in text
        assert 'f"' not in text
        assert "->" not in text


def test_the_icon_is_the_one_that_is_drawn(tmp_path: Path) -> None:
    drawn = tmp_path / "icon.png"
    subprocess.run(
        [sys.executable, str(ROOT / "plugin" / "draw_nuke_icon.py"), str(drawn)], check=True
    )

    assert drawn.read_bytes() == (ROOT / "nuke_gizmo" / "STMatte.png").read_bytes()
