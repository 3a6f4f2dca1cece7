# SPDX-License-Identifier: Apache-2.0
"""The fake Nuke has no name that Nuke lacks: each is in the stubs, or its source is said here."""

from __future__ import annotations

import ast
import importlib.util
import inspect
from collections.abc import Iterator
from pathlib import Path

import nuke
import nuke.curvelib
import nuke.rotopaint
import paths  # noqa: F401 (it puts the fake on the path)
import pytest

SAID_ELSEWHERE = {
    "GlobalsEnvironment.get": "a dictionary's own",
    "Undo.undo": "NUKE.md: Foundry's Python guide",
}
"""Names that the stubs lack, and who says that Nuke has them."""


def stubs() -> Path:
    """Return the folder of the stubs; skip where types-nuke is not installed."""
    spec = importlib.util.find_spec("_distutils_hack")  # any module of the environment's
    places = [Path(place) for place in importlib.util.sys.path]  # type: ignore[attr-defined]
    places += [Path(spec.origin).parents[1]] if spec and spec.origin else []
    for place in places:
        if (place / "nuke-stubs").is_dir():
            return place / "nuke-stubs"
    pytest.skip("types-nuke is not installed")


def names_in(*files: str) -> tuple[set[str], dict[str, set[str]], dict[str, list[str]]]:
    """Return the names of modules, the names in each class, and each class's parents."""
    names: set[str] = set()
    classes: dict[str, set[str]] = {}
    parents: dict[str, list[str]] = {}
    for file in files:
        tree = ast.parse((stubs() / file).read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                names.add(node.name)
                classes.setdefault(node.name, set()).update(_members(node))
                bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
                parents.setdefault(node.name, []).extend(bases)
            elif isinstance(node, (ast.FunctionDef,)):
                names.add(node.name)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                names.add(node.target.id)
    return names, classes, parents


def _members(node: ast.ClassDef) -> Iterator[str]:
    for each in node.body:
        if isinstance(each, ast.FunctionDef):
            yield each.name
        elif isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            yield each.target.id


NUKE_FILES = ("_nuke.pyi", "_nuke_color.pyi", "callbacks.pyi", "executeInMain.pyi", "utils.pyi",
              "overrides.pyi", "colorspaces.pyi", "scripts.pyi")  # fmt: skip
CURVE_FILES = ("_curvelib.pyi", "_curveknob.pyi", "_nuke.pyi")


def _public(thing: object) -> set[str]:
    found = {name for name in vars(thing) if not name.startswith("_")}
    return found - {"annotations", "Any", "rotopaint", "curvelib"}


@pytest.mark.parametrize(
    ("module", "files"),
    [(nuke, NUKE_FILES), (nuke.rotopaint, CURVE_FILES), (nuke.curvelib, CURVE_FILES)],
    ids=["nuke", "rotopaint", "curvelib"],
)
def test_a_module_has_no_name_that_nuke_lacks(module: object, files: tuple[str, ...]) -> None:
    names, _, _ = names_in(*files)

    assert _public(module) - names == set()


@pytest.mark.parametrize(
    ("module", "files"),
    [(nuke, NUKE_FILES), (nuke.rotopaint, CURVE_FILES)],
    ids=["nuke", "rotopaint"],
)
def test_a_class_has_no_name_that_nuke_lacks(module: object, files: tuple[str, ...]) -> None:
    _, classes, parents = names_in(*files)

    def known(name: str) -> set[str]:
        return classes.get(name, set()).union(*(known(base) for base in parents.get(name, [])))

    for name, member in sorted(vars(module).items()):
        if not inspect.isclass(member) or name.startswith("_"):
            continue
        made = {each for kind in member.__mro__ for each in _public(kind)} - set(dir(Exception))
        unknown = {each for each in made - known(name) if f"{name}.{each}" not in SAID_ELSEWHERE}
        assert unknown == set(), f"{name} has {sorted(unknown)}"


def test_what_generated_code_likes_to_call_does_not_exist() -> None:
    assert not hasattr(nuke.rotopaint.AnimCurve, "keys")
    assert not hasattr(nuke.rotopaint.AnimCTransform, "getMatrixAt")
    assert not hasattr(nuke.Node, "setKnob")
