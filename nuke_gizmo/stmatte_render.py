# SPDX-License-Identifier: Apache-2.0
"""Makes mattes on a farm: nuke -t stmatte_render.py [-F 1001-1100] script.nk [NODE ...]."""

import runpy
import sys
from pathlib import Path

_HERE = Path(globals().get("__file__", sys.argv[0])).resolve().parent
runpy.run_path(str(_HERE / "init.py"))  # where the folder is not on NUKE_PATH

from stmatte_nuke import farm  # noqa: E402

sys.exit(farm.run(sys.argv[1:]))
