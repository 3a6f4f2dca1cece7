# SPDX-License-Identifier: Apache-2.0
"""The extension's folder is put on the path, with the host's side inside as in the zip.

What needs no Blender is imported from `stmatte_blender`, and `EngineError` from
`stmatte_blender.stmatte_host`: it is that one which its modules raise.
"""

from __future__ import annotations

import sys
from pathlib import Path

PLUGIN = Path(__file__).parents[3] / "plugin"
if str(PLUGIN) not in sys.path:
    sys.path.insert(0, str(PLUGIN))

import stmatte_blender  # noqa: E402 (it lies in a folder that was just added)

if str(PLUGIN) not in stmatte_blender.__path__:
    stmatte_blender.__path__.append(str(PLUGIN))
