# SPDX-License-Identifier: Apache-2.0
"""The fake Nuke has no name that Nuke lacks: each is in the stubs of its Python."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import nuke
import nuke.curvelib
import nuke.rotopaint
import nuke.rotopaint as rp
import paths  # noqa: F401 (it puts the fake on the path)
import pytest
import seat


def stubs() -> Path:
    """Return the folder of the stubs; skip where types-nuke is not installed."""
    try:
        return Path(str(distribution("types-nuke").locate_file("nuke-stubs")))
    except PackageNotFoundError:
        pytest.skip("types-nuke is not installed")


def names_in(*files: str) -> tuple[set[str], dict[str, set[str]], dict[str, list[str]]]:
    """Return the names of modules, the names in each class, and each class's parents.

    Of two classes of a name, the one in the file that is named first counts.
    """
    names: set[str] = set()
    classes: dict[str, set[str]] = {}
    parents: dict[str, list[str]] = {}
    for file in files:
        tree = ast.parse((stubs() / file).read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                names.add(node.name)
                bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
                classes.setdefault(node.name, set(_members(node)))
                parents.setdefault(node.name, bases)
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
CURVE_FILES = ("_curvelib.pyi", "_curveknob.pyi", "_nuke.pyi")  # both have a Layer


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
        unknown = made - known(name)
        assert unknown == set(), f"{name} has {sorted(unknown)}"


def test_what_is_made_has_no_attribute_that_nuke_lacks() -> None:
    seat.new_script("/shots/a.nk")
    _, classes, _ = names_in(*CURVE_FILES)
    curves = nuke.nodes.Roto()["curves"]
    made = [rp.AnimCurve(), rp.AnimCurveKey(), rp.ShapeControlPoint(), rp.AnimControlPoint()]
    made += [rp.AnimCTransform(), rp.AnimCTransform().evaluate(1), rp.Shape(curves), curves]

    for each in made:
        kinds = [kind.__name__ for kind in type(each).__mro__]
        known = {name for kind in kinds for name in classes.get(kind, set())}
        assert _public(each) - known == set(), kinds[0]
    keys = nuke.AnimationKey(1, 2)
    assert _public(keys) <= names_in(*NUKE_FILES)[1]["AnimationKey"]


def test_what_generated_code_likes_to_call_does_not_exist() -> None:
    assert not hasattr(nuke.rotopaint.AnimCurve, "keys")
    assert not hasattr(nuke.rotopaint.AnimCTransform, "getMatrixAt")
    assert not hasattr(nuke.Node, "setKnob")
