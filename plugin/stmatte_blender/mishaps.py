# SPDX-License-Identifier: Apache-2.0
"""What pip, Python and the system say when an installation fails, and what it means for a person.

Reads a log that others write; starts nothing and knows no Blender.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from .stmatte_host import EngineError

_FULL = r"No space left on device|There is not enough space on the disk|Errno 28\b"
_FORBIDDEN = r"Permission denied|Access is denied|Read-only file system"
_UNCONNECTED = (
    r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError"
    r"|Temporary failure in name|Network is unreachable|getaddrinfo failed"
)
_UNKNOWN = r"No matching distribution found for (\S+)"


def mishap(sentence: str, log: Path) -> EngineError:
    """Return the error of a step that failed.

    sentence  what the step was, such as "Installing STMatte"
    log       file with what its process said, after a line that begins with "== "
    """
    said = _tail(log, 40_000)
    said = said[said.rfind("\n== ") + 1 :]
    if re.search(_FULL, said):
        return EngineError(
            f"{sentence} failed, the disk is full",
            allowed="with PyTorch for NVIDIA GPUs, the engine takes several gigabytes",
            repair=f'Make room on the disk of "{log.parent}"',
        )
    if re.search(_FORBIDDEN, said):
        return EngineError(
            f'{sentence} failed, something in "{log.parent}" cannot be written',
            repair=look_into(log),
        )
    if re.search(_UNCONNECTED, said):
        return EngineError(
            f"{sentence} failed, pip could not connect",
            allowed="its packages come from the network, unless pip is told of a folder",
            repair="Look at network and proxy, then press again",
        )
    unknown = re.search(_UNKNOWN, said)
    if unknown:
        return EngineError(
            f'{sentence} failed, pip finds no "{unknown[1]}" for this computer and its Python',
            repair="Look at the place of PyTorch in the preferences, or type the lines there "
            "with another Python",
        )
    errors = re.findall(r"^(?:ERROR|error|Error): *(.+)$", said, re.MULTILINE)
    reason = f" ({errors[-1].strip().rstrip('.')})" if errors else ""
    return EngineError(f"{sentence} failed{reason}", repair=look_into(log))


def look_into(log: Path) -> str:
    """Return the repair of what nobody foresaw."""
    return f'Look into "{log}", which holds all that was said'


def last_said(log: Path, most: int = 100) -> str:
    """Return the last line of a log, for progress; "" if the step has said nothing yet."""
    lines = [line.strip() for line in _tail(log, 4_000).splitlines() if line.strip()]
    said = lines[-1] if lines else ""
    return "" if said.startswith("== ") else said[:most]


def _tail(log: Path, most: int) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - most))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
