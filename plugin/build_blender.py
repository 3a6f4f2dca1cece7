# SPDX-License-Identifier: Apache-2.0
"""Builds the zip that a Blender artist installs: `python plugin/build_blender.py FOLDER`.

The zip holds `stmatte_blender`, with `stmatte_host` inside and the licence beside; with
`--engine WHEEL` also the engine's wheel and its pins, which its button then installs. With
`--blender PYTHON`, a Python that has Blender's module, Blender's own command builds and
validates it. The same sources give the same bytes: entries are sorted and bear one date.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PLUGIN = Path(__file__).resolve().parent
DATE = (2026, 1, 1, 0, 0, 0)
LEAVINGS = shutil.ignore_patterns("__pycache__", ".*", "*.pyc", "*.zip")
FIND = (
    "import bpy, pathlib\n"
    "folder = pathlib.Path(bpy.utils.system_resource('SCRIPTS'))\n"
    "print('command:', folder / 'addons_core' / 'bl_pkg' / 'cli' / 'blender_ext.py', flush=True)\n"
    "import os; os._exit(0)\n"
)


def main() -> int:
    """Build the zip, print its path, and return the exit code."""
    parser = argparse.ArgumentParser(description="Build STMatte's extension for Blender.")
    parser.add_argument("folder", type=Path, help="where the zip goes")
    parser.add_argument("--blender", metavar="PYTHON", help="a Python that has the module bpy")
    parser.add_argument("--engine", metavar="WHEEL", type=Path, help="the engine's wheel")
    parser.add_argument("--stage", action="store_true", help="put there what the zip would hold")
    asked = parser.parse_args()
    if asked.stage:
        if (asked.folder / "blender_manifest.toml").is_file():  # it was made by this
            shutil.rmtree(asked.folder)
        stage(asked.folder, asked.engine)
        return 0
    try:
        built = build(asked.folder, asked.blender, asked.engine)
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"{error.stdout or ''}{error.stderr or ''}{error}\n")
        return 1
    sys.stdout.write(f"{built}\n")
    return 0


def build(folder: Path, blender: str | None = None, engine: Path | None = None) -> Path:
    """Build the zip in `folder`, and return its path.

    blender  a Python that has the module bpy; None builds it without Blender's checks
    engine   the engine's wheel, to go along; None leaves it out

    Raises subprocess.CalledProcessError if Blender refuses it, with its words.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        staging = stage(Path(place) / "stmatte", engine)
        path = folder.resolve() / f"stmatte-blender-{version(staging)}.zip"
        if blender is None:
            pack(staging, path)
            return path
        command = blender_command(blender)
        first = Path(place) / "first.zip"
        told = ("--source-dir", str(staging), "--output-filepath", str(first))
        _run(blender, command, "build", *told)
        with zipfile.ZipFile(first) as archive:
            archive.extractall(Path(place) / "taken")
        pack(Path(place) / "taken", path)
        _run(blender, command, "validate", str(path))
    return path


def stage(folder: Path, engine: Path | None = None) -> Path:
    """Put all that belongs into the zip into `folder`, which is new, and return it."""
    shutil.copytree(PLUGIN / "stmatte_blender", folder, ignore=LEAVINGS)
    shutil.copytree(PLUGIN / "stmatte_host", folder / "stmatte_host", ignore=LEAVINGS)
    shutil.copy(PLUGIN.parent / "LICENSE", folder / "LICENSE")
    if engine is not None:
        (folder / "wheel").mkdir()
        shutil.copy(engine, folder / "wheel" / engine.name)
        shutil.copy(PLUGIN.parent / "constraints.txt", folder / "wheel" / "constraints.txt")
    return folder


def version(staging: Path) -> str:
    """Return the version that the manifest names."""
    text = (staging / "blender_manifest.toml").read_text(encoding="utf-8")
    named = re.search(r'^version = "(.+)"$', text, re.MULTILINE)
    return named[1] if named else "0"


def pack(folder: Path, path: Path) -> None:
    """Write what is in `folder` to a zip whose bytes depend on nothing else."""
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), DATE)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # Unix, wherever it is built
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED, 9)


def blender_command(python: str) -> str:
    """Return the path of Blender's own command for extensions, a plain script that it ships.

    Raises subprocess.CalledProcessError if that Python has no Blender.
    """
    said = _run(python, "-c", FIND)
    found = re.search(r"^command: (.+)$", said, re.MULTILINE)
    if found is None or not Path(found[1]).is_file():
        raise subprocess.CalledProcessError(1, python, said, "No blender_ext.py is there.\n")
    return found[1]


def _run(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
