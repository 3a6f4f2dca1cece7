# SPDX-License-Identifier: Apache-2.0
"""The package itself: what a wheel carries, what an import costs, what every file says."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import stmatte

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "engine" / "stmatte"
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
PLATFORMS = ("linux", "darwin", "win32")
SPDX = "# SPDX-License-Identifier: Apache-2.0"


def pyproject(name: str) -> str:
    """Return a value of pyproject.toml that stands alone on its line."""
    found = re.search(rf'^{name} = "(.*)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.M)
    assert found is not None
    return found[1]


def tracked() -> list[Path]:
    """Return the files that git keeps; the test is skipped where there is no git checkout."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout, so nobody can say which files belong to it")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [ROOT / name for name in listed.stdout.decode().split("\0") if (ROOT / name).is_file()]


# --- the wheel ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_wheel_is_pure_python_and_bears_the_version(wheel: zipfile.ZipFile) -> None:
    assert Path(str(wheel.filename)).name == f"stmatte-{stmatte.__version__}-py3-none-any.whl"


def test_wheel_carries_the_package_and_nothing_beside_it(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}

    assert tops == {"stmatte", f"stmatte-{stmatte.__version__}.dist-info"}


def test_wheel_carries_all_that_is_read_at_run_time(wheel: zipfile.ZipFile) -> None:
    endings = (".py", ".typed", ".json", ".safetensors", ".html", ".css", ".js")
    there = {
        path.relative_to(PACKAGE.parent).as_posix()
        for path in PACKAGE.rglob("*")
        if path.suffix in endings
    }
    assert "stmatte/py.typed" in there
    assert any(name.startswith("stmatte/training/recipes/") for name in there)
    assert "stmatte/review/page/shot.html" in there

    assert there <= set(wheel.namelist())


def test_every_weights_file_ships_with_its_provenance(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())

    weights = {name for name in names if name.endswith(".safetensors")}

    assert {name.removesuffix(".safetensors") + ".json" for name in weights} <= names


def test_wheel_carries_no_tests_and_no_leavings(wheel: zipfile.ZipFile) -> None:
    unwanted = re.compile(r"(^|/)(tests?|conftest.*|test_.*|__pycache__|.*\.(pyc|pth|pt))(/|$)")

    assert [name for name in wheel.namelist() if unwanted.search(name)] == []


def test_wheel_carries_the_licence_and_the_command(wheel: zipfile.ZipFile) -> None:
    info = f"stmatte-{stmatte.__version__}.dist-info"

    licence = wheel.read(f"{info}/licenses/LICENSE").decode()
    commands = wheel.read(f"{info}/entry_points.txt").decode()

    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    assert "stmatte = stmatte.__main__:main" in commands


# --- one version, one list of names ---------------------------------------------------


def test_the_version_is_the_same_wherever_it_is_written() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")

    assert stmatte.__version__ == pyproject("version")
    assert stmatte.__version__ == importlib.metadata.version("stmatte")
    assert re.search(rf"^## .*{re.escape(stmatte.__version__)}", changes, re.M)


def test_exported_names_are_sorted_complete_and_there() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text("utf-8"))
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("stmatte")
        for alias in node.names
    }

    assert stmatte.__all__ == sorted(imported)
    assert all(hasattr(stmatte, name) for name in stmatte.__all__)


# --- what an import costs -------------------------------------------------------------


@pytest.mark.parametrize("module", ["stmatte", "stmatte.cli", "stmatte.__main__"])
def test_import_leaves_torch_alone(module: str) -> None:
    script = f"import sys, {module}; print('torch' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert (done.stdout.strip(), done.stderr) == ("False", "")


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["propagate", "--help"]])
def test_help_is_given_where_torch_cannot_even_be_imported(words: list[str]) -> None:
    script = (
        "import runpy, sys\n"
        "sys.modules['torch'] = None  # whoever imports it now gets an ImportError\n"
        f"sys.argv = ['stmatte', *{words!r}]\n"
        "runpy.run_module('stmatte', run_name='__main__')"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert "stmatte" in done.stdout.lower()


# --- what an install brings -----------------------------------------------------------


def pins() -> list[Requirement]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def brought(requirement: str, extras: tuple[str, ...], seen: set[tuple[str, str]]) -> set[str]:
    """Return the names of all packages that a requirement brings into this environment."""
    found: set[str] = set()
    for text in importlib.metadata.requires(requirement) or []:
        need = Requirement(text)
        name = canonicalize_name(need.name)
        if name.startswith(("nvidia-", "cuda-", "triton")):
            continue  # PyTorch pins its own
        wanted = need.marker is None or any(need.marker.evaluate({"extra": e}) for e in extras)
        if wanted and (name, ",".join(need.extras)) not in seen:
            seen.add((name, ",".join(need.extras)))
            found |= {name} | brought(name, ("", *need.extras), seen)
    return found


def test_constraints_pin_all_that_an_install_brings() -> None:
    pinned = {canonicalize_name(pin.name) for pin in pins()}

    assert brought("stmatte", ("", "dev"), set()) - pinned == set()


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_constraints_pin_each_package_once_and_exactly(python: str, platform: str) -> None:
    place = {"python_version": python, "sys_platform": platform}
    valid = [pin for pin in pins() if pin.marker is None or pin.marker.evaluate(place)]

    names = [canonicalize_name(pin.name) for pin in valid]

    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"==[\w.]+", str(pin.specifier)) for pin in valid)


# --- what every file says -------------------------------------------------------------


def test_every_python_file_names_its_licence_first() -> None:
    silent = []
    for path in tracked():
        if path.suffix == ".py":
            lines = path.read_text("utf-8").splitlines()
            if SPDX not in lines[: 2 if lines and lines[0].startswith("#!") else 1]:
                silent.append(str(path.relative_to(ROOT)))

    assert silent == []


def test_no_file_mentions_a_place_on_somebodys_machine() -> None:
    place = re.compile(rb"(?<![\w.])/(?:home|root|work|Users)/\w|\b[A-Za-z]:\\Users\\")

    found = {str(p.relative_to(ROOT)) for p in tracked() if place.search(p.read_bytes())}

    assert found == set()


def test_no_two_tracked_files_differ_only_in_case() -> None:
    names = [str(path.relative_to(ROOT)).lower() for path in tracked()]

    assert len(names) == len(set(names))  # macOS and Windows would keep one of them
