# SPDX-License-Identifier: Apache-2.0
"""Whether an EXR is all there: Blender says that it saved one even where the disk ran full.

Knows headers and where pixels begin; decodes none. No bpy.
"""

from __future__ import annotations

import struct
from pathlib import Path

from .exr_header import read_header
from .stmatte_host import EngineError


def is_whole(path: Path) -> bool:
    """Return whether every chunk of an EXR of scan lines was written to its end.

    A writer fills in where the chunks lie when it is done, and the last one must end within the
    file. Raises OSError as the system says it.
    """
    try:
        header = read_header(path)
        with path.open("rb") as file:
            file.seek(header.end)
            places = struct.unpack(f"<{header.chunks}Q", file.read(8 * header.chunks))
            file.seek(max(places))
            _, length = struct.unpack("<ii", file.read(8))
            return 0 not in places and path.stat().st_size >= max(places) + 8 + length
    except (EngineError, KeyError, IndexError, ValueError, struct.error):
        return False
