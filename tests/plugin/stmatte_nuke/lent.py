# SPDX-License-Identifier: Apache-2.0
"""What a test may ask for by name: `script`, a saved script in a fresh Nuke, and `tmp_path`.

The same for pytest (conftest.py) and for the plain runner (plain.py).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import paths
import seat


@contextlib.contextmanager
def script(folder: Path) -> Iterator[seat.Seat]:
    """Lend a fresh Nuke with a saved script in `folder`, frames 1001-1010, a GUI, one view.

    Afterwards no rule of the main thread may have been broken.
    """
    fresh = seat.new_script(
        folder / "shot_v001.nk", first=1001, last=1010, plugin_path=[paths.GIZMO]
    )
    yield fresh
    assert seat.now().accidents == []
