# SPDX-License-Identifier: Apache-2.0
"""What holds for every module of the extension, seen without Blender."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

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
