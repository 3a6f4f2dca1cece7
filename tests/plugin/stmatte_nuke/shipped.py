# SPDX-License-Identifier: Apache-2.0
"""Press and send to a farm with the folder that is shipped, and nothing of the checkout's plug-in.

    python -S -E shipped.py SHIPPED FOLDER

SHIPPED  the folder as an artist puts it on NUKE_PATH
FOLDER   gets a script

Prints JSON: what the node said, and how the farm's task ended. In a Nuke that is a fake.
"""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHIPPED, FOLDER = Path(sys.argv[1]), Path(sys.argv[2])
sys.path[:0] = [str(HERE / "fake"), str(HERE)]


def main() -> None:
    """Do as Nuke does at its start, then press, save, and run the farm's script."""
    runpy.run_path(str(SHIPPED / "init.py"))
    import stmatte_host
    import stmatte_nuke.presses

    for module in (stmatte_nuke, stmatte_nuke.presses, stmatte_host):
        assert str(module.__file__).startswith(str(SHIPPED)), module.__file__

    import paths

    paths.GIZMO = SHIPPED

    import nuke
    import pressed
    import seat

    from stmatte_nuke import engine

    with pressed.stage(FOLDER) as stage:
        stage.press("propagate")
        said = stage.text("status")
        nuke.scriptSave(str(FOLDER / "shot_v001.nk"))
        engine.close()
        seat.new_script(gui=False, plugin_path=[SHIPPED])
        sys.argv = ["stmatte_render.py", "-F", "1003-1005", str(FOLDER / "shot_v001.nk")]
        code: object = None
        try:
            runpy.run_path(str(SHIPPED / "stmatte_render.py"), run_name="__main__")
        except SystemExit as end:
            code = end.code
        frames = [asked.get("frames") for asked in stage.asked("job/start")]
    sys.stdout.write(json.dumps({"said": said, "code": code, "frames": frames}) + "\n")


main()
