# SPDX-License-Identifier: Apache-2.0
"""Which engine this Blender uses, and in what environment.

Looked for in this order: what the preferences name, STMATTE_ENGINE, the environment that the
button *Install Engine* made, `stmatte` on the path. Pure, but for looking whether it is there;
knows no Blender and starts nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .stmatte_host import EngineError, words_in
from .stmatte_host.program import VARIABLE, clean_environment, engine_words, found

READY = ".ready"
"""In an environment that was made whole; written last."""

_OWN = re.compile(r"engine-(\d+)")
_REPAIR = "Press Install Engine in STMatte's preferences, or name its program there"
_PATH = "the path"


@dataclass(frozen=True)
class Wishes:
    """What the preferences say.

    engine  the engine's program, or a JSON list of words; "" looks for it
    store   room for computed frames in gigabytes; 0 leaves it to the engine
    device  "AUTO", or "CPU" to keep off the graphics card
    """

    engine: str = ""
    store: int = 0
    device: str = "AUTO"


@dataclass(frozen=True)
class Chosen:
    """The engine to start.

    words    its command, the program with its full path
    environ  the environment to start it in
    why      who named it, for the preferences to show
    """

    words: tuple[str, ...]
    environ: Mapping[str, str]
    why: str


def chosen(wishes: Wishes, environ: Mapping[str, str], folder: Path | None = None) -> Chosen:
    """Return the engine to start.

    environ  Blender's
    folder   the extension's own, in which the button makes environments

    Raises EngineError if there is none, or if the one that is named is not there.
    """
    words, why = _named(wishes, environ, folder)
    try:
        whole = found(words, clean_environment(environ))
    except EngineError:
        said = f'"{words[0]}", named by {why}, ' if why != _PATH else ""
        raise EngineError(
            f"The engine {said}was not found",
            allowed="STMatte's engine is a program of its own, beside Blender",
            repair=_REPAIR,
        ) from None
    return Chosen(whole, started_in(wishes, environ), why)


def _named(
    wishes: Wishes, environ: Mapping[str, str], folder: Path | None
) -> tuple[tuple[str, ...], str]:
    """Return a command, which need not be there, and who names it."""
    if wishes.engine.strip():
        try:
            return words_in(wishes.engine), "the preferences"
        except EngineError:
            raise EngineError(
                f"The engine's command in the preferences cannot be read ({wishes.engine})",
                allowed='it is the path of the program, or a JSON list of words: ["stmatte", '
                '"serve"]',
            ) from None
    if environ.get(VARIABLE, "").strip():
        return engine_words(environ), VARIABLE
    own = None if folder is None else own_environment(folder)
    if own is not None:
        return (str(python_in(own)), "-m", "stmatte", "serve"), "Install Engine"
    return engine_words({}), _PATH


def started_in(wishes: Wishes, environ: Mapping[str, str]) -> dict[str, str]:
    """Return Blender's environment with what the preferences wish of the engine."""
    said = dict(environ)
    if wishes.store > 0:
        said["STMATTE_STORE_LIMIT"] = f"{wishes.store}G"
    if wishes.device == "CPU":
        said["CUDA_VISIBLE_DEVICES"] = "-1"  # empty would do, but Windows has no empty variables
    return said


def own_environment(folder: Path) -> Path | None:
    """Return the newest whole environment that the button made in `folder`, or None."""
    whole = [path for path in own_environments(folder) if (path / READY).is_file()]
    return whole[-1] if whole else None


def own_environments(folder: Path) -> list[Path]:
    """Return all environments in `folder`, whole or not, the oldest first."""
    if not folder.is_dir():
        return []
    numbered = ((_OWN.fullmatch(path.name), path) for path in folder.iterdir())
    return [path for _, path in sorted((int(m[1]), path) for m, path in numbered if m)]


def next_environment(folder: Path) -> Path:
    """Return the place for another environment; a running engine keeps the one it has."""
    there = own_environments(folder)
    number = int(there[-1].name.partition("-")[2]) + 1 if there else 1
    return folder / f"engine-{number}"


def python_in(environment: Path) -> Path:
    """Return the Python of an environment."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def version() -> str:
    """Return the extension's version."""
    text = (Path(__file__).parent / "blender_manifest.toml").read_text(encoding="utf-8")
    named = re.search(r'^version = "(.+)"$', text, re.MULTILINE)
    return named[1] if named else "0"


def other_version(engine: str, ours: str) -> str:
    """Return what to say of an engine of another version; "" if they belong together.

    The first two numbers must be the same; the protocol itself is looked at elsewhere.
    """
    if engine.split(".")[:2] == ours.split(".")[:2]:
        return ""
    return (
        f"The engine is STMatte {engine}, the extension is STMatte {ours}. "
        "Bring both to the same version: install the newer extension, or press Install Engine "
        "in its preferences."
    )
