# SPDX-License-Identifier: Apache-2.0
"""What holds for every module of the extension, seen without Blender."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import stmatte
import stmatte_blender

FOLDER = Path(stmatte_blender.__file__).parent
FILES = sorted(FOLDER.glob("*.py"))
BROUGHT = {"bpy", "bpy_extras", "imbuf", "mathutils", "numpy"}  # by Blender itself


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_is_python_3_11_and_imports_what_blender_brings(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"), feature_version=(3, 11))

    absolute = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom) and not getattr(node, "level", 0)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
        )
    }

    assert absolute <= BROUGHT | sys.stdlib_module_names


def test_importing_the_extension_imports_no_blender_and_none_of_its_parts() -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(FOLDER.parent)!r}); import stmatte_blender\n"
        "print(*sorted(name for name in sys.modules if name.startswith(('bpy', 'stmatte'))))"
    )

    done = subprocess.run(
        [sys.executable, "-S", "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["stmatte_blender"]


def test_the_extension_bears_the_engines_version() -> None:
    manifest = (FOLDER / "blender_manifest.toml").read_text("utf-8")

    assert re.search(r'^version = "(.*)"$', manifest, re.MULTILINE)[1] == stmatte.__version__


class Part(ModuleType):
    """A module that only notes what it is asked."""

    def __init__(self, name: str, heard: list[str], fails: tuple[str, ...] = ()) -> None:
        super().__init__(name)
        self.register = lambda: self._hear("register")
        self.unregister = lambda: self._hear("unregister")
        self._heard, self._fails = heard, fails

    def _hear(self, what: str) -> None:
        self._heard.append(f"{what} {self.__name__}")
        if what in self._fails:
            raise ValueError(self.__name__)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    heard: list[str] = []
    fails = {"two": ("unregister",), "three": ("register",)}
    for name in ("one", "two", "three"):
        part = Part(name, heard, fails.get(name, ()))
        monkeypatch.setitem(sys.modules, f"stmatte_blender.{name}", part)
    return heard


def test_parts_go_in_the_opposite_order_even_if_one_does_not_want_to(
    heard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stmatte_blender, "PARTS", ("one", "two"))
    stmatte_blender.register()

    with pytest.raises(ValueError, match="two"):
        stmatte_blender.unregister()

    assert heard == ["register one", "register two", "unregister two", "unregister one"]


def test_if_one_part_fails_none_stays_and_the_first_reason_is_seen(
    heard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stmatte_blender, "PARTS", ("one", "two", "three"))

    with pytest.raises(ValueError, match="three"):
        stmatte_blender.register()

    assert heard[3:] == ["unregister three", "unregister two", "unregister one"]
