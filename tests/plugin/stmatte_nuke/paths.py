# SPDX-License-Identifier: Apache-2.0
"""Where the plug-in, its gizmo and the fake Nuke lie; importing this puts them on the path."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOUSE = HERE.parents[2]
PLUGIN = HOUSE / "plugin"
GIZMO = HOUSE / "nuke_gizmo"
FAKE = HERE / "fake"

for folder in (FAKE, PLUGIN, HERE):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
