# SPDX-License-Identifier: Apache-2.0
"""What is to be installed, with which Python, and in which steps.

Looks whether what is named is there, and asks a Python whether it fits; installs nothing and
knows no Blender.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .finding import python_in
from .stmatte_host import EngineError
from .stmatte_host.program import clean_environment

_FITS = "import sys, ensurepip, venv; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))"
_PYTHONS = ("python3.11", "python3.13", "python3.12", "python3.10", "python3", "python")
_PIP = ("-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off")


@dataclass(frozen=True)
class Order:
    """What to install, and where.

    folder       the extension's own; the environment becomes a folder in it
    source       STMatte's folder (with pyproject.toml) or its wheel
    python       the Python to make the environment with
    torch_place  where pip finds PyTorch besides its usual place: an address as PyTorch's own
                 install page shows, or a folder of wheels; ""
    """

    folder: Path
    source: Path
    python: str
    torch_place: str = ""


@dataclass(frozen=True)
class Step:
    """One process of an installation."""

    sentence: str
    words: tuple[str, ...]


def checked_source(text: str) -> Path:
    """Return the folder or wheel that is to be installed.

    Raises EngineError if it is neither.
    """
    allowed = "it is STMatte's folder, with pyproject.toml in it, or a wheel, stmatte-….whl"
    repair = "Name it in STMatte's preferences"
    if not text.strip():
        raise EngineError("Nothing to install is named", allowed=allowed, repair=repair)
    path = Path(text.strip()).expanduser()
    if (path / "pyproject.toml").is_file():
        return path
    if path.is_file() and re.fullmatch(r"stmatte-.+\.whl", path.name):
        return path
    raise EngineError(
        f'The engine cannot be installed from "{path}"', allowed=allowed, repair=repair
    )


def fitting_python(first: str, environ: Mapping[str, str]) -> str:
    """Return a Python that can make the environment.

    first  the one that Blender brings, which is tried before those on the path

    Raises EngineError if there is none.
    """
    clean = clean_environment(environ)
    for name in (first, *_PYTHONS):
        program = shutil.which(name, path=clean.get("PATH")) if name else None
        if program and _fits(program, clean):
            return program
    raise EngineError(
        "No Python was found that can make an environment for the engine",
        allowed="Python 3.10 to 3.13 with venv and pip",
        repair="Install one of them, and start Blender again",
    )


def _fits(program: str, environ: Mapping[str, str]) -> bool:
    quiet = subprocess.DEVNULL
    words = [program, "-c", _FITS]
    try:
        done = subprocess.run(
            words,
            env=dict(environ),
            stdin=quiet,
            stdout=quiet,
            stderr=quiet,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def steps(order: Order, place: Path) -> tuple[Step, ...]:
    """Return what is done to install the engine in `place`."""
    python = str(python_in(place))
    pins = (order.source if order.source.is_dir() else order.source.parent) / "constraints.txt"
    pinned = ("-c", str(pins)) if pins.is_file() else ()
    option = "--find-links" if Path(order.torch_place).is_dir() else "--extra-index-url"
    from_there = (option, order.torch_place) if order.torch_place else ()
    return (
        Step("Making an environment", (order.python, "-m", "venv", str(place))),
        Step(
            "Installing PyTorch",
            (python, *_PIP, "torch", *pinned, *from_there),
        ),
        Step("Installing STMatte", (python, *_PIP, str(order.source), *pinned, *from_there)),
        Step("Trying the engine", (python, "-m", "stmatte", "--version")),
    )


def lines_to_type(order: Order) -> tuple[str, ...]:
    """Return the same for a person: the lines to type into a terminal."""
    join = subprocess.list2cmdline if os.name == "nt" else shlex.join
    return tuple(join(step.words) for step in steps(order, order.folder / "engine"))
