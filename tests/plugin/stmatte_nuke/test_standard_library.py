# SPDX-License-Identifier: Apache-2.0
"""The plug-in is Python 3.9 and imports its own library, Nuke and the host's side: no more."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import paths
import pytest

FILES = sorted((paths.PLUGIN / "stmatte_nuke").glob("*.py"))
TOLD_APART = {"typing": {"ParamSpec", "TypeAlias", "TypeGuard", "Self", "Never", "override"}}
SINCE_3_10 = {"tomllib", "compression", "annotationlib"}


def imports(tree: ast.AST) -> Iterator[tuple[int, str, set[str]]]:
    """Yield (level, module, names) of all imports; level 0 is absolute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield 0, alias.name, set()
        elif isinstance(node, ast.ImportFrom):
            yield node.level, node.module or "", {alias.name for alias in node.names}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_is_python_3_9_and_imports_nothing_that_must_be_installed(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text, feature_version=(3, 9))

    for level, module, names in imports(tree):
        if level:
            assert level == 1  # the folder may be called otherwise
            continue
        top = module.split(".")[0]
        assert top in sys.stdlib_module_names | {"nuke", "stmatte_host"}
        assert top not in SINCE_3_10
        assert not names & TOLD_APART.get(module, set())
    assert "from __future__ import annotations\n" in text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_newer_than_3_9_is_asked_for(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("dataclass", "zip"):
            assert not {word.arg for word in node.keywords} & {"slots", "kw_only", "strict"}
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance":
            assert not isinstance(node.args[1], ast.BinOp)  # `int | str` is no type in 3.9


def test_what_says_that_it_is_pure_imports_no_nuke() -> None:
    for path in FILES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        said = ast.get_docstring(tree) or ""
        asked = {module.split(".")[0] for level, module, _ in imports(tree) if not level}
        assert not ("Pure" in said and "nuke" in asked), path.name
