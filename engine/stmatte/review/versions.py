# SPDX-License-Identifier: Apache-2.0
"""Which version of some mattes came before: v002 before v003, as files are named."""

from __future__ import annotations

import re
from collections.abc import Callable

_VERSION = re.compile(r"(?<![A-Za-z0-9])([vV])(\d{2,4})(?!\d)")


def version_of(pattern: str) -> str:
    """Return the version that a pattern of files names, such as "v003"; "" if it names none."""
    found = _VERSION.findall(pattern)
    return "".join(found[-1]) if found else ""


def before(pattern: str, there: Callable[[str], bool]) -> str | None:
    """Return the pattern of the nearest earlier version that is there; None if none is.

    pattern  names its version by v and digits, in folders and file names alike
    there    tells whether any file of a pattern is there
    """
    version = version_of(pattern)
    if not version:
        return None
    digits = len(version) - 1
    for number in range(int(version[1:]) - 1, -1, -1):
        earlier = f"{version[0]}{number:0{digits}d}"
        found = re.sub(rf"(?<![A-Za-z0-9]){version}(?!\d)", earlier, pattern)
        if there(found):
            return found
    return None
