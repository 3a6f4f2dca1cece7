# SPDX-License-Identifier: Apache-2.0
"""Builds what a Nuke artist puts on NUKE_PATH: `python plugin/build_nuke.py FOLDER`.

The zip holds one folder, `stmatte_for_nuke`: the gizmo with its start-up files, and beside them
`stmatte_nuke`, `stmatte_host` and the licence; `--folder` puts that folder there unpacked. The
same sources give the same bytes: entries are sorted and bear one date.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from pathlib import Path

from build_blender import LEAVINGS, pack

PLUGIN = Path(__file__).resolve().parent
NAME = "stmatte_for_nuke"


def main() -> int:
    """Build the zip or the folder, print its path, and return the exit code."""
    parser = argparse.ArgumentParser(description="Build STMatte's folder for Nuke.")
    parser.add_argument("folder", type=Path, help="where the zip goes")
    parser.add_argument("--folder", dest="unpacked", action="store_true", help="no zip: unpacked")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    if asked.unpacked:
        built = asked.folder.resolve() / NAME
        if (built / "STMatte.gizmo").is_file():  # it was made by this
            shutil.rmtree(built)
        stage(built)
    else:
        built = build(asked.folder)
    sys.stdout.write(f"{built}\n")
    return 0


def build(folder: Path) -> Path:
    """Build the zip in `folder`, and return its path."""
    path = folder.resolve() / f"stmatte-nuke-{version()}.zip"
    with tempfile.TemporaryDirectory() as place:
        stage(Path(place) / NAME)
        pack(Path(place), path)
    return path


def stage(folder: Path) -> Path:
    """Put all that an artist needs into `folder`, which is new, and return it."""
    root = PLUGIN.parent
    shutil.copytree(root / "nuke_gizmo", folder, ignore=LEAVINGS)
    for room in ("stmatte_nuke", "stmatte_host"):
        shutil.copytree(PLUGIN / room, folder / room, ignore=LEAVINGS)
    shutil.copy(root / "LICENSE", folder / "LICENSE")
    return folder


def version() -> str:
    """Return STMatte's version."""
    text = (PLUGIN.parent / "pyproject.toml").read_text(encoding="utf-8")
    named = re.search(r'^version = "(.+)"$', text, re.MULTILINE)
    return named[1] if named else "0"


if __name__ == "__main__":
    sys.exit(main())
