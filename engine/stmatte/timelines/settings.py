# SPDX-License-Identifier: Apache-2.0
"""Settings that all shots of a timeline share, from a file.

The file is what stands under "settings" in a shot document, or a whole shot document, whose
settings are taken.
"""

from __future__ import annotations

from pathlib import Path

from stmatte.document import FORMAT, parse_shot, read_shot
from stmatte.document.text import parse_json, read_text
from stmatte.errors import ManyError, StmatteError
from stmatte.settings import Settings


def read_settings(path: Path) -> Settings:
    """Read settings from a file. Raises StmatteError, naming the file, if they are none."""
    try:
        value = parse_json(read_text(path))
    except StmatteError as error:
        raise _in(path, error) from None
    if isinstance(value, dict) and "format" in value:
        return read_shot(path).settings
    key = {"frame": 1, "object": "object1", "matte": {"path": "key.png"}}
    around = {"format": FORMAT, "plate": "plate.####.exr", "keys": [key], "settings": value}
    try:
        return parse_shot(around, path.parent).settings
    except StmatteError as error:
        raise _in(path, error) from None


def _in(path: Path, error: StmatteError) -> StmatteError:
    if isinstance(error, ManyError):
        return ManyError(_in(path, problem) for problem in error.problems)
    return StmatteError(
        f'Settings "{path}": {error.what}',
        value=error.value,
        allowed=error.allowed,
        repair=error.repair,
    )
