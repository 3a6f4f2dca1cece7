# SPDX-License-Identifier: Apache-2.0
"""A host asks for splines, and needs no arrays for it."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from staged import QUICK, Stage, until

from shots import soft_disc
from stmatte.images.mattes import write_mattes
from stmatte_host import EngineError

DESK = Path(__file__).parents[2] / "desks.py"


def test_an_outline_is_a_job_whose_file_is_there_at_its_end(stage: Stage) -> None:
    for frame in (1, 2, 3):
        write_mattes(stage.folder / f"m.{frame:04d}.exr", {"hero": soft_disc(30 + frame)})
    words = (sys.executable, str(DESK), str(stage.folder / "serve.log"))
    session = stage.session(replace(QUICK, starting=60), words=words)
    told: list[Any] = []
    out = stage.folder / "hero.json"
    mattes = str(stage.folder / "m.####.exr")

    name = session.start_outline(mattes, "hero", str(out), told.append, frames="1-2")
    until(session, lambda: any(hasattr(event, "outcome") for event in told), 60)

    *read, over = told
    assert [(event.job, event.frame, event.done, event.frames) for event in read] == [
        (name, 1, 1, 2),
        (name, 2, 2, 2),
    ]
    assert (over.job, over.outcome, over.error) == (name, "done", None)
    assert json.loads(out.read_text("utf-8"))["layers"][0]["keys"] == [1, 2]

    told.clear()
    session.start_outline(mattes, "nobody", str(out), told.append)
    until(session, lambda: any(hasattr(event, "outcome") for event in told), 60)
    assert told[-1].outcome == "failed"
    assert 'has no object "nobody"' in str(told[-1].error)

    session.close()
    with pytest.raises(EngineError, match="closed"):
        session.start_outline(mattes, "hero", str(out), told.append)
